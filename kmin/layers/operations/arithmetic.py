"""Arithmetic, comparison, logic and elementwise mathematics."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    array_of,
    binary,
    cast,
    dtype_named,
    floating,
    integer,
    is_float,
    is_number,
    operands,
    tensor_list,
    tensor_of,
    unary,
)
from kmin.ops.binary import BinaryAttrs
from kmin.ops.bitwise import BitwiseAttrs
from kmin.ops.fill_like import FillLikeAttrs
from kmin.ops.promote import promote_dtypes
from kmin.ops.where import WhereAttrs

# Kinds of `unary` that keep integers integers, in Keras 3 (`round` and `trunc` of integers change nothing).
_OF_NUMBERS = frozenset({"abs", "negative", "sign", "square"})
_NOTHING_FOR_INTEGERS = frozenset({"round", "trunc"})


def pairwise(kind: str) -> Lowering:
    """f(x1, x2) for a kind of `binary`."""

    def lower(call: LayerCall, a: Any, b: Any) -> Tensor:
        left, right = operands(call, (a, b))
        if kind == "subtract" and left.dtype == right.dtype == "bool":
            raise call.fail("bool does not subtract")
        return call.add("binary", (left, right), BinaryAttrs(kind))

    return lower


def hypotenuse(call: LayerCall, a: Any, b: Any) -> Tensor:
    """hypot of keras.ops: of int64 float64, of other integers float32."""
    found = operands(call, (a, b))
    if promote_dtypes([x.dtype for x in found]) == "int64":
        found = [cast(call, x, "float64") for x in found]
    return call.add("binary", found, BinaryAttrs("hypot"))


def divide(call: LayerCall, a: Any, b: Any) -> Tensor:
    """True division; of integers: float32 in Keras 3, float64 (small ones float32) in TensorFlow."""
    left, right = operands(call, (a, b))
    if call.dialect < 3 and not is_float(left.dtype):
        dtype = "float32" if np.dtype(left.dtype).itemsize < 4 else "float64"
        left, right = cast(call, left, dtype), cast(call, right, dtype)
    return call.add("binary", (left, right), BinaryAttrs("divide"))


def divide_no_nan(call: LayerCall, a: Any, b: Any) -> Tensor:
    """a / b, but 0 where b is 0."""
    left, right = operands(call, (a, b))
    zero = call.constant("zero", np.asarray(0, right.dtype))
    quotient = call.add("binary", (left, right), BinaryAttrs("divide"))
    empty = call.constant("zero", np.asarray(0, quotient.dtype))
    return call.add("where", (binary(call, right, zero, "equal"), empty, quotient), WhereAttrs())


def logical(kind: str) -> Lowering:
    """f(x1, x2) over truth values."""

    def lower(call: LayerCall, a: Any, b: Any) -> Tensor:
        left, right = (tensor_of(call, value) for value in (a, b))
        return call.add("binary", (left, right), BinaryAttrs(f"logical_{kind}"))

    return lower


def bitwise(kind: str) -> Lowering:
    """f(x, y) over bits."""

    def lower(call: LayerCall, a: Any, b: Any) -> Tensor:
        return call.add("bitwise", operands(call, (a, b)), BitwiseAttrs(kind))

    return lower


def elementwise(kind: str) -> Lowering:
    """f(x) for a kind of `unary`."""

    def lower(call: LayerCall, x: Any) -> Tensor:
        value = tensor_of(call, x)
        whole = not is_float(value.dtype)
        if whole and kind in _NOTHING_FOR_INTEGERS:
            return value
        if kind in ("isfinite", "isinf", "isnan", "logical_not", "signbit", "bitwise_not"):
            return unary(call, value, kind)
        if whole and kind in ("abs", "square") and value.dtype == "bool":
            return cast(call, value, "int32") if kind == "square" else value
        if whole and kind in _OF_NUMBERS:
            return unary(call, value, kind)
        return unary(call, floating(call, value), kind)

    return lower


def same(call: LayerCall, x: Any) -> Tensor:
    """f(x) = x"""
    return tensor_of(call, x)


def round_to(call: LayerCall, x: Any, decimals: Any) -> Tensor:
    """round(x * 10^d) / 10^d, halves to even."""
    value, places = tensor_of(call, x), integer(call, decimals, "decimals")
    if not is_float(value.dtype):
        if places < 0:
            raise call.fail("decimals must not be negative for integers")
        return value
    if places == 0:
        return unary(call, value, "round")
    factor = call.constant("factor", np.asarray(10.0**places, value.dtype))
    return binary(call, unary(call, binary(call, value, factor, "multiply"), "round"), factor, "divide")


def logarithm_of_sum(call: LayerCall, a: Any, b: Any) -> Tensor:
    """log(exp(a) + exp(b)) without overflow."""
    left, right = (floating(call, x) for x in operands(call, (a, b)))
    largest = binary(call, left, right, "maximum")
    gap = unary(call, unary(call, binary(call, left, right, "subtract"), "abs"), "negative")
    return binary(call, largest, unary(call, unary(call, gap, "exp"), "log1p"), "add")


def squared_difference(call: LayerCall, a: Any, b: Any) -> Tensor:
    """(a - b)^2"""
    return unary(call, binary(call, a, b, "subtract"), "square")


def multiply_no_nan(call: LayerCall, a: Any, b: Any) -> Tensor:
    """a * b, but 0 where b is 0 even if a is not finite."""
    left, right = operands(call, (a, b))
    zero = call.constant("zero", np.asarray(0, right.dtype))
    return call.add(
        "where", (binary(call, right, zero, "equal"), zero, binary(call, left, right, "multiply")), WhereAttrs()
    )


def signed_infinite(sign: str) -> Lowering:
    """isposinf and isneginf."""

    def lower(call: LayerCall, x: Any) -> Tensor:
        value = floating(call, tensor_of(call, x))
        limit = call.constant("limit", np.asarray(np.inf if sign == "+" else -np.inf, value.dtype))
        return binary(call, value, limit, "equal")

    return lower


def is_close(call: LayerCall, a: Any, b: Any, rtol: Any, atol: Any, equal_nan: Any) -> Tensor:
    """|a - b| <= atol + rtol |b|, or equal."""
    if not is_number(rtol) or not is_number(atol):
        raise call.fail("tensors as tolerances are not supported")
    left, right = (floating(call, x) for x in operands(call, (a, b)))
    gap = unary(call, binary(call, left, right, "subtract"), "abs")
    limit = binary(call, binary(call, unary(call, right, "abs"), float(rtol), "multiply"), float(atol), "add")
    finite = unary(call, right, "isfinite")
    near = binary(call, binary(call, gap, limit, "less_equal"), finite, "logical_and")
    same = binary(call, near, binary(call, left, right, "equal"), "logical_or")
    if not equal_nan:
        return same
    unknown = binary(call, unary(call, left, "isnan"), unary(call, right, "isnan"), "logical_and")
    return binary(call, same, unknown, "logical_or")


def clip(call: LayerCall, x: Any, low: Any, high: Any) -> Tensor:
    """min(max(x, low), high); a missing bound does not bound."""
    value = tensor_of(call, x)
    dtype = value.dtype
    if call.dialect >= 3:
        value = cast(call, value, "int32") if dtype == "bool" else value
    for bound, kind in ((low, "maximum"), (high, "minimum")):
        if bound is not None:
            value = binary(call, value, bound, kind)
    return value


def nan_to_num(call: LayerCall, x: Any, nan: Any, posinf: Any, neginf: Any) -> Tensor:
    """Numbers in place of nan and the infinities (by default the largest there are)."""
    value = tensor_of(call, x)
    if not is_float(value.dtype):
        return value
    ends = np.finfo(value.dtype)
    for number, test in (
        (nan, unary(call, value, "isnan")),
        (ends.max if posinf is None else posinf, signed_infinite("+")(call, value)),
        (ends.min if neginf is None else neginf, signed_infinite("-")(call, value)),
    ):
        instead = call.constant("instead", np.asarray(number, value.dtype))
        value = call.add("where", (test, instead, value), WhereAttrs())
    return value


def where(call: LayerCall, condition: Any, a: Any, b: Any) -> Tensor:
    """a where the condition holds, else b."""
    if a is None or b is None:
        raise call.fail("needs both values or none")
    test = tensor_of(call, condition)
    if not any(isinstance(value, Tensor) for value in (a, b)):
        dtype = "float32" if any(array_of(call, value).dtype.kind == "f" for value in (a, b)) else None
        yes, no = (tensor_of(call, value, dtype) for value in (a, b))
    else:
        yes, no = operands(call, (a, b))
    return call.add("where", (cast(call, test, "bool"), yes, no), WhereAttrs())


def filled(value: float) -> Lowering:
    """A tensor like another, filled with one value."""

    def lower(call: LayerCall, x: Any, dtype: Any) -> Tensor:
        like = tensor_of(call, x)
        return call.add("fill_like", (like,), FillLikeAttrs(value, dtype_named(call, dtype, like.dtype)))

    return lower


def full_like(call: LayerCall, x: Any, value: Any, dtype: Any) -> Tensor:
    """A tensor like another, filled with a number."""
    like = tensor_of(call, x)
    if not is_number(value):
        raise call.fail(f"fill_value must be a number; received {value!r:.60}")
    return call.add("fill_like", (like,), FillLikeAttrs(float(value), dtype_named(call, dtype, like.dtype)))


def convert(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """Another dtype, same values (floats are cut towards zero)."""
    value = tensor_of(call, x)
    return cast(call, value, dtype_named(call, dtype, value.dtype))


def convert_saturated(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """Another dtype; what is too large becomes the largest there is."""
    value = tensor_of(call, x)
    wanted = dtype_named(call, dtype, value.dtype)
    if wanted == "bool" or value.dtype in ("bool", wanted):
        return cast(call, value, wanted)
    ends = np.finfo(wanted) if is_float(wanted) else np.iinfo(wanted)
    own = np.finfo(value.dtype) if is_float(value.dtype) else np.iinfo(value.dtype)
    low, high = max(float(ends.min), float(own.min)), min(float(ends.max), float(own.max))
    if is_float(value.dtype) and not is_float(wanted) and int(np.asarray(high, value.dtype)) > int(ends.max):
        high = float(np.nextafter(np.asarray(high, value.dtype), np.asarray(0, value.dtype)))
    for bound, kind in ((low, "maximum"), (high, "minimum")):
        limit = call.constant("limit", np.asarray(bound).astype(value.dtype))
        value = call.add("binary", (value, limit), BinaryAttrs(kind))
    return cast(call, value, wanted)


def add_all(call: LayerCall, values: Any) -> Tensor:
    """The sum of a list of tensors."""
    first, *others = tensor_list(call, values)
    for x in others:
        first = call.add("binary", (first, x), BinaryAttrs("add"))
    return first


def scaled(call: LayerCall, x: Any, factor: float) -> Tensor:
    """x * factor as floats."""
    value = floating(call, tensor_of(call, x))
    return binary(call, value, call.constant("factor", np.asarray(factor, value.dtype)), "multiply")
