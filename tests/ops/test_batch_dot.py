"""batch_dot against numpy.tensordot, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.batch_dot import OP, BatchDotAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(2)


@pytest.mark.parametrize(
    ("left", "right", "axes"),
    [
        ((3, 4), (3, 4), (1, 1)),
        ((2, 3, 4), (2, 4), (2, 1)),
        ((2, 4), (2, 3, 4), (1, 2)),
        ((2, 3, 4), (2, 4, 5), (2, 1)),
        ((2, 4, 3), (2, 5, 4), (1, 2)),
        ((2, 3, 2, 4), (2, 5, 4), (3, 2)),
        ((2, 3, 4, 2), (2, 2, 3, 4), (2, 3)),
        ((0, 3, 4), (0, 4, 5), (2, 1)),
    ],
)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values(left: tuple, right: tuple, axes: tuple[int, int], dtype: str) -> None:
    x, y = RNG.normal(size=left).astype(dtype), RNG.normal(size=right).astype(dtype)
    (got,) = OP.run([x, y], BatchDotAttrs(axes))
    (spec,) = OP.infer([TensorSpec((None, *a.shape[1:]), dtype) for a in (x, y)], BatchDotAttrs(axes))
    assert got.dtype == dtype
    assert got.shape[1:] == spec.shape[1:]
    assert got.shape[0] == left[0]
    for i in range(left[0]):
        wanted = np.tensordot(x[i].astype("f8"), y[i].astype("f8"), ([axes[0] - 1], [axes[1] - 1]))
        tolerance = {"float16": 5e-3, "float32": 2e-6, "float64": 1e-13}[dtype]
        np.testing.assert_allclose(got[i], wanted.reshape(got.shape[1:]), rtol=tolerance, atol=tolerance)


def test_macs() -> None:
    specs = [TensorSpec((None, 3, 4)), TensorSpec((None, 4, 5))]
    assert OP.macs(specs, OP.infer(specs, BatchDotAttrs((2, 1))), BatchDotAttrs((2, 1))) == 60


@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (3, 1), (1, 3), (1, 1)])
def test_refusals(axes: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="batch_dot needs"):
        OP.infer([TensorSpec((None, 3, 4)), TensorSpec((None, 4, 5))], BatchDotAttrs(axes))
