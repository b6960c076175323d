"""repeat: each slice several times in a row."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.repeat import OP, RepeatAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_values(axis: int, count: int) -> None:
    x = np.arange(24, dtype="i4").reshape(2, 3, 4)[:, ::-1]
    (got,) = OP.run([x], RepeatAttrs(count, axis))
    wanted = np.stack([x] * count, axis % 3 + 1).reshape(got.shape) if count else np.empty(got.shape)
    np.testing.assert_array_equal(got, wanted)
    assert OP.infer([TensorSpec(x.shape, "int32")], RepeatAttrs(count, axis)) == (TensorSpec(got.shape, "int32"),)


def test_unknown_sizes_and_refusals() -> None:
    assert OP.infer([TensorSpec((None, None, 4))], RepeatAttrs(2, 1))[0].shape == (None, None, 4)
    assert OP.run([np.zeros((0, 1, 4))], RepeatAttrs(3, 1))[0].shape == (0, 3, 4)
    for count, axis in [(2, 3), (2, -4), (-1, 1)]:
        with pytest.raises(InputError, match="repeat needs"):
            OP.infer([TensorSpec((None, 3, 4))], RepeatAttrs(count, axis))
