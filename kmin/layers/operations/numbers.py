"""The rarer functions of numbers in keras.ops: whole numbers, special functions, choices, products of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axis_of,
    binary,
    cast,
    flattened,
    floating,
    integers,
    is_float,
    operands,
    tensor_of,
    unary,
)
from kmin.layers.operations.arithmetic import filled
from kmin.layers.operations.shaping import flip, reshaped, swap_axes
from kmin.ops.binary import BinaryAttrs
from kmin.ops.bucketize import BucketizeAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.where import WhereAttrs


def _where(call: LayerCall, test: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return call.add("where", (test, yes, no), WhereAttrs())


def whole(kind: str) -> Lowering:
    """gcd and lcm."""

    def lower(call: LayerCall, a: Any, b: Any) -> Tensor:
        left, right = operands(call, (a, b))
        if is_float(left.dtype) or is_float(right.dtype):
            raise call.fail(f"needs integers; received {left.spec} and {right.spec}")
        return call.add("binary", (left, right), BinaryAttrs(kind))

    return lower


def over_nan(kind: str) -> Lowering:
    """fmax and fmin: nan gives way to a number."""

    def lower(call: LayerCall, a: Any, b: Any) -> Tensor:
        left, right = operands(call, (a, b))
        result = binary(call, left, right, kind)
        if not is_float(result.dtype):
            return result
        left, right = cast(call, left, result.dtype), cast(call, right, result.dtype)
        result = _where(call, unary(call, left, "isnan"), right, result)
        return _where(call, unary(call, right, "isnan"), left, result)

    return lower


def heaviside(call: LayerCall, a: Any, b: Any) -> Tensor:
    """0 below zero, 1 above, the second argument at zero."""
    left, right = (floating(call, x) for x in operands(call, (a, b)))
    zero, one = (call.constant("level", np.asarray(level, left.dtype)) for level in (0, 1))
    return _where(
        call,
        binary(call, left, zero, "less"),
        zero,
        _where(call, binary(call, left, zero, "greater"), one, cast(call, right, left.dtype)),
    )


def angle(call: LayerCall, x: Any) -> Tensor:
    """The angle of real numbers: pi below zero."""
    value = floating(call, tensor_of(call, x))
    turn, zero = (call.constant("angle", np.asarray(level, value.dtype)) for level in (np.pi, 0))
    return _where(call, binary(call, value, 0.0, "less"), turn, zero)


def imaginary(call: LayerCall, x: Any) -> Tensor:
    """0: nothing here is complex."""
    return filled(0.0)(call, x, None)  # type: ignore[no-any-return]


def always(call: LayerCall, x: Any) -> Tensor:
    """isreal: True."""
    return filled(1.0)(call, x, "bool")  # type: ignore[no-any-return]


def scaled_by_power(call: LayerCall, a: Any, b: Any) -> Tensor:
    """ldexp: x1 * 2^x2."""
    left, right = tensor_of(call, a), tensor_of(call, b)
    if is_float(right.dtype):
        raise call.fail(f"needs whole exponents; received {right.spec}")
    left = floating(call, left)
    factor = unary(call, cast(call, right, left.dtype), "exp2")
    product = binary(call, left, factor, "multiply")
    stays = binary(call, unary(call, left, "isinf"), binary(call, left, 0.0, "equal"), "logical_or")
    return _where(call, stays, left, product)


def logarithm_of_sum(call: LayerCall, a: Any, b: Any) -> Tensor:
    """logaddexp2: log2(2^x1 + 2^x2) without overflow."""
    left, right = (floating(call, x) for x in operands(call, (a, b)))
    gap = unary(call, binary(call, left, right, "subtract"), "abs")
    log2 = float(np.log(2.0))
    rest = unary(call, unary(call, binary(call, gap, -log2, "multiply"), "exp"), "log1p")
    return binary(call, binary(call, left, right, "maximum"), binary(call, rest, log2, "divide"), "add")


def special(kind: str) -> Lowering:
    """i0 and erfinv."""
    return lambda call, x: unary(call, floating(call, tensor_of(call, x)), kind)


def _edges(call: LayerCall, bins: Any) -> tuple[float, ...]:
    if isinstance(bins, Tensor) and bins.name in call.builder.constants:
        bins = call.builder.constants[bins.name]
    if isinstance(bins, Tensor):
        raise call.fail("needs edges from the file")
    edges = np.ravel(np.asarray(bins, "f8"))
    if (np.diff(edges) < 0).any():
        raise call.fail("needs edges in order")
    return tuple(float(edge) for edge in edges)


def digitize(call: LayerCall, x: Any, bins: Any) -> Tensor:
    """How many edges are not above each value."""
    value = tensor_of(call, x)
    value = cast(call, value, "int32") if value.dtype == "bool" else value
    return cast(call, call.add("bucketize", (value,), BucketizeAttrs(_edges(call, bins))), "int32")


def next_after(call: LayerCall, a: Any, b: Any) -> Tensor:
    """nextafter, which Keras steps in double precision: in others that is x1 itself, or NaN."""
    left, right = (floating(call, x) for x in operands(call, (a, b)))
    return _where(call, binary(call, right, right, "equal"), left, right)


def is_in(call: LayerCall, x: Any, test: Any, unique: Any, invert: Any) -> Tensor:
    """Whether each value is among those of the file."""
    del unique
    value = tensor_of(call, x)
    if isinstance(test, Tensor):
        call.mix_samples(test, (0,))
    tested = flattened(call, test) if isinstance(test, Tensor) else np.ravel(np.asarray(test))
    column = reshaped(call, value, (*(("x", at) for at in range(value.rank)), 1))
    same = binary(call, column, tested, "equal")
    small = call.add("reduce", (cast(call, same, "uint8"),), ReduceAttrs("max", (value.rank,)))
    found = cast(call, small, "bool")
    return unary(call, found, "logical_not") if invert else found


def select(call: LayerCall, conditions: Any, choices: Any, default: Any) -> Tensor:
    """The choice of the first condition that holds."""
    if not isinstance(conditions, (list, tuple)) or not isinstance(choices, (list, tuple)):
        raise call.fail("needs lists of conditions and choices")
    if len(conditions) != len(choices) or not choices:
        raise call.fail(f"needs as many choices as conditions; received {len(conditions)} and {len(choices)}")
    *values, result = operands(call, [*choices, default])
    for condition, value in zip(reversed(conditions), reversed(values), strict=True):
        result = _where(call, cast(call, tensor_of(call, condition), "bool"), value, result)
    return result


def unravelled(call: LayerCall, indices: Any, shape: Any) -> list[Tensor]:
    """One index along each axis for indices of the flat array; as Keras counts, which turns the shape for matrices."""
    value = tensor_of(call, indices)
    sizes = integers(call, shape, "shape")
    found = []
    for size in sizes[::-1] if value.rank == 1 else sizes:
        found.append(binary(call, value, size, "mod"))
        value = binary(call, value, size, "floor_divide")
    return found[::-1]


def append(call: LayerCall, a: Any, b: Any, axis: Any) -> Tensor:
    """Joined along an axis."""
    left, right = operands(call, (a, b))
    if axis is None:
        left, right, axis = flattened(call, left), flattened(call, right), 0
    at = axis_of(call, axis, left.rank)
    call.mix_samples(left, (at,))
    return call.add("concat", (left, right), ConcatAttrs(at))


def rot90(call: LayerCall, x: Any, k: Any, axes: Any) -> Tensor:
    """Turned by right angles in the plane of two axes."""
    value = tensor_of(call, x)
    first, second = (axis_of(call, axis, value.rank) for axis in axes)
    turns = k % 4
    if turns == 0:
        return value
    call.mix_samples(value, (first, second))
    if turns == 2:
        if value.shape[first] != value.shape[second] or value.shape[first] is None:
            raise call.fail("two turns of images that are not square come out scrambled in Keras 3.15")
        return flip(call, value, [first, second])
    if turns == 1:
        return swap_axes(call, flip(call, value, second), first, second)
    return flip(call, swap_axes(call, value, first, second), second)
