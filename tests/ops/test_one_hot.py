"""one_hot: against a loop."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.one_hot import OP, OneHotAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("axis", [-1, 0, 1, 2])
def test_values(axis: int) -> None:
    ids = np.array([[0, 2, -1], [3, 1, 7]], "i4")
    (got,) = OP.run([ids], OneHotAttrs(4, axis, "float32", 2.0, -1.0))
    wanted = np.full((2, 3, 4), -1, "f4")
    for row in range(2):
        for column in range(3):
            if 0 <= ids[row, column] < 4:
                wanted[row, column, ids[row, column]] = 2
    np.testing.assert_array_equal(got, np.moveaxis(wanted, -1, axis))
    assert got.dtype == np.float32


def test_shapes_and_refusals() -> None:
    assert OP.infer([TensorSpec((None, 3), "int64")], OneHotAttrs(4, 1)) == (TensorSpec((None, 4, 3)),)
    with pytest.raises(InputError, match="needs integers"):
        OP.infer([TensorSpec((None, 3))], OneHotAttrs(4))
