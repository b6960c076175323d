"""where: one or the other."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.where import OP, WhereAttrs


def test_values_broadcast() -> None:
    condition = np.array([[True], [False]])
    (got,) = OP.run([condition, np.array([[1, 2, 3]], "f4"), np.asarray(-1, "f4")], WhereAttrs())
    np.testing.assert_array_equal(got, [[1, 2, 3], [-1, -1, -1]])
    assert got.dtype == np.float32


def test_dtype_and_shape() -> None:
    specs = [TensorSpec((None, 1), "bool"), TensorSpec((None, 3), "float16"), TensorSpec((), "int32")]
    assert OP.infer(specs, WhereAttrs()) == (TensorSpec((None, 3), "float16"),)
    (got,) = OP.run([np.zeros((0, 1), bool), np.zeros((0, 3), "f2"), np.asarray(1, "i4")], WhereAttrs())
    assert got.shape == (0, 3)
    assert got.dtype == np.float16
    with pytest.raises(InputError, match="do not broadcast"):
        OP.infer([TensorSpec((None, 2), "bool"), TensorSpec((None, 3)), TensorSpec(())], WhereAttrs())
