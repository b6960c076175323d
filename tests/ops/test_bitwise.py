"""bitwise: against Python's operators."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.bitwise import BITWISE, OP, BitwiseAttrs
from kmin.ops.tensor import TensorSpec

PYTHON = {
    "and": operator.and_,
    "left_shift": operator.lshift,
    "or": operator.or_,
    "right_shift": operator.rshift,
    "xor": operator.xor,
}


@pytest.mark.parametrize("kind", BITWISE)
def test_values(kind: str) -> None:
    left, right = np.array([[5], [-7], [0]], "i4"), np.array([[1, 2, 3]], "i8")
    (got,) = OP.run([left, right], BitwiseAttrs(kind))
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, [[PYTHON[kind](int(a), int(b)) for b in right[0]] for a in left[:, 0]])


def test_refusals() -> None:
    specs = [TensorSpec((None, 1), "int32"), TensorSpec((3,), "int32")]
    assert OP.infer(specs, BitwiseAttrs("or")) == (TensorSpec((None, 3), "int32"),)
    with pytest.raises(InputError, match="needs integers"):
        OP.infer([TensorSpec((None,)), TensorSpec((None,))], BitwiseAttrs("or"))
    with pytest.raises(InputError, match="one kind"):
        OP.infer([TensorSpec((None,), "int64"), TensorSpec((None,), "uint64")], BitwiseAttrs("or"))
