"""top_k: values and places."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.top_k import OP, TopKAttrs


def test_values() -> None:
    values, places = OP.run([np.array([[1, 7, 7, 3]], "f4")], TopKAttrs(3))
    np.testing.assert_array_equal(values, [[7, 7, 3]])
    np.testing.assert_array_equal(places, [[1, 2, 3]])
    assert places.dtype == np.int32


def test_shapes() -> None:
    specs = OP.infer([TensorSpec((None, 5))], TopKAttrs(2, "int64"))
    assert specs == (TensorSpec((None, 2)), TensorSpec((None, 2), "int64"))
    with pytest.raises(InputError, match="at least 6"):
        OP.infer([TensorSpec((None, 5))], TopKAttrs(6))
    with pytest.raises(InputError, match="at least 6"):
        OP.run([np.zeros((1, 5), "f4")], TopKAttrs(6))
