"""Normalisation functions of keras.ops, and the smaller statistics and differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    axes_of,
    axis_of,
    binary,
    cast,
    floating,
    integer,
    is_number,
    tensor_of,
    unary,
)
from kmin.layers.operations.reductions import variance
from kmin.layers.operations.shaping import cut
from kmin.ops.reduce import ReduceAttrs


def _prepared(call: LayerCall, x: Any, axis: Any, epsilon: Any) -> tuple[Tensor, tuple[int, ...], str, float]:
    """x in float32 at least, the axes, the dtype to return to, epsilon (1e-7 when it is not given)."""
    value = tensor_of(call, x)
    axes = axes_of(call, axis, value.rank)
    call.mix_samples(value, axes)
    if epsilon is not None and not is_number(epsilon):
        raise call.fail(f"epsilon must be a number; received {epsilon!r:.60}")
    wide = cast(call, value, "float32") if value.dtype != "float64" else value
    return wide, axes, value.dtype, 1e-7 if epsilon is None else float(epsilon)


def _factor(call: LayerCall, weight: Any, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    value = cast(call, tensor_of(call, weight), x.dtype)
    if axes != (x.rank - 1,) and value.rank != x.rank:
        raise call.fail("scales over other axes than the last are not supported")
    return value


def rms_norm(call: LayerCall, x: Any, scale: Any, axis: Any, epsilon: Any) -> Tensor:
    """x / sqrt(mean(x^2) + epsilon), times scale."""
    value, axes, dtype, small = _prepared(call, x, axis, epsilon)
    mean = call.add("reduce", (unary(call, value, "square"),), ReduceAttrs("mean", axes, True))
    y = binary(call, value, unary(call, binary(call, mean, small, "add"), "rsqrt"), "multiply")
    if scale is not None:
        y = binary(call, y, cast(call, tensor_of(call, scale), y.dtype), "multiply")
    return cast(call, y, dtype)


def layer_norm(call: LayerCall, x: Any, gamma: Any, beta: Any, axis: Any, epsilon: Any, rms_scaling: Any) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon), times gamma plus beta; rms_scaling only divides."""
    value, axes, dtype, small = _prepared(call, x, axis, epsilon)
    inverse = unary(call, binary(call, variance(call, value, axes, True), small, "add"), "rsqrt")
    y = value
    if not rms_scaling:
        mean = call.add("reduce", (value,), ReduceAttrs("mean", axes, True))
        y = binary(call, value, mean, "subtract")
    y = binary(call, y, inverse, "multiply")
    if gamma is not None:
        y = binary(call, y, _factor(call, gamma, y, axes), "multiply")
    if beta is not None and not rms_scaling:
        y = binary(call, y, _factor(call, beta, y, axes), "add")
    return cast(call, y, dtype)


def difference(call: LayerCall, x: Any, n: Any, axis: Any) -> Tensor:
    """Each value minus the one before, n times."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    for _ in range(integer(call, n, "n")):
        kind = "not_equal" if value.dtype == "bool" else "subtract"
        value = binary(call, cut(call, value, at, 1, None), cut(call, value, at, None, -1), kind)
    return value


def grayscale(call: LayerCall, x: Any, data_format: Any) -> Tensor:
    """Red, green and blue weighed by 0.2989, 0.587 and 0.114."""
    value = tensor_of(call, x)
    if data_format not in (None, "channels_last") or value.rank != 4 or value.shape[-1] not in (1, 3):
        raise call.fail(f"needs a batch of channels-last images in color; received {value.spec} and {data_format!r}")
    if value.shape[-1] == 1:
        return value
    wide = floating(call, value)
    weights = call.constant("weights", np.asarray([0.2989, 0.5870, 0.1140], wide.dtype))
    y = call.add("reduce", (binary(call, wide, weights, "multiply"),), ReduceAttrs("sum", (value.rank - 1,), True))
    return cast(call, y, value.dtype)
