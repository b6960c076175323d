"""broadcast: axes of 1 made longer."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.broadcast import OP, BroadcastAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    x = np.array([[[1.0]], [[2.0]]], "f4")
    (got,) = OP.run([x], BroadcastAttrs((-1, 3, 2)))
    np.testing.assert_array_equal(got, x * np.ones((2, 3, 2)))
    like = np.zeros((2, 5), "f4")
    (got,) = OP.run([x, like], BroadcastAttrs((("x", 0), ("like", 1), 1)))
    assert got.shape == (2, 5, 1)


def test_shapes_and_refusals() -> None:
    specs = [TensorSpec((None, 1)), TensorSpec((None, None))]
    assert OP.infer(specs, BroadcastAttrs((-1, ("like", 1))))[0].shape == (None, None)
    assert OP.infer(specs[:1], BroadcastAttrs((4, -1, 3)))[0].shape == (4, None, 3)
    with pytest.raises(InputError, match="sizes differ"):
        OP.infer([TensorSpec((None, 2))], BroadcastAttrs((-1, 3)))
    with pytest.raises(InputError, match="too many axes"):
        OP.infer([TensorSpec((None, 2))], BroadcastAttrs((3,)))
