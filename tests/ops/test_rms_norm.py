"""rms_norm against sums over Python floats."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.rms_norm import OP, RmsNormAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(10)
X = RNG.normal(size=(2, 3, 4)) * 2 + 1


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("axes", [(2,), (1,), (1, 2)])
def test_formula(axes: tuple[int, ...], dtype: str) -> None:
    x = X.astype(dtype)
    scale = RNG.normal(size=(3, 4)).astype(dtype)
    (got,) = OP.run([x, scale], RmsNormAttrs(axes, 0.1))
    wanted = np.empty(x.shape)
    for n, i, j in np.ndindex(*x.shape):
        rows = range(3) if 1 in axes else [i]
        columns = range(4) if 2 in axes else [j]
        values = [float(x[n, r, c]) ** 2 for r in rows for c in columns]
        wanted[n, i, j] = float(x[n, i, j]) / (sum(values) / len(values) + 0.1) ** 0.5 * float(scale[i, j])
    tolerance = {"float16": 3e-3, "float32": 2e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    assert got.dtype == x.dtype


def test_shapes_and_refusals() -> None:
    spec = TensorSpec((None, None, 4))
    assert OP.infer([spec, TensorSpec((4,))], RmsNormAttrs((2,), 1e-6)) == (spec,)
    assert OP.run([X[:0], None], RmsNormAttrs((2,), 1e-6))[0].shape == (0, 3, 4)
    assert OP.macs([spec], (), RmsNormAttrs((2,), 1e-6)) is None
    for bad, axes in [(spec, ()), (spec, (0,)), (spec, (3,)), (TensorSpec((None, 4), "int32"), (1,))]:
        with pytest.raises(InputError, match="rms_norm needs"):
            OP.infer([bad, None], RmsNormAttrs(axes, 1e-6))
