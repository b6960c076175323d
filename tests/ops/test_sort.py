"""sort: values and places, both ways."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.sort import OP, SortAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    x = np.array([[3, 1, 2], [0, 5, -1]], "f4")
    np.testing.assert_array_equal(OP.run([x], SortAttrs())[0], [[1, 2, 3], [-1, 0, 5]])
    np.testing.assert_array_equal(OP.run([x], SortAttrs(-1, True))[0], [[3, 2, 1], [5, 0, -1]])
    np.testing.assert_array_equal(OP.run([x], SortAttrs(0))[0], [[0, 1, -1], [3, 5, 2]])


def test_equal_values_keep_their_order() -> None:
    x = np.array([[2, 1, 2, 1]], "i4")
    np.testing.assert_array_equal(OP.run([x], SortAttrs(-1, False, True))[0], [[1, 3, 0, 2]])
    np.testing.assert_array_equal(OP.run([x], SortAttrs(-1, True, True))[0], [[0, 2, 1, 3]])
    assert OP.infer([TensorSpec((None, 4))], SortAttrs(1, places=True)) == (TensorSpec((None, 4), "int32"),)
    with pytest.raises(InputError, match="an axis"):
        OP.infer([TensorSpec((None, 4))], SortAttrs(2))
