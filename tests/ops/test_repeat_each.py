"""repeat_each against slices put together."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.repeat_each import OP, RepeatEachAttrs
from kmin.ops.tensor import TensorSpec


def test_counts() -> None:
    x = np.arange(12.0).reshape(2, 3, 2)
    (got,) = OP.run([x, np.array([2, 0, 1])], RepeatEachAttrs(1))
    np.testing.assert_array_equal(got, x[:, [0, 0, 2]])
    (alike,) = OP.run([x, np.array(2)], RepeatEachAttrs(0))
    np.testing.assert_array_equal(alike, x[[0, 0, 1, 1]])
    assert OP.infer([TensorSpec((None, 3)), TensorSpec((3,), "int32")], RepeatEachAttrs(1)) == (
        TensorSpec((None, None)),
    )


def test_refusals() -> None:
    with pytest.raises(InputError, match="from 0 on"):
        OP.run([np.zeros((2, 3)), np.array([1, -1, 0])], RepeatEachAttrs(1))
    with pytest.raises(InputError, match="3 numbers"):
        OP.run([np.zeros((2, 3)), np.array([1, 2])], RepeatEachAttrs(1))
    with pytest.raises(InputError, match="whole numbers"):
        OP.infer([TensorSpec((None,)), TensorSpec((None,))], RepeatEachAttrs(0))
