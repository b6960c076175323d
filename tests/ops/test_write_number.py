"""write_number beside Python's `%`."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.write_number import OP, WriteNumberAttrs


def test_numbers() -> None:
    x = np.array([[1.5, -0.25], [1e10, np.inf]], "float32")
    (got,) = OP.run([x], WriteNumberAttrs("%08.3f"))
    assert got.tolist() == [[b"0001.500", b"-000.250"], [b"10000000000.000", b"     inf"]]
    nan = np.array([np.nan, np.copysign(np.nan, -1)])
    assert OP.run([nan], WriteNumberAttrs("%5f"))[0].tolist() == [b"  nan", b" -nan"]
    assert OP.run([np.array([3, -4])], WriteNumberAttrs("%d"))[0].tolist() == [b"3", b"-4"]
    assert OP.run([np.array([True, False])], WriteNumberAttrs("%s"))[0].tolist() == [b"true", b"false"]
    assert OP.infer([TensorSpec((None, 2), "float32")], WriteNumberAttrs("%g")) == (TensorSpec((None, 2), "string"),)


@pytest.mark.parametrize(("dtype", "form"), [("float32", "%d"), ("int32", "%f"), ("string", "%s"), ("int32", "d")])
def test_refused(dtype: str, form: str) -> None:
    with pytest.raises(InputError, match="needs numbers and a form"):
        OP.infer([TensorSpec((2,), dtype)], WriteNumberAttrs(form))
