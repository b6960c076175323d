"""Sums, means, extremes, norms and truth over axes; running sums; order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axes_of,
    axis_of,
    binary,
    cast,
    dtype_named,
    flattened,
    floating,
    integer,
    is_float,
    tensor_of,
    unary,
)
from kmin.layers.operations.sizes import number_of, remember, sizes_of
from kmin.layers.operations.slicing import cut_at
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.arg_extreme import ArgExtremeAttrs
from kmin.ops.cumulate import CumulateAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.sort import SortAttrs
from kmin.ops.top_k import TopKAttrs
from kmin.ops.where import WhereAttrs

# What Keras 3 sums small integers in.
WIDER = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def _reduce(call: LayerCall, x: Tensor, kind: str, axes: tuple[int, ...], keepdims: Any) -> Tensor:
    empty = kind in ("max", "min") and call.dialect < 3 and any(x.shape[axis] is None for axis in axes)
    return call.add("reduce", (x,), ReduceAttrs(kind, axes, bool(keepdims), empty))


def _over(call: LayerCall, x: Any, axis: Any) -> tuple[Tensor, tuple[int, ...]]:
    value = tensor_of(call, x)
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    return value, axes


def reduction(kind: str) -> Lowering:
    """sum, prod, max, min, mean over axes (None: all)."""

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
        value, axes = _over(call, x, axis)
        if kind == "mean" and call.dialect < 3 and value.dtype == "bool":
            raise call.fail(f"the mean of bools is not defined in TensorFlow; received {value.spec}")
        if kind == "mean" and call.dialect >= 3 and not is_float(value.dtype):
            value = floating(call, value)
        if kind in ("sum", "prod") and call.dialect >= 3:
            value = cast(call, value, WIDER.get(value.dtype, value.dtype))
        if value.dtype == "bool":
            return cast(call, _reduce(call, cast(call, value, "uint8"), kind, axes, keepdims), "bool")
        result = _reduce(call, value, kind, axes, keepdims)
        known = [size for size in call.builder.sizes.get(value.name, (None,)) if isinstance(size, int)]
        if kind == "prod" and not keepdims and value.shape == (len(known),):
            remember(call, result, [math.prod(known)])
        return result

    return lower


def extreme_with_initial(kind: str) -> Lowering:
    """max and min of keras.ops, which may be given a first value."""

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any, initial: Any) -> Tensor:
        result = reduction(kind)(call, x, axis, keepdims)
        return result if initial is None else binary(call, result, initial, f"{kind}imum")

    return lower


def product_as(call: LayerCall, x: Any, axis: Any, keepdims: Any, dtype: Any) -> Tensor:
    """prod of keras.ops, perhaps in another dtype."""
    value = tensor_of(call, x)
    result: Tensor = reduction("prod")(
        call, value if dtype is None else cast(call, value, dtype_named(call, dtype, "")), axis, keepdims
    )
    return result


def truth(kind: str) -> Lowering:
    """any and all."""

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
        value, axes = _over(call, x, axis)
        if kind == "any" and len(axes) == 1 and axes[0] > 0:
            return call.add("any_true", (value,), AnyTrueAttrs(axes[0], bool(keepdims)))
        small = cast(call, cast(call, value, "bool"), "uint8")
        return cast(call, _reduce(call, small, "max" if kind == "any" else "min", axes, keepdims), "bool")

    return lower


def _moments(call: LayerCall, x: Tensor, axes: tuple[int, ...], keepdims: Any) -> tuple[Tensor, Tensor]:
    mean = _reduce(call, x, "mean", axes, True)
    spread = unary(call, binary(call, x, mean, "subtract"), "square")
    return (mean if keepdims else _reduce(call, x, "mean", axes, False)), _reduce(call, spread, "mean", axes, keepdims)


def variance(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """Mean of the squared distances to the mean."""
    value, axes = _over(call, x, axis)
    return _moments(call, floating(call, value), axes, keepdims)[1]


def deviation(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """Square root of the variance."""
    return unary(call, variance(call, x, axis, keepdims), "sqrt")


def moments(call: LayerCall, x: Any, axes: Any, keepdims: Any) -> list[Tensor]:
    """Mean and variance."""
    value, found = _over(call, x, axes)
    return list(_moments(call, floating(call, value), found, keepdims))


def log_sum_exp(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """log(sum(exp(x))) without overflow."""
    value, axes = _over(call, x, axis)
    value = floating(call, value)
    largest = _reduce(call, value, "max", axes, True)
    zero = call.constant("zero", np.asarray(0, value.dtype))
    shift = call.add("where", (unary(call, largest, "isfinite"), largest, zero), WhereAttrs())
    total = _reduce(call, unary(call, binary(call, value, shift, "subtract"), "exp"), "sum", axes, True)
    result = binary(call, unary(call, total, "log"), shift, "add")
    return result if keepdims else _without(call, result, axes)


def _without(call: LayerCall, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    target = tuple(("x", axis) for axis in range(x.rank) if axis not in axes)
    return call.add("reshape", (x,), ReshapeAttrs(target))


def count_nonzero(call: LayerCall, x: Any, axis: Any, keepdims: Any, dtype: Any) -> Tensor:
    """How many values are not 0: int32 in Keras 3, int64 in TensorFlow."""
    value, axes = _over(call, x, axis)
    some = cast(call, cast(call, value, "bool"), dtype_named(call, dtype, "int32" if call.dialect >= 3 else "int64"))
    return _reduce(call, some, "sum", axes, keepdims)


def peak_to_peak(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """max - min"""
    value, axes = _over(call, x, axis)
    high, low = (_reduce(call, value, kind, axes, keepdims) for kind in ("max", "min"))
    return binary(call, high, low, "subtract")


def arg_extreme(largest: bool, default: int | None) -> Lowering:
    """argmax and argmin; `default` is the axis when none is given (None: all)."""

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any, dtype: Any) -> Tensor:
        value = tensor_of(call, x)
        axis = default if axis is None else axis
        if axis is None:
            kind = dtype_named(call, dtype, "int32" if call.dialect >= 3 else "int64")
            place = call.add("arg_extreme", (flattened(call, value),), ArgExtremeAttrs(0, largest, False, kind))
            return call.add("reshape", (place,), ReshapeAttrs((1,) * value.rank)) if keepdims else place
        at = axis_of(call, axis, value.rank)
        call.mix_samples(value, (at,))
        kind = dtype_named(call, dtype, "int32" if call.dialect >= 3 else "int64")
        return call.add("arg_extreme", (value,), ArgExtremeAttrs(at, largest, bool(keepdims), kind))

    return lower


def norm(call: LayerCall, x: Any, order: Any, axis: Any, keepdims: Any) -> Tensor:
    """Vector norms: 1, 2, infinite or any positive order; over several axes Frobenius'."""
    value, axes = _over(call, x, axis)
    value = floating(call, value)
    one = len(axes) == 1
    if order in ("euclidean", "fro", None) or (order == 2 and one):
        return unary(call, _reduce(call, unary(call, value, "square"), "sum", axes, keepdims), "sqrt")
    if isinstance(order, str) and order in ("inf", "-inf"):
        order = float(order)
    if not one or isinstance(order, bool) or not isinstance(order, (int, float)) or order <= 0:
        raise call.fail(f"ord must be a positive number (2 over several axes); received {order!r} over axes {axes}")
    size = unary(call, value, "abs")
    if math.isinf(order):
        return _reduce(call, size, "max", axes, keepdims)
    if order == 1:
        return _reduce(call, size, "sum", axes, keepdims)
    powers = _reduce(call, binary(call, size, float(order), "power"), "sum", axes, keepdims)
    return binary(call, powers, 1.0 / order, "power")


def weighted_average(call: LayerCall, x: Any, weights: Any, axis: Any) -> Tensor:
    """sum(x * weights) / sum(weights); weights have the shape of x, or that of its one axis."""
    value, axes = _over(call, x, axis)
    value = floating(call, value)
    if weights is None:
        return _reduce(call, value, "mean", axes, False)
    weight = floating(call, tensor_of(call, weights))
    if weight.rank == 1 and value.rank > 1 and len(axes) == 1:
        target = tuple(-1 if at == axes[0] else 1 for at in range(value.rank))
        weight = call.add("reshape", (weight,), ReshapeAttrs(target))
    elif weight.rank != value.rank:
        raise call.fail(f"weights must have the shape of x or of its axis; received {weight.spec} for {value.spec}")
    total = _reduce(call, binary(call, value, weight, "multiply"), "sum", axes, False)
    return binary(call, total, _reduce(call, weight, "sum", axes, False), "divide")


def cumulative(kind: str) -> Lowering:
    """cumsum and cumprod."""

    def lower(call: LayerCall, x: Any, axis: Any, exclusive: Any, reverse: Any, dtype: Any) -> Tensor:
        value = tensor_of(call, x)
        if axis is None:
            value, axis = flattened(call, value), 0
        at = axis_of(call, axis, value.rank)
        call.mix_samples(value, (at,))
        if dtype is not None:
            value = cast(call, value, dtype_named(call, dtype, ""))
        elif call.dialect >= 3 and value.dtype == "bool":
            value = cast(call, value, "int32")
        return call.add("cumulate", (value,), CumulateAttrs(at, kind, bool(exclusive), bool(reverse)))

    return lower


def ordered(places: bool) -> Lowering:
    """sort and argsort."""

    def lower(call: LayerCall, x: Any, axis: Any, direction: Any) -> Tensor:
        value = tensor_of(call, x)
        if axis is None or direction not in ("ASCENDING", "DESCENDING"):
            raise call.fail(f"needs an axis and a direction; received {axis!r} and {direction!r}")
        at = axis_of(call, axis, value.rank)
        call.mix_samples(value, (at,))
        return call.add("sort", (value,), SortAttrs(at, direction == "DESCENDING", places))

    return lower


def top_k(call: LayerCall, x: Any, k: Any, dtype: Any) -> list[Tensor]:
    """The k largest values of the last axis and their places, in order (which Keras promises only when sorted)."""
    value, kind = tensor_of(call, x), dtype_named(call, dtype, "int32")
    call.mix_samples(value, (value.rank - 1,))
    sizes = sizes_of(call, k) if isinstance(k, Tensor) else None
    if sizes is not None and len(sizes) == 1 and isinstance(sizes[0], int):
        k = sizes[0]
    if not isinstance(k, Tensor):
        return list(call.add_all("top_k", (value,), TopKAttrs(integer(call, k, "k"), kind)))
    first = [*[(None, None, None)] * (value.rank - 1), (0, number_of(call, k, "k"), None)]
    found = (call.add("sort", (value,), SortAttrs(-1, True, places)) for places in (False, True))
    best, places = (cut_at(call, x, first, True) for x in found)
    return [best, cast(call, places, kind)]


def skipping_nan(kind: str) -> Lowering:
    """nansum, nanprod, nanmax, nanmin, nanmean: as if nan were not there."""
    neutral = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf}[kind]

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
        value, axes = _over(call, x, axis)
        if not is_float(value.dtype):
            return reduction(kind)(call, value, axis, keepdims)  # type: ignore[no-any-return]
        absent = unary(call, value, "isnan")
        instead = call.constant("instead", np.asarray(neutral, value.dtype))
        clean = call.add("where", (absent, instead, value), WhereAttrs())
        if kind in ("sum", "prod"):
            return _reduce(call, clean, kind, axes, keepdims)
        count = _reduce(call, cast(call, unary(call, absent, "logical_not"), value.dtype), "sum", axes, keepdims)
        if kind == "mean":
            return binary(call, _reduce(call, clean, "sum", axes, keepdims), count, "divide")
        nothing = binary(call, count, call.constant("zero", np.asarray(0, value.dtype)), "equal")
        nan = call.constant("nan", np.asarray(math.nan, value.dtype))
        return call.add("where", (nothing, nan, _reduce(call, clean, kind, axes, keepdims)), WhereAttrs())

    return lower
