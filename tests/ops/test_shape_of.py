"""shape_of: sizes as numbers."""

from __future__ import annotations

import numpy as np

from kmin.ops.shape_of import OP, ShapeOfAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    (got,) = OP.run([np.zeros((2, 0, 3))], ShapeOfAttrs("int64"))
    np.testing.assert_array_equal(got, [2, 0, 3])
    assert got.dtype == np.int64
    assert OP.infer([TensorSpec((None, 4))], ShapeOfAttrs()) == (TensorSpec((2,), "int32"),)
