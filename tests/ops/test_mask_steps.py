"""mask_steps: what a mask removes."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import OPS
from kmin.ops.mask_steps import MaskStepsAttrs
from kmin.ops.tensor import TensorSpec


def spec_of(array):
    return TensorSpec((None, *array.shape[1:]), array.dtype.name)


def run(attrs, *arrays):
    """The op's one result, checked against its inferred spec."""
    (result,) = OPS["mask_steps"].run(list(arrays), attrs)
    (spec,) = OPS["mask_steps"].infer([spec_of(array) for array in arrays], attrs)
    assert spec == spec_of(result)
    return result


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4"])
def test_mask_steps(dtype: str) -> None:
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    mask = np.array([[True, False, True], [False, False, False]])
    wanted = x.copy()
    wanted[~mask] = 0
    result = run(MaskStepsAttrs(), x, mask)
    np.testing.assert_array_equal(result, wanted)
    assert result.dtype == x.dtype


def test_mask_steps_removes_what_is_not_a_number() -> None:
    x = np.array([[[np.nan], [1.0]]], "f4")
    assert run(MaskStepsAttrs(), x, np.array([[False, True]])).tolist() == [[[0.0], [1.0]]]


def test_mask_steps_refuses_another_length() -> None:
    with pytest.raises(InputError):
        OPS["mask_steps"].infer([TensorSpec((None, 3, 4)), TensorSpec((None, 2), "bool")], MaskStepsAttrs())
