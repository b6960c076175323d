"""glu: halves of an axis."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.glu import OP, GluAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(4).normal(size=(2, 4, 6)) * 4


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values(axis: int, dtype: str) -> None:
    x = X.astype(dtype)
    (got,) = OP.run([x], GluAttrs(axis))
    assert got.dtype == dtype
    assert OP.infer([TensorSpec((None, 4, 6), dtype)], GluAttrs(axis))[0].shape[1:] == got.shape[1:]
    half = x.shape[axis] // 2
    for place in np.ndindex(*got.shape):
        other = list(place)
        other[axis] += half
        wanted = float(x[place]) / (1 + math.exp(-float(x[tuple(other)])))
        tolerance = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}[dtype]
        assert float(got[place]) == pytest.approx(wanted, rel=tolerance, abs=1e-7 if dtype == "float16" else 0)


def test_shapes() -> None:
    assert OP.infer([TensorSpec((None, None, 6))], GluAttrs(1))[0].shape == (None, None, 6)
    assert OP.run([X[:0]], GluAttrs())[0].shape == (0, 4, 3)
    for spec, axis in [(TensorSpec((None, 5)), -1), (TensorSpec((None, 4)), 0), (TensorSpec((None, 4), "int32"), 1)]:
        with pytest.raises(InputError, match="glu needs"):
            OP.infer([spec], GluAttrs(axis))
    with pytest.raises(InputError, match="even axis"):
        OP.run([X[:, :3]], GluAttrs(1))
