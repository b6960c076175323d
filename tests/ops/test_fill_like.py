"""fill_like: shapes and dtypes."""

from __future__ import annotations

import numpy as np

from kmin.ops import OPS
from kmin.ops.fill_like import FillLikeAttrs
from kmin.ops.tensor import TensorSpec


def spec_of(array):
    return TensorSpec((None, *array.shape[1:]), array.dtype.name)


def run(attrs, *arrays):
    """The op's one result, checked against its inferred spec."""
    (result,) = OPS["fill_like"].run(list(arrays), attrs)
    (spec,) = OPS["fill_like"].infer([spec_of(array) for array in arrays], attrs)
    assert spec == spec_of(result)
    return result


def test_fill_like() -> None:
    result = run(FillLikeAttrs(1.0, "bool"), np.zeros((2, 3), "f4"))
    assert result.tolist() == [[True] * 3] * 2
    assert run(FillLikeAttrs(0.0, "float32"), np.zeros((0, 3), "i4")).shape == (0, 3)
