"""How arithmetic of two tensors, concatenation, batch normalisation and reductions are bound to compiled kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kmin.ops.batch_norm import BatchNormAttrs, batch_norm_scale
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.kernels.bound import After, Bound, Constants, Specs, served_size
from kmin.ops.reduce import ReduceAttrs, reduce_axes
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Reading and writing one value that lies in a core's own cache.
NANOSECONDS_PER_VALUE = 0.1
BINARY_KERNELS = ("add", "divide", "maximum", "minimum", "multiply", "subtract")
REDUCE_KERNELS = ("max", "mean", "min", "sum")
MOST_JOINED = 14
# Constant vectors are repeated up to this many values.
SHORT = 1024
NOTHING = After()


def row_sizes(spec: TensorSpec | None) -> tuple[int, ...] | None:
    """The axes of one sample of a float32 tensor; None when it is not served."""
    if spec is None or served_size(spec) is None:
        return None
    return tuple(size for size in spec.shape[1:] if size is not None)


def spread(small: tuple[int, ...], big: tuple[int, ...]) -> tuple[int, int, int] | None:
    """(outer, middle, inner) with `small` as the middle of `big`; None when it is spread in another way."""
    if len(small) > len(big):
        return None
    small = (1,) * (len(big) - len(small)) + small
    kept = [axis for axis, size in enumerate(small) if size != 1]
    first, end = (kept[0], kept[-1] + 1) if kept else (len(big), len(big))
    if small[first:end] != big[first:end]:
        return None
    return math.prod(big[:first]), math.prod(big[first:end]), math.prod(big[end:])


def lengthened(constant: Array, parts: tuple[int, int, int]) -> tuple[Array, tuple[int, int, int]]:
    """A short vector repeated, so that runs of `middle` values are worth a call; one number, once for all values."""
    outer, middle, _ = parts
    if middle == 1:
        return constant, (1, 1, outer)
    times = max((n for n in range(1, max(SHORT // middle, 1) + 1) if outer % n == 0), default=1)
    return np.tile(constant.reshape(-1), times), (outer // times, middle * times, 1)


def bind_binary(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: BinaryAttrs
) -> Bound | None:
    """One operand is as large as the result; the other is too, or one vector or number per sample or for all."""
    from kmin.ops.kernels import _merges

    result = row_sizes(output)
    if result is None or attrs.kind not in BINARY_KERNELS:
        return None
    for big, small in ((0, 1), (1, 0)):
        other, constant = inputs[small], constants[small]
        if constants[big] is not None or other is None or row_sizes(inputs[big]) != result:
            continue
        if constant is not None:
            if constant.dtype != np.float32:
                continue
            if constant.ndim == output.rank and constant.shape[0] != 1:
                continue
            sizes: tuple[int, ...] | None = constant.shape[1:] if constant.ndim == output.rank else constant.shape
        else:
            sizes = row_sizes(other) if other.rank == output.rank else None
        parts = None if sizes is None else spread(sizes, result)
        if sizes is None or parts is None:
            continue
        broadcast = math.prod(sizes) != math.prod(result)
        if broadcast and constant is not None and parts[2] == 1:
            constant, parts = lengthened(constant, parts)
        kernel = _merges.binary(tier, attrs.kind, *parts, constant, broadcast, swapped=big == 1)
        cost = math.prod(result) * NANOSECONDS_PER_VALUE
        return Bound((kernel,), True, cost, (big,) if constant is not None else (big, small))
    return None


def bind_concat(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConcatAttrs
) -> Bound | None:
    size, axis = served_size(output), attrs.axis % output.rank
    rows = [row_sizes(spec) for spec in inputs]
    if size is None or axis == 0 or len(rows) > MOST_JOINED or any(array is not None for array in constants):
        return None
    lengths = [math.prod(row[axis - 1 :]) for row in rows if row is not None]
    if len(lengths) != len(rows):
        return None
    kernel = tier.concat(size // sum(lengths), lengths)
    return Bound((kernel,), False, size * NANOSECONDS_PER_VALUE, tuple(range(len(rows))))


def bind_batch_norm(
    tier: Tier,
    inputs: Specs,
    constants: Constants,
    output: TensorSpec,
    attrs: BatchNormAttrs,
    after: After = NOTHING,
) -> Bound | None:
    """Over the last axis; `after` may clip."""
    from kmin.ops.kernels import _norms

    size = served_size(output)
    (x, gamma, beta, mean, variance), (_, *given) = constants, inputs
    absent = [array is None for array in (gamma, beta, mean, variance)] != [spec is None for spec in given]
    if size is None or x is not None or absent or mean is None or variance is None:
        return None
    if attrs.axis % output.rank != output.rank - 1:
        return None
    scale: Array = batch_norm_scale(gamma, variance, attrs.epsilon)
    shift = beta if beta is not None else np.zeros(len(mean), np.float32)
    kernel = _norms.scale_shift(tier, mean, scale, shift, size // len(mean), after.low, after.high)
    return Bound((kernel,), True, size * NANOSECONDS_PER_VALUE)


def bind_reduce(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ReduceAttrs
) -> Bound | None:
    """Neighbouring axes between the batch and the last one."""
    from kmin.ops.kernels import _merges

    sizes = row_sizes(inputs[0])
    if sizes is None or served_size(output) is None or constants[0] is not None or attrs.kind not in REDUCE_KERNELS:
        return None
    axes = reduce_axes(len(sizes) + 1, attrs)
    if not axes or axes[0] == 0 or axes != tuple(range(axes[0], axes[0] + len(axes))):
        return None
    first, end = axes[0] - 1, axes[-1]
    inner = math.prod(sizes[end:])
    if end == len(sizes) or inner == 1:
        return None  # along contiguous values
    kernel = _merges.reduce(tier, attrs.kind, math.prod(sizes[:first]), math.prod(sizes[first:end]), inner)
    return Bound((kernel,), False, math.prod(sizes) * NANOSECONDS_PER_VALUE)
