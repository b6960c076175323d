"""check_finite: the same numbers, or an error."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.check_finite import OP, CheckFiniteAttrs
from kmin.ops.tensor import TensorSpec

X = np.array([[1.0, -2.0]], "float32")


def test_values() -> None:
    attrs = CheckFiniteAttrs("here")
    (got,) = OP.run([X], attrs)
    np.testing.assert_array_equal(got, X)
    assert not np.may_share_memory(got, X)
    assert OP.infer([TensorSpec((None, 2))], attrs) == (TensorSpec((None, 2)),)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_errors(value: float) -> None:
    with pytest.raises(InputError, match="here: the values must be finite"):
        OP.run([X * value], CheckFiniteAttrs("here"))
    with pytest.raises(InputError, match="needs floats"):
        OP.infer([TensorSpec((2,), "int32")], CheckFiniteAttrs("here"))
