"""complex_of: two parts, one number."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.complex_of import OP, ComplexOfAttrs
from kmin.ops.tensor import TensorSpec


def test_parts() -> None:
    for real, wanted in (("float32", "complex64"), ("float64", "complex128")):
        (got,) = OP.run([np.array([1, np.inf], real), np.array([-2, 0], real)], ComplexOfAttrs())
        assert got.dtype == wanted
        assert got.tolist() == [1 - 2j, complex(np.inf, 0)]
        assert OP.infer([TensorSpec((None,), real)] * 2, ComplexOfAttrs()) == (TensorSpec((None,), wanted),)
    with pytest.raises(InputError, match="of one shape"):
        OP.infer([TensorSpec((None,)), TensorSpec((None, 2))], ComplexOfAttrs())
