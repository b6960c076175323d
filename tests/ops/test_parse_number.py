"""parse_number beside Python's int and float."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.parse_number import OP, ParseNumberAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats(dtype: str) -> None:
    texts = [b"1.5", b" -2e3\n", b".25", b"inf", b"NaN", b"7", b"+3.", b"1e400"]
    assert OP.run([np.array([b"0x1A", b" -0X10 "])], ParseNumberAttrs(dtype))[0].tolist() == [26, -16]
    (got,) = OP.run([np.array(texts).reshape(2, 4)], ParseNumberAttrs(dtype))
    assert got.dtype == dtype
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, np.array([float(text) for text in texts]).astype(dtype).reshape(2, 4))
    (spec,) = OP.infer([TensorSpec((None, 4), "string")], ParseNumberAttrs(dtype))
    assert spec == TensorSpec((None, 4), dtype)


def test_whole_numbers() -> None:
    texts = np.array([b"12", b"-2147483648", b" 2147483647 "])
    assert OP.run([texts], ParseNumberAttrs("int32"))[0].tolist() == [12, -(2**31), 2**31 - 1]
    assert OP.run([np.array([b"-9223372036854775808"])], ParseNumberAttrs("int64"))[0].tolist() == [-(2**63)]
    assert OP.run([texts[:0]], ParseNumberAttrs("int64"))[0].shape == (0,)
    with pytest.raises(InputError, match="must be a number"):
        OP.run([np.array([b"0x10"])], ParseNumberAttrs("int64"))


@pytest.mark.parametrize("text", [b"", b"a", b"1 2", b"1_000", b"0x", b"0x1p3", b"0x1.8", b"--1", b"1e"])
def test_no_numbers(text: bytes) -> None:
    with pytest.raises(InputError, match="must be a number"):
        OP.run([np.array([text])], ParseNumberAttrs("float32"))


@pytest.mark.parametrize("text", [b"1.5", b"1e3", b"inf"])
def test_no_whole_numbers(text: bytes) -> None:
    with pytest.raises(InputError, match="must be a number"):
        OP.run([np.array([text])], ParseNumberAttrs("int32"))


def test_too_large() -> None:
    with pytest.raises(InputError, match="too large"):
        OP.run([np.array([b"2147483648"])], ParseNumberAttrs("int32"))
    with pytest.raises(InputError, match="too large"):
        OP.run([np.array([b"9223372036854775808"])], ParseNumberAttrs("int64"))
    with pytest.raises(InputError, match="makes float32"):
        OP.infer([TensorSpec((None,), "string")], ParseNumberAttrs("int8"))
