"""Order statistics of keras.ops, and sums and extremes that skip nan."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axes_of,
    axis_of,
    binary,
    cast,
    floating,
    integer,
    is_float,
    tensor_of,
    unary,
)
from kmin.layers.operations.arithmetic import nan_to_num
from kmin.layers.operations.normalizing import difference
from kmin.layers.operations.reductions import arg_extreme, cumulative, skipping_nan, truth
from kmin.layers.operations.shaping import cut, move_axis, stack
from kmin.ops.quantile import QUANTILE_METHODS, QuantileAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.where import WhereAttrs


def _quantile(call: LayerCall, x: Any, part: Any, axis: Any, method: Any, keepdims: Any, skips: bool) -> Tensor:
    value = floating(call, tensor_of(call, x))
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    array = None if isinstance(part, Tensor) else np.asarray(part, "f8")
    if array is None or array.ndim > 1 or not array.size or not ((array >= 0) & (array <= 1)).all():
        raise call.fail("needs parts from 0 to 1 from the file")
    if method not in QUANTILE_METHODS:
        raise call.fail(f"method must be one of {', '.join(QUANTILE_METHODS)}; received {method!r:.40}")
    found = [
        call.add("quantile", (value,), QuantileAttrs(float(one), axes, method, bool(keepdims), skips))
        for one in np.ravel(array)
    ]
    return stack(call, found, 0) if array.ndim else found[0]


def quantile(skips: bool) -> Lowering:
    """quantile and nanquantile."""
    return lambda call, x, q, axis, method, keepdims: _quantile(call, x, q, axis, method, keepdims, skips)


def percentile(skips: bool) -> Lowering:
    """percentile and nanpercentile."""

    def lower(call: LayerCall, x: Any, q: Any, axis: Any, method: Any, keepdims: Any) -> Tensor:
        part = q if isinstance(q, Tensor) else np.asarray(q, "float32") / np.float32(100)
        return _quantile(call, x, part, axis, method, keepdims, skips)

    return lower


def median(skips: bool) -> Lowering:
    """median and nanmedian."""
    return lambda call, x, axis, keepdims: _quantile(call, x, 0.5, axis, "linear", keepdims, skips)


def nan_variance(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """The variance of what is not nan."""
    value = floating(call, tensor_of(call, x))
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    present = unary(call, unary(call, value, "isnan"), "logical_not")
    mean = skipping_nan("mean")(call, value, list(axes), True)
    zero = call.constant("zero", np.asarray(0, value.dtype))
    away = call.add("where", (present, binary(call, value, mean, "subtract"), zero), WhereAttrs())
    count = call.add("reduce", (cast(call, present, value.dtype),), ReduceAttrs("sum", axes, bool(keepdims)))
    total = call.add("reduce", (unary(call, away, "square"),), ReduceAttrs("sum", axes, bool(keepdims)))
    return binary(call, total, count, "divide")


def nan_deviation(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
    """The square root of that."""
    return unary(call, nan_variance(call, x, axis, keepdims), "sqrt")


def nan_arg_extreme(largest: bool) -> Lowering:
    """nanargmax and nanargmin: -1 where everything is nan."""

    def lower(call: LayerCall, x: Any, axis: Any, keepdims: Any) -> Tensor:
        value = tensor_of(call, x)
        if not is_float(value.dtype):
            return arg_extreme(largest, None)(call, value, axis, keepdims, None)  # type: ignore[no-any-return]
        absent = unary(call, value, "isnan")
        instead = call.constant("instead", np.asarray(-np.inf if largest else np.inf, value.dtype))
        clean = call.add("where", (absent, instead, value), WhereAttrs())
        place = arg_extreme(largest, None)(call, clean, axis, keepdims, None)
        nowhere = call.constant("nowhere", np.asarray(-1, "int32"))
        return call.add("where", (truth("all")(call, absent, axis, keepdims), nowhere, place), WhereAttrs())

    return lower


def nan_cumulative(kind: str) -> Lowering:
    """nancumsum and nancumprod."""

    def lower(call: LayerCall, x: Any, axis: Any, dtype: Any) -> Tensor:
        clean = nan_to_num(call, x, 1.0 if kind == "prod" else 0.0, None, None)
        return cumulative(kind)(call, clean, axis, False, False, dtype)  # type: ignore[no-any-return]

    return lower


def trapezoid(call: LayerCall, y: Any, x: Any, dx: Any, axis: Any) -> Tensor:
    """The area under points."""
    value = floating(call, tensor_of(call, y))
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    steps: Any = float(dx)
    if x is not None:
        places = floating(call, tensor_of(call, x))
        steps = difference(call, places, 1, integer(call, axis, "axis") if places.rank > 1 else -1)
        steps = move_axis(call, steps, at, -1) if steps.rank == value.rank else steps
    value = move_axis(call, value, at, -1)
    last = value.rank - 1
    heights = binary(call, cut(call, value, last, 1, None), cut(call, value, last, None, -1), "add")
    areas = binary(call, binary(call, heights, 0.5, "multiply"), steps, "multiply")
    return call.add("reduce", (areas,), ReduceAttrs("sum", (last,)))
