"""Transposed and separable convolutions, pools and reversed sequences as TensorFlow's functions spell them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import tensorflow_layers, windowed
from kmin.layers.operations.arguments import Lowering, axis_of, binary, cast, integer, operands, tensor_of, unary
from kmin.layers.operations.shaping import expand_dims, flip, move_axis, swap_axes
from kmin.layers.operations.sizes import sizes_of
from kmin.layers.operations.tensorflow_layers import layout_of, steps_of
from kmin.ops.binary import BinaryAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.shape_of import ShapeOfAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.take import TakeAttrs
from kmin.ops.where import WhereAttrs


def conv_transpose(rank: int) -> Lowering:
    """nn.conv1d_transpose to nn.conv3d_transpose; `output_shape` lists all axes or the spatial ones alone."""

    def lower(
        call: LayerCall, x: Any, filters: Any, shape: Any, strides: Any, padding: Any, data_format: Any, dilations: Any
    ) -> Tensor:
        layout = layout_of(call, data_format)
        last, first = windowed.channels_last(call, x, layout)
        value, kernel = operands(call, (last, filters))
        steps = windowed.many(call, steps_of(call, strides, rank, layout), rank, "strides")
        spread = windowed.many(call, steps_of(call, dilations, rank, layout), rank, "dilations")
        window = [size for size in kernel.shape[:rank] if size is not None]
        if value.rank != rank + 2 or len(window) != rank or max(spread) > 1 or padding not in ("SAME", "VALID"):
            raise call.fail(
                f"needs {rank} spatial axes, a known kernel, no dilation, and SAME or VALID; received {value.spec}"
            )
        wanted = _spatial(call, shape, rank, first)
        extra = []
        for n, k, s, size in zip(value.shape[1:-1], window, steps, wanted, strict=True):
            if n is None or not isinstance(size, int):
                raise call.fail(f"needs sizes that the file tells; received {value.spec} and {wanted}")
            if n != (-(-size // s) if padding == "SAME" else (size - k) // s + 1):
                raise call.fail(f"output_shape must fit strides {steps} and windows {window}; received {wanted}")
            extra.append(size - (n - 1) * s - (k if padding == "VALID" else k % 2))
        attrs = ConvTransposeAttrs(steps, spread, padding.lower(), tuple(extra))
        return windowed.restored(call, call.add("conv_transpose", (value, kernel, None), attrs), first)

    return lower


def atrous_transpose(call: LayerCall, x: Any, filters: Any, shape: Any, rate: Any, padding: Any) -> Tensor:
    """nn.atrous_conv2d_transpose: a convolution with the filters turned around, their cells `rate` apart."""
    value, kernel = operands(call, (x, filters))
    spread, window = integer(call, rate, "rate"), [size for size in kernel.shape[:2] if size is not None]
    if value.rank != 4 or kernel.rank != 4 or len(window) != 2 or spread < 1 or padding not in ("SAME", "VALID"):
        raise call.fail(f"needs images, a known kernel, and SAME or VALID; received {value.spec} and {kernel.spec}")
    reach = [(size - 1) * spread for size in window]
    pads = [(size - size // 2, size // 2) if padding == "SAME" else (size, size) for size in reach]
    wanted, own = _spatial(call, shape, 2, False), value.shape[1:3]
    for size, given, more in zip(wanted, own, reach, strict=True):
        if given is None or size != given + (0 if padding == "SAME" else more):
            raise call.fail(f"output_shape must be that of a convolution's input; received {shape!r:.60}")
    wide = call.add("pad", (value,), PadAttrs(((0, 0), *pads, (0, 0))))
    turned = swap_axes(call, flip(call, kernel, [0, 1]), 2, 3)
    return call.add("conv", (wide, turned, None), ConvAttrs((1, 1), (spread, spread), "valid"))


def _spatial(call: LayerCall, shape: Any, rank: int, first: bool) -> list[Any]:
    sizes = sizes_of(call, shape)
    if sizes is not None and len(sizes) == rank + 2:
        return sizes[2:] if first else sizes[1:-1]
    if sizes is None or len(sizes) != rank:
        raise call.fail(f"output_shape must list {rank + 2} sizes; received {shape!r:.80}")
    return sizes


def separable_convolution(
    call: LayerCall, x: Any, depthwise: Any, pointwise: Any, strides: Any, padding: Any, rate: Any, layout: Any
) -> Tensor:
    """nn.separable_conv2d."""
    name = layout_of(call, layout)
    steps, spread = (steps_of(call, value, 2, name) for value in (strides, rate))
    return windowed.separable_conv(call, x, depthwise, pointwise, steps, padding, name, spread)


def any_convolution(
    call: LayerCall, x: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any
) -> Tensor:
    """nn.convolution: of as many spatial axes as the input has."""
    value = tensor_of(call, x)
    lower = tensorflow_layers.convolution(value.rank - 2)
    return lower(call, value, filters, strides, padding, data_format, dilations)  # type: ignore[no-any-return]


def any_pooling(
    call: LayerCall, x: Any, window: Any, kind: Any, padding: Any, rate: Any, strides: Any, layout: Any, dilations: Any
) -> Tensor:
    """nn.pool: MAX or AVG over windows one cell apart."""
    kinds = {"AVG": "mean", "MAX": "max"}
    if kind not in kinds or np.any(np.asarray([1 if given is None else given for given in (rate, dilations)]) != 1):
        raise call.fail(f"needs 'MAX' or 'AVG' without dilation; received {kind!r:.40}, {rate!r:.40}")
    steps = 1 if strides is None else strides
    return tensorflow_layers.pooling(kinds[kind])(call, x, window, steps, padding, layout)  # type: ignore[no-any-return]


def fused_batch_norm(
    call: LayerCall,
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any,
    variance: Any,
    epsilon: Any,
    layout: Any,
    *rest: Any,
) -> list[Tensor]:
    """FusedBatchNorm and the statistics: those given, or those of the batch."""
    last, first = windowed.channels_last(call, x, layout_of(call, layout))
    small = float(epsilon)
    if rest[0]:
        y, *own = _by_own_statistics(call, last, scale, offset, small)
        share = float(rest[1]) if len(rest) > 1 else 1.0
        if share != 1:
            given = [tensor_of(call, value, "float32") for value in (mean, variance)]
            own = [_moved(call, old, new, share) for old, new in zip(given, own, strict=True)]
        return [windowed.restored(call, y, first), *own]
    if mean is None or variance is None:
        raise call.fail("needs a mean and a variance unless is_training")
    y = tensorflow_layers.batch_normalization(call, last, mean, variance, offset, scale, small)
    statistics = [tensor_of(call, value, last.dtype) for value in (mean, variance)]
    return [windowed.restored(call, y, first), *statistics]


def _by_own_statistics(call: LayerCall, x: Tensor, scale: Any, offset: Any, epsilon: float) -> list[Tensor]:
    """x normalised by mean and variance of each channel, the mean, and the variance over one value less."""
    axes = tuple(range(x.rank - 1))
    call.mix_samples(x, axes)
    wide = cast(call, x, "float32")
    mean = call.add("reduce", (wide,), ReduceAttrs("mean", axes))
    away = binary(call, wide, mean, "subtract")
    total = call.add("reduce", (unary(call, away, "square"),), ReduceAttrs("sum", axes))
    sizes = call.add("slice", (call.add("shape_of", (x,), ShapeOfAttrs("int32")),), SliceAttrs(((None, -1, None),)))
    count = cast(call, call.add("reduce", (sizes,), ReduceAttrs("prod", (0,))), total.dtype)
    inner = binary(call, binary(call, total, count, "divide"), epsilon, "add")
    factor = binary(call, unary(call, inner, "rsqrt"), tensor_of(call, scale, "float32"), "multiply")
    y = binary(call, binary(call, away, factor, "multiply"), tensor_of(call, offset, "float32"), "add")
    one_less = binary(call, binary(call, count, 1.0, "subtract"), 1.0, "maximum")
    return [cast(call, y, x.dtype), mean, binary(call, total, one_less, "divide")]


def _moved(call: LayerCall, old: Tensor, new: Tensor, share: float) -> Tensor:
    kept = binary(call, old, 1.0 - share, "multiply")
    return binary(call, kept, binary(call, new, share, "multiply"), "add")


def reverse_sequence(call: LayerCall, x: Any, lengths: Any, axis: Any, batch_axis: Any) -> Tensor:
    """The first `lengths` steps of each sample backwards."""
    value, counts = tensor_of(call, x), tensor_of(call, lengths)
    at = axis_of(call, axis, value.rank)
    if integer(call, batch_axis if batch_axis is not None else 0, "batch_axis") != 0 or at == 0:
        raise call.fail("batch_axis must be 0, and seq_axis another")
    moved = move_axis(call, value, [at], [1])
    size = moved.shape[1]
    if size is None:
        raise call.fail(f"needs sequences of known length; received {value.spec}")
    column = expand_dims(call, cast(call, counts, "int32"), -1)
    places = call.constant("places", np.arange(size, dtype="int32")[None])
    back = call.add("binary", (column, call.constant("after", places_after(size))), BinaryAttrs("subtract"))
    inside = call.add("binary", (places, column), BinaryAttrs("less"))
    order = call.add("where", (inside, back, places), WhereAttrs())
    return move_axis(call, call.add("take", (moved, order), TakeAttrs(1, False, 1)), [1], [at])


def places_after(size: int) -> Any:
    """1, 2, ..., size as a row."""
    return np.arange(1, size + 1, dtype="int32")[None]
