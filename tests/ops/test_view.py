"""view: the bits that NumPy sees, in every direction, and what has none to show."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.view import OP, ViewAttrs

X = np.random.default_rng(2).normal(size=(2, 3, 4)).astype("float32")


@pytest.mark.parametrize("target", ["int32", "uint32", "float32", "int16", "uint8", "int64", "float64"])
def test_bits(target: str) -> None:
    attrs = ViewAttrs("float32", target, target)
    (got,) = OP.run([np.asfortranarray(X)], attrs)
    np.testing.assert_array_equal(got, X.view(target))
    assert OP.infer([TensorSpec(X.shape)], attrs) == (TensorSpec(got.shape, target),)
    assert OP.infer([TensorSpec((None, 3, None))], attrs)[0].shape[:2] == (None, 3)
    np.testing.assert_array_equal(OP.run([got], ViewAttrs(target, "float32", "float32"))[0], X)


def test_wider_floats_show_the_bits_of_the_source() -> None:
    (got,) = OP.run([X.astype("float64")], ViewAttrs("float32", "int32", "int32"))
    np.testing.assert_array_equal(got, X.view("int32"))
    (back,) = OP.run([got], ViewAttrs("int32", "float32", "float64"))
    assert back.dtype == "float64"
    np.testing.assert_array_equal(back, X)


def test_nothing_and_single_numbers() -> None:
    assert OP.run([X[:0]], ViewAttrs("float32", "int16", "int16"))[0].shape == (0, 3, 8)
    assert OP.run([X[0, 0, 0]], ViewAttrs("float32", "int32", "int32"))[0].shape == ()


def test_refusals() -> None:
    with pytest.raises(InputError, match="multiple of 8 bytes"):
        OP.run([X[:, :, :3]], ViewAttrs("float32", "int64", "int64"))
    for spec, target in ((TensorSpec((2,), "bool"), "int8"), (TensorSpec(()), "int16")):
        with pytest.raises(InputError, match="needs numbers"):
            OP.infer([spec], ViewAttrs("float32", target, target))
