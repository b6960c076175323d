"""bucketize against counting the boundaries that a value reaches."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.bucketize import OP, BucketizeAttrs
from kmin.ops.tensor import TensorSpec

BOUNDARIES = (-1.5, 0.0, 0.1, 2.0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int32", "int64"])
def test_values(dtype: str) -> None:
    x = np.array([[-9, -2, -1, 0], [1, 2, 3, 100]]).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x = np.concatenate([x, np.array([[-1.5, 0.1, 1.999, 2.0]]).astype(dtype)])
    (got,) = OP.run([x], BucketizeAttrs(BOUNDARIES))
    assert got.dtype == np.int32
    for place, value in np.ndenumerate(x):
        assert got[place] == sum(float(value) >= float(np.float32(b)) for b in BOUNDARIES)


def test_edges() -> None:
    values = np.array([np.nan, np.inf, -np.inf])
    np.testing.assert_array_equal(OP.run([values], BucketizeAttrs(BOUNDARIES))[0], [4, 4, 0])
    np.testing.assert_array_equal(OP.run([values], BucketizeAttrs(()))[0], [0, 0, 0])
    assert OP.infer([TensorSpec((None, 3))], BucketizeAttrs(BOUNDARIES)) == (TensorSpec((None, 3), "int32"),)
    for spec, boundaries in [(TensorSpec((None,), "bool"), (1.0,)), (TensorSpec((None,)), (2.0, 1.0))]:
        with pytest.raises(InputError, match="bucketize needs"):
            OP.infer([spec], BucketizeAttrs(boundaries))
