"""arg_extreme: the first of equal values."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.arg_extreme import OP, ArgExtremeAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    x = np.array([[3, 9, 9], [1, 0, 0]], "f4")
    (got,) = OP.run([x], ArgExtremeAttrs(-1))
    np.testing.assert_array_equal(got, [1, 0])
    assert got.dtype == np.int32
    (got,) = OP.run([x], ArgExtremeAttrs(1, False, True, "int64"))
    np.testing.assert_array_equal(got, [[0], [1]])
    assert got.dtype == np.int64


def test_shapes() -> None:
    x = TensorSpec((None, 4, None))
    assert OP.infer([x], ArgExtremeAttrs(1)) == (TensorSpec((None, None), "int32"),)
    assert OP.infer([x], ArgExtremeAttrs(-1, True, True)) == (TensorSpec((None, 4, 1), "int32"),)
    with pytest.raises(InputError, match="an axis with values"):
        OP.infer([x], ArgExtremeAttrs(3))
    with pytest.raises(InputError, match="at least one value"):
        OP.run([np.zeros((2, 0), "f4")], ArgExtremeAttrs(1))
