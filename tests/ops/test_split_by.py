"""split_by: pieces of sizes that are values."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.split_by import OP, SplitByAttrs
from kmin.ops.tensor import TensorSpec

X = np.arange(12).reshape(2, 6)


@pytest.mark.parametrize("sizes", [[1, 2, 3], [0, -1, 4], [-1, 0, 0], [6, 0, 0], [2, 2, 2]])
def test_sizes(sizes: list[int]) -> None:
    attrs = SplitByAttrs(1, 3)
    got = OP.run([X, np.array(sizes, np.int32)], attrs)
    left = 6 - sum(size for size in sizes if size > 0)
    assert [piece.shape[1] for piece in got] == [left if size < 0 else size for size in sizes]
    np.testing.assert_array_equal(np.concatenate(got, 1), X)
    specs = OP.infer([TensorSpec((2, None), "int64"), TensorSpec((3,), "int32")], attrs)
    assert specs == (TensorSpec((2, None), "int64"),) * 3


def test_alike() -> None:
    got = OP.run([X], SplitByAttrs(0, 2))
    np.testing.assert_array_equal(np.concatenate(got), X)
    assert [piece.shape for piece in got] == [(1, 6), (1, 6)]


@pytest.mark.parametrize("sizes", [[1, 2, 4], [1, 2, 2], [-1, -1, 6], [-1, 3, 4], [-2, 4, 4]])
def test_sizes_that_do_not_fit(sizes: list[int]) -> None:
    with pytest.raises(InputError, match="an axis of 6 cannot be cut into 3 pieces"):
        OP.run([X, np.array(sizes)], SplitByAttrs(1, 3))


def test_refusals() -> None:
    with pytest.raises(InputError, match="cannot be cut into 4"):
        OP.run([X], SplitByAttrs(1, 4))
    for attrs in (SplitByAttrs(2, 2), SplitByAttrs(0, 0)):
        with pytest.raises(InputError, match="needs an axis"):
            OP.infer([TensorSpec((2, 6))], attrs)
    for row in (TensorSpec((2,), "int32"), TensorSpec((3,), "float32")):
        with pytest.raises(InputError, match="3 whole numbers"):
            OP.infer([TensorSpec((2, 6)), row], SplitByAttrs(1, 3))
