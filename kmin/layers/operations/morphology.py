"""Dilation and erosion of images, and pooling that tells where its values stood (TensorFlow)."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import windowed
from kmin.layers.operations.arguments import dtype_named, operands, tensor_of, unary
from kmin.layers.operations.shaping import flip
from kmin.layers.operations.tensorflow_layers import layout_of, steps_of
from kmin.ops.arg_max_pool import ArgMaxPoolAttrs
from kmin.ops.dilate import DilateAttrs


def _padding(call: LayerCall, padding: Any, layout: Any) -> str:
    if padding not in ("SAME", "VALID") or layout_of(call, layout) != "channels_last":
        raise call.fail(f"needs SAME or VALID and channels last; received {padding!r:.40} and {layout!r:.40}")
    return str(padding).lower()


def dilation(call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, layout: Any, rates: Any) -> Tensor:
    """nn.dilation2d: the largest of x plus the filter in each window."""
    value, heights = operands(call, (x, filters))
    steps, spread = (windowed.many(call, steps_of(call, part, 2, ""), 2, "steps") for part in (strides, rates))
    return call.add("dilate", (value, heights), DilateAttrs(steps, spread, _padding(call, padding, layout)))


def erosion(call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, layout: Any, rates: Any) -> Tensor:
    """nn.erosion2d: the least of x minus the filter; the filter is that of a dilation turned around."""
    value, heights = operands(call, (x, filters))
    turned = flip(call, heights, (0, 1))
    y = dilation(call, unary(call, value, "negative"), turned, strides, padding, layout, rates)
    return unary(call, y, "negative")


def dilation_v1(
    call: LayerCall,
    x: Any,
    filter_: Any,
    strides: Any,
    rates: Any,
    padding: Any,
    _: Any,
    filters: Any,
    dilations: Any,
) -> Tensor:
    """compat.v1.nn.dilation2d, two of whose arguments have two names."""
    heights, spread = filter_ if filters is None else filters, rates if dilations is None else dilations
    return dilation(call, x, heights, strides, padding, None, spread)


def erosion_v1(call: LayerCall, x: Any, kernel: Any, strides: Any, rates: Any, padding: Any) -> Tensor:
    """compat.v1.nn.erosion2d."""
    return erosion(call, x, kernel, strides, padding, None, rates)


def max_pool_with_places(
    call: LayerCall, x: Any, window: Any, strides: Any, padding: Any, layout: Any, dtype: Any, counts_samples: Any
) -> list[Tensor]:
    """nn.max_pool_with_argmax."""
    value = tensor_of(call, x)
    size, steps = (windowed.many(call, steps_of(call, part, 2, ""), 2, "sizes") for part in (window, strides))
    if counts_samples:
        call.mix_samples(value, (0,))
    kind = dtype_named(call, dtype, "int64")
    attrs = ArgMaxPoolAttrs(size, steps, _padding(call, padding, layout), bool(counts_samples), kind)
    return list(call.add_all("arg_max_pool", (value,), attrs))


def max_pool_with_places_v1(
    call: LayerCall,
    x: Any,
    window: Any,
    strides: Any,
    padding: Any,
    layout: Any,
    old: Any,
    _: Any,
    dtype: Any,
    counts_samples: Any,
) -> list[Tensor]:
    """compat.v1.nn.max_pool_with_argmax, whose dtype has two names."""
    return max_pool_with_places(
        call, x, window, strides, padding, layout, old if dtype is None else dtype, counts_samples
    )
