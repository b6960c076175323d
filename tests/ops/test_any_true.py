"""any_true against np.any."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import OPS
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.tensor import TensorSpec


def spec_of(array):
    return TensorSpec((None, *array.shape[1:]), array.dtype.name)


def run(attrs, *arrays):
    """The op's one result, checked against its inferred spec."""
    (result,) = OPS["any_true"].run(list(arrays), attrs)
    (spec,) = OPS["any_true"].infer([spec_of(array) for array in arrays], attrs)
    assert spec == spec_of(result)
    return result


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (2, 3), (2, 3, 4), (1, 1, 5)])
def test_any_true(shape) -> None:
    x = np.random.default_rng(0).integers(0, 3, shape) == 2
    for axis in (-1, len(shape) - 1, 1):
        for keepdims in (False, True):
            np.testing.assert_array_equal(run(AnyTrueAttrs(axis, keepdims), x), x.any(axis, keepdims=keepdims))
    numbers = x.astype("f4")
    np.testing.assert_array_equal(run(AnyTrueAttrs(-1), numbers), x.any(-1))


@pytest.mark.parametrize("axis", [0, 2, -2])
def test_any_true_refuses_the_batch(axis: int) -> None:
    with pytest.raises(InputError):
        OPS["any_true"].infer([TensorSpec((None, 3))], AnyTrueAttrs(axis))
