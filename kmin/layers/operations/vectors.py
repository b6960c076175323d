"""Vectors in keras.ops: their product, powers and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import axis_of, binary, cast, floating, operands, tensor_of, unary
from kmin.layers.operations.shaping import cut, move_axis, reshaped
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reduce import ReduceAttrs


def cross(call: LayerCall, a: Any, b: Any, axisa: Any, axisb: Any, axisc: Any, axis: Any) -> Tensor:
    """The vector product along axes of 2 or 3."""
    if axis is not None:
        axisa = axisb = axisc = axis
    left, right = operands(call, (a, b))
    call.mix_samples(left, (axis_of(call, axisa, left.rank),))
    call.mix_samples(right, (axis_of(call, axisb, right.rank),))
    left, right = move_axis(call, left, axisa, -1), move_axis(call, right, axisb, -1)
    sizes = [size for size in (left.shape[-1], right.shape[-1]) if size in (2, 3)]
    if len(sizes) != 2:
        raise call.fail(f"needs vectors of 2 or 3 values; received {left.spec} and {right.spec}")

    first_size, second_size = (3 if size is None else size for size in sizes)

    def term(i: int, j: int) -> Tensor:
        first, second = (cut(call, x, x.rank - 1, at, at + 1) for x, at in ((left, i), (right, j)))
        return binary(call, first, second, "multiply")

    def part(i: int, j: int) -> Tensor:
        have = [i < first_size and j < second_size, j < first_size and i < second_size]
        if all(have):
            return binary(call, term(i, j), term(j, i), "subtract")
        if have[0]:
            return term(i, j)
        other = term(j, i)
        return unary(call, other, "negative")

    if sizes == [2, 2]:
        flat = part(0, 1)
        return reshaped(call, flat, tuple(("x", at) for at in range(flat.rank - 1)))
    y = call.add("concat", [part(1, 2), part(2, 0), part(0, 1)], ConcatAttrs(max(left.rank, right.rank) - 1))
    return move_axis(call, y, -1, axisc)


def vander(call: LayerCall, x: Any, count: Any, increasing: Any) -> Tensor:
    """Powers of each value."""
    value = tensor_of(call, x)
    if count is None:
        raise call.fail("needs N: the number of values is that of a batch")
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    wide = floating(call, value)
    column = reshaped(call, wide, (*(("x", at) for at in range(value.rank)), 1))
    return cast(call, binary(call, column, powers.astype(wide.dtype), "power"), value.dtype)


def distances(call: LayerCall, a: Any, b: Any) -> Tensor:
    """cdist: the distances between rows of two matrices."""
    left, right = operands(call, (a, b))
    if left.rank < 2 or right.rank < 2:
        raise call.fail(f"needs rows of vectors; received {left.spec} and {right.spec}")
    call.mix_samples(right, (0,) if right.rank == 2 else ())
    call.mix_samples(left, (left.rank - 1,))
    rows = reshaped(call, left, (*(("x", at) for at in range(left.rank - 1)), 1, ("x", left.rank - 1)))
    columns = (*(("x", at) for at in range(right.rank - 2)), 1, ("x", right.rank - 2), ("x", right.rank - 1))
    gap = binary(call, rows, reshaped(call, right, columns), "subtract")
    squares = call.add("reduce", (unary(call, gap, "square"),), ReduceAttrs("sum", (gap.rank - 1,)))
    return unary(call, squares, "sqrt")
