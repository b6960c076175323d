"""diagonal: vectors to matrices and back."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.diagonal import OP, DiagonalAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("offset", [-4, -1, 0, 2])
@pytest.mark.parametrize("shape", [(3,), (3, 5), (4, 2)])
def test_values(shape: tuple[int, ...], offset: int) -> None:
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    (got,) = OP.run([x], DiagonalAttrs(offset))
    if len(shape) == 1:
        size = shape[0] + abs(offset)
        wanted = np.zeros((size, size))
        for i, value in enumerate(x):
            wanted[i - min(offset, 0), i + max(offset, 0)] = value
    else:
        wanted = np.array([x[i, i + offset] for i in range(shape[0]) if 0 <= i + offset < shape[1]])
    np.testing.assert_array_equal(got, wanted)
    (spec,) = OP.infer([TensorSpec(shape, "float64")], DiagonalAttrs(offset))
    assert spec == TensorSpec(got.shape, "float64")


def test_unknown_sizes_and_refusals() -> None:
    assert OP.infer([TensorSpec((None,))], DiagonalAttrs())[0].shape == (None, None)
    assert OP.infer([TensorSpec((None, 3))], DiagonalAttrs())[0].shape == (None,)
    with pytest.raises(InputError, match="a vector or a matrix"):
        OP.infer([TensorSpec((None, 3, 3))], DiagonalAttrs())
