"""triangle: what is above or below goes."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.triangle import OP, TriangleAttrs


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("diagonal", [-1, 0, 2])
def test_values(upper: bool, diagonal: int) -> None:
    x = np.arange(1, 25).reshape(2, 3, 4)
    (got,) = OP.run([x], TriangleAttrs(upper, diagonal))
    for row in range(3):
        for column in range(4):
            stays = column - row >= diagonal if upper else column - row <= diagonal
            np.testing.assert_array_equal(got[:, row, column], x[:, row, column] if stays else 0)


def test_refusals() -> None:
    with pytest.raises(InputError, match="matrices"):
        OP.infer([TensorSpec((None,))], TriangleAttrs(True))
