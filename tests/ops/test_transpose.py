"""transpose against index arithmetic."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.transpose import OP, TransposeAttrs


@pytest.mark.parametrize("perm", list(itertools.permutations(range(3))))
def test_values(perm: tuple[int, ...]) -> None:
    x = np.arange(24).reshape(2, 3, 4)
    (got,) = OP.run([x], TransposeAttrs(perm))
    assert OP.infer([TensorSpec(x.shape, "int64")], TransposeAttrs(perm)) == (TensorSpec(got.shape, "int64"),)
    for index in np.ndindex(*got.shape):
        source = [0, 0, 0]
        for at, axis in zip(index, perm, strict=True):
            source[axis] = at
        assert got[index] == x[tuple(source)]


def test_unknown_sizes_move_along() -> None:
    assert OP.infer([TensorSpec((None, 3, None))], TransposeAttrs((2, 0, 1)))[0].shape == (None, None, 3)
    assert OP.run([np.zeros((0, 3, 2))], TransposeAttrs((0, 2, 1)))[0].shape == (0, 2, 3)


@pytest.mark.parametrize("perm", [(0, 1), (0, 1, 1), (0, 1, 3), (0, -1, 1)])
def test_refuses_what_is_no_permutation(perm: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="each of the 3 axes"):
        OP.infer([TensorSpec((None, 3, 4))], TransposeAttrs(perm))
