"""dense against sums over Python floats."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.dense import OP, DenseAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (3, 5), (2, 3, 5), (2, 2, 3, 5), (2, 0, 5)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bias", [True, False])
def test_values(shape: tuple[int, ...], dtype: str, bias: bool) -> None:
    x, kernel, b = (RNG.normal(size=s).astype(dtype) for s in (shape, (5, 4), (4,)))
    (got,) = OP.run([x, kernel, b if bias else None], DenseAttrs("leaky_relu", (0.5,)))
    assert got.dtype == dtype
    assert got.shape == (*shape[:-1], 4)
    for place in np.ndindex(*got.shape):
        total = sum(float(x[(*place[:-1], k)]) * float(kernel[k, place[-1]]) for k in range(5))
        total += float(b[place[-1]]) if bias else 0
        tolerance = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-13}[dtype]
        assert got[place] == pytest.approx(total if total > 0 else 0.5 * total, rel=tolerance, abs=tolerance)


def test_strided_input() -> None:
    x, kernel = RNG.normal(size=(5, 3)).astype("f4").T, RNG.normal(size=(4, 5)).astype("f4").T
    (got,) = OP.run([x, kernel, None], DenseAttrs())
    np.testing.assert_allclose(got, np.einsum("ik,kj->ij", x, kernel), rtol=1e-5, atol=1e-6)


def test_specs_and_macs() -> None:
    kernel = TensorSpec((5, 4))
    assert OP.infer([TensorSpec((None, None, 5)), kernel, None], DenseAttrs())[0].shape == (None, None, 4)
    assert OP.macs([TensorSpec((None, 3, 5)), kernel, None], [], DenseAttrs()) == 60
    assert OP.macs([TensorSpec((None, None, 5)), kernel, None], [], DenseAttrs()) is None
    with pytest.raises(InputError, match="last axis of 5"):
        OP.infer([TensorSpec((None, 6)), kernel, None], DenseAttrs())
