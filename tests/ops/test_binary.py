"""binary: every kind against Python's operators, and Keras' rules for dtypes and shapes."""

from __future__ import annotations

import math
import operator
import warnings

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.binary import BINARIES, OP, PREDICATES, BinaryAttrs
from kmin.ops.tensor import TensorSpec

PYTHON = {
    "add": operator.add,
    "arctan2": math.atan2,
    "divide": operator.truediv,
    "equal": operator.eq,
    "floor_divide": operator.floordiv,
    "fmod": math.fmod,
    "gcd": math.gcd,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "hypot": math.hypot,
    "lcm": math.lcm,
    "less": operator.lt,
    "less_equal": operator.le,
    "logical_and": lambda a, b: bool(a) and bool(b),
    "logical_or": lambda a, b: bool(a) or bool(b),
    "logical_xor": lambda a, b: bool(a) != bool(b),
    "maximum": max,
    "minimum": min,
    "mod": operator.mod,
    "multiply": operator.mul,
    "not_equal": operator.ne,
    "power": operator.pow,
    "subtract": operator.sub,
}
LEFT = np.array([0.5, 1.0, 2.0, 3.5, 7.25])
RIGHT = np.array([2.0, 1.0, 0.5, -2.0, 4.0])
WHOLE = ("gcd", "lcm")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("kind", [kind for kind in BINARIES if kind not in WHOLE])
def test_values(kind: str, dtype: str) -> None:
    left, right = LEFT.astype(dtype), RIGHT.astype(dtype)
    (got,) = OP.run([left, right], BinaryAttrs(kind))
    assert got.dtype == (bool if kind in PREDICATES else dtype)
    wanted = [PYTHON[kind](float(a), float(b)) for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(got, wanted, rtol=2e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("kind", WHOLE)
def test_values_of_whole_numbers(kind: str) -> None:
    left, right = np.array([0, 4, -6, 12, 35], "i4"), np.array([3, 6, 9, -18, 14], "i4")
    (got,) = OP.run([left, right], BinaryAttrs(kind))
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, [PYTHON[kind](int(a), int(b)) for a, b in zip(left, right, strict=True)])


def test_predicates_are_the_kinds_that_answer_yes_or_no() -> None:
    assert {kind for kind in BINARIES if isinstance(PYTHON[kind](1, 2), bool)} == set(PREDICATES)


@pytest.mark.parametrize(
    ("left", "right", "kind", "result"),
    [
        ("float32", "int32", "add", "float32"),
        ("int64", "float16", "multiply", "float16"),
        ("float16", "float32", "add", "float32"),
        ("float32", "float64", "subtract", "float64"),
        ("bool", "int32", "add", "int32"),
        ("uint8", "int32", "maximum", "int32"),
        ("int32", "int32", "divide", "float32"),
        ("int32", "float16", "divide", "float16"),
        ("int32", "int32", "floor_divide", "int32"),
        ("int32", "float32", "less", "bool"),
    ],
)
def test_dtypes(left: str, right: str, kind: str, result: str) -> None:
    arrays = [np.ones((2, 3), left), np.ones((3,), right)]
    (spec,) = OP.infer([TensorSpec((None, 3), left), TensorSpec((3,), right)], BinaryAttrs(kind))
    (got,) = OP.run(arrays, BinaryAttrs(kind))
    assert spec.dtype == got.dtype.name == result
    assert got.shape == (2, 3)


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ((None, 3), (None, 3), (None, 3)),
        ((None, 3), (3,), (None, 3)),
        ((None, 1, 4), (None, 3, 4), (None, 3, 4)),
        ((None, None, 4), (None, 3, 1), (None, 3, 4)),
        ((None, None), (None, 1), (None, None)),
        ((None, 3), (), (None, 3)),
        ((1, 3), (None, 3), (None, 3)),
        ((0, 3), (1, 3), (0, 3)),
    ],
)
def test_shapes(left: tuple, right: tuple, result: tuple) -> None:
    assert OP.infer([TensorSpec(left), TensorSpec(right)], BinaryAttrs("add"))[0].shape == result


def test_refuses_what_does_not_broadcast() -> None:
    with pytest.raises(InputError, match="do not broadcast"):
        OP.infer([TensorSpec((None, 3)), TensorSpec((None, 4))], BinaryAttrs("add"))


def test_empty_strided_and_scalar_operands() -> None:
    (got,) = OP.run([np.zeros((0, 3), "f4"), np.ones((3,), "f4")], BinaryAttrs("add"))
    assert got.shape == (0, 3)
    x = np.arange(12, dtype="f4").reshape(3, 4)
    np.testing.assert_array_equal(OP.run([x.T, x[:, ::2].T[:1]], BinaryAttrs("subtract"))[0][1], [1, 1, 1])
    (got,) = OP.run([x, np.asarray(2, "f4")], BinaryAttrs("power"))
    assert got.dtype == np.float32
    (got,) = OP.run([np.asarray(3, "f4"), np.asarray(2, "f4")], BinaryAttrs("add"))
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.float32


def test_division_by_zero_is_quiet() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (got,) = OP.run([np.array([1, -1, 0], "f4"), np.zeros(3, "f4")], BinaryAttrs("divide"))
    np.testing.assert_array_equal(got, [np.inf, -np.inf, np.nan])


def test_macs_count_products_of_one_sample() -> None:
    specs = [TensorSpec((None, 3, 4)), TensorSpec((4,))]
    for kind, wanted in [("multiply", 12), ("add", 0)]:
        assert OP.macs(specs, OP.infer(specs, BinaryAttrs(kind)), BinaryAttrs(kind)) == wanted
    unknown = [TensorSpec((None, None)), TensorSpec((1,))]
    assert OP.macs(unknown, OP.infer(unknown, BinaryAttrs("multiply")), BinaryAttrs("multiply")) is None
