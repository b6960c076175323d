"""abs_max_quantize: whole steps, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.abs_max_quantize import OP, AbsMaxQuantizeAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("axes", [(1,), (0, 2), ()])
def test_values(axes: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype("float32")
    steps, scale = OP.run([x], AbsMaxQuantizeAttrs(axes))
    assert steps.dtype == scale.dtype == np.float32
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert np.abs(steps).max() == 127
    assert scale.shape == tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
    np.testing.assert_allclose(steps / scale, x, atol=0.5 / scale.min() * 1.01)


def test_zeros_and_refusals() -> None:
    steps, _ = OP.run([np.zeros((2, 3), "float32")], AbsMaxQuantizeAttrs((1,)))
    np.testing.assert_array_equal(steps, np.zeros((2, 3)))
    with pytest.raises(InputError, match="needs floats and axes"):
        OP.infer([TensorSpec((None, 3), "int32")], AbsMaxQuantizeAttrs((1,)))
    with pytest.raises(InputError, match="needs floats and axes"):
        OP.infer([TensorSpec((None, 3))], AbsMaxQuantizeAttrs((2,)))
