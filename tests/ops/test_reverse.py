"""reverse against np.flip."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import OPS
from kmin.ops.reverse import ReverseAttrs
from kmin.ops.tensor import TensorSpec


def spec_of(array):
    return TensorSpec((None, *array.shape[1:]), array.dtype.name)


def run(attrs, *arrays):
    """The op's one result, checked against its inferred spec."""
    (result,) = OPS["reverse"].run(list(arrays), attrs)
    (spec,) = OPS["reverse"].infer([spec_of(array) for array in arrays], attrs)
    assert spec == spec_of(result)
    return result


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_reverse(axis: int) -> None:
    x = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(run(ReverseAttrs(axis), x), np.flip(x, axis))


@pytest.mark.parametrize("axis", [-1, 3])
def test_reverse_refuses_other_axes(axis: int) -> None:
    with pytest.raises(InputError):
        OPS["reverse"].infer([TensorSpec((None, 3, 4))], ReverseAttrs(axis))
