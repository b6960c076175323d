"""Convolutions, pooling and patches of keras.ops: the layers' computations with kernels given as arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import Lowering, binary, cast, floating, integers, operands, tensor_of
from kmin.layers.operations.shaping import reshaped
from kmin.ops.adaptive_pool import AdaptivePoolAttrs
from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.take import TakeAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.window import window_pads, window_reach


def channels_last(call: LayerCall, x: Any, data_format: Any) -> tuple[Tensor, bool]:
    """A batch with its channels last, and whether they were first."""
    value = tensor_of(call, x)
    if data_format not in (None, "channels_last", "channels_first") or value.rank < 3:
        raise call.fail(f"needs a batch and a data_format; received {value.spec} and {data_format!r:.40}")
    if data_format != "channels_first":
        return value, False
    return call.add("transpose", (value,), TransposeAttrs((0, *range(2, value.rank), 1))), True


def restored(call: LayerCall, y: Tensor, first: bool) -> Tensor:
    """Channels where they were."""
    return call.add("transpose", (y,), TransposeAttrs((0, y.rank - 1, *range(1, y.rank - 1)))) if first else y


def many(call: LayerCall, value: Any, count: int, what: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """One positive integer per axis."""
    if value is None and default is not None:
        return default
    found = integers(call, value, what)
    found = found * count if len(found) == 1 else found
    if len(found) != count or min(found) < 1:
        raise call.fail(f"{what} must be {count} positive integers; received {value!r:.60}")
    return found


def _padding(call: LayerCall, value: Any) -> str:
    name = str(value).lower()
    if name not in ("valid", "same"):
        raise call.fail(f"padding must be 'valid' or 'same'; received {value!r:.40}")
    return name


def _pair(call: LayerCall, x: Tensor, kernel: Any) -> tuple[Tensor, Tensor]:
    value, weights = operands(call, (floating(call, x), kernel))
    if weights.rank != value.rank or None in weights.shape or value.shape[-1] is None:
        raise call.fail(f"needs a kernel of {value.rank} known axes; received {weights.spec} for {value.spec}")
    return value, cast(call, weights, value.dtype)


def conv(
    call: LayerCall, x: Any, kernel: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any
) -> Tensor:
    """conv: groups follow from the channels."""
    last, first = channels_last(call, x, data_format)
    value, weights = _pair(call, last, kernel)
    rank, channels, part = value.rank - 2, value.shape[-1], weights.shape[-2]
    assert channels is not None
    assert part is not None
    if part < 1 or channels % part:
        raise call.fail(f"a kernel for {part} channels does not divide {channels}")
    attrs = ConvAttrs(
        many(call, strides, rank, "strides"),
        many(call, dilation_rate, rank, "dilation_rate"),
        _padding(call, padding),
        channels // part,
    )
    return restored(call, call.add("conv", (value, weights, None), attrs), first)


def depthwise_conv(
    call: LayerCall, x: Any, kernel: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any
) -> Tensor:
    """depthwise_conv."""
    last, first = channels_last(call, x, data_format)
    value, weights = _pair(call, last, kernel)
    rank = value.rank - 2
    attrs = DepthwiseConvAttrs(
        many(call, strides, rank, "strides"), many(call, dilation_rate, rank, "dilation_rate"), _padding(call, padding)
    )
    return restored(call, call.add("depthwise_conv", (value, weights, None), attrs), first)


def separable_conv(
    call: LayerCall,
    x: Any,
    depthwise: Any,
    pointwise: Any,
    strides: Any,
    padding: Any,
    data_format: Any,
    dilation_rate: Any,
) -> Tensor:
    """separable_conv: a depthwise one, then one of 1 x 1."""
    y = depthwise_conv(call, x, depthwise, strides, padding, data_format, dilation_rate)
    return conv(call, y, pointwise, 1, "valid", data_format, 1)


def pooling(kind: str) -> Lowering:
    """max_pool and average_pool."""

    def lower(call: LayerCall, x: Any, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> Tensor:
        value, first = channels_last(call, x, data_format)
        rank = value.rank - 2
        window = many(call, pool_size, rank, "pool_size")
        attrs = (window, many(call, strides, rank, "strides", window), _padding(call, padding))
        if kind == "max":
            return restored(call, call.add("max_pool", (value,), MaxPoolAttrs(*attrs)), first)
        return restored(call, call.add("avg_pool", (floating(call, value),), AvgPoolAttrs(*attrs)), first)

    return lower


def adaptive_pooling(kind: str) -> Lowering:
    """adaptive_max_pool and adaptive_average_pool."""

    def lower(call: LayerCall, x: Any, output_size: Any, data_format: Any) -> Tensor:
        value, first = channels_last(call, x, data_format)
        sizes = many(call, output_size, value.rank - 2, "output_size")
        return restored(call, call.add("adaptive_pool", (value,), AdaptivePoolAttrs(sizes, kind)), first)

    return lower


def batch_normalization(
    call: LayerCall, x: Any, mean: Any, variance: Any, offset: Any, scale: Any, axis: Any, epsilon: Any
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset; statistics along one axis."""
    value = floating(call, tensor_of(call, x))
    (at,) = integers(call, axis, "axis")
    at %= value.rank

    def along(statistic: Any) -> Tensor:
        part = cast(call, tensor_of(call, statistic), value.dtype)
        if part.rank != 1 or at == value.rank - 1:
            return part
        return reshaped(call, part, (*(1,) * at, ("x", 0), *(1,) * (value.rank - at - 1)))

    spread = binary(call, along(variance), float(epsilon), "add")
    y = binary(call, binary(call, value, along(mean), "subtract"), binary(call, spread, 0.5, "power"), "divide")
    y = y if scale is None else binary(call, y, along(scale), "multiply")
    return y if offset is None else binary(call, y, along(offset), "add")


def framed(call: LayerCall, x: Tensor, axis: int, length: int, stride: int, dilation: int = 1) -> Tensor:
    """An axis cut into windows that may overlap: two axes, windows and places in them."""
    size = x.shape[axis]
    count = None if size is None else (size - window_reach(length, dilation)) // stride + 1
    if count is None or count < 1:
        raise call.fail(f"axis {axis} must be of known size and hold a window of {length}; received {x.spec}")
    places = np.arange(count)[:, None] * stride + np.arange(length) * dilation
    ids = call.constant("places", places.astype("int32"))
    return call.add("take", (x, ids), TakeAttrs(axis, False, 0))


def extract_patches(
    call: LayerCall, x: Any, size: Any, strides: Any, dilation_rate: Any, padding: Any, data_format: Any
) -> Tensor:
    """Patches side by side in the channels: rows, columns, then channels of a patch."""
    value, first = channels_last(call, x, data_format)
    rank = value.rank - 2
    given = integers(call, size, "size")
    if rank < 2 or (len(given) == 1 and rank != 2):
        raise call.fail(f"needs a batch of images, or of volumes with a size for each axis; received {value.spec}")
    window = many(call, size, rank, "size")
    steps = many(call, strides if strides else None, rank, "strides", window)
    spread = many(call, dilation_rate, rank, "dilation_rate")
    known = [extent for extent in value.shape[1:] if extent is not None]
    if len(known) != rank + 1:
        raise call.fail(f"needs images of known size; received {value.spec}")
    name = _padding(call, padding)
    rows = zip(known, window, steps, spread, strict=False)
    pads = [window_pads(extent, w, s, d, name) for extent, w, s, d in rows]
    if any(pair != (0, 0) for pair in pads):
        value = call.add("pad", (value,), PadAttrs(((0, 0), *pads, (0, 0)), 0.0, "constant"))
    for at in range(rank):
        value = framed(call, value, 1 + 2 * at, window[at], steps[at], spread[at])
    order = (0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1)
    value = call.add("transpose", (value,), TransposeAttrs(order))
    target = (*(("x", at) for at in range(rank + 1)), int(np.prod(window)) * known[-1])
    return restored(call, reshaped(call, value, target), first)


def unfold(call: LayerCall, x: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Tensor:
    """im2col: (batch, channels, rows, columns) -> (batch, channels * places in a window, windows)."""
    value = tensor_of(call, x)
    if value.rank != 4 or None in value.shape[1:]:
        raise call.fail(f"needs a batch of images of known size, channels first; received {value.spec}")
    window, spread = many(call, kernel_size, 2, "kernel_size"), many(call, dilation, 2, "dilation")
    steps = many(call, stride, 2, "stride")
    pads = integers(call, padding, "padding")
    pads = pads * 2 if len(pads) == 1 else pads
    if any(pads):
        pairs = ((0, 0), (0, 0), *((cells, cells) for cells in pads))
        value = call.add("pad", (value,), PadAttrs(pairs, 0.0, "constant"))
    value = framed(call, value, 2, window[0], steps[0], spread[0])
    value = framed(call, value, 4, window[1], steps[1], spread[1])
    value = call.add("transpose", (value,), TransposeAttrs((0, 1, 3, 5, 2, 4)))
    sizes = [size for size in value.shape[1:] if size is not None]
    channels, windows = int(np.prod(sizes[:3])), int(np.prod(sizes[3:]))
    return reshaped(call, value, (("x", 0), channels, windows))


def fold(
    call: LayerCall, x: Any, output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> Tensor:
    """col2im, unfold's counterpart: a transposed convolution that puts every channel where it belongs."""
    value = tensor_of(call, x)
    window, spread = many(call, kernel_size, 2, "kernel_size"), many(call, dilation, 2, "dilation")
    size, steps = many(call, output_size, 2, "output_size"), many(call, stride, 2, "stride")
    pads = integers(call, padding, "padding")
    pads = pads * 2 if len(pads) == 1 else pads
    reach = [window_reach(cells, step) for cells, step in zip(window, spread, strict=True)]
    counts = [(n + 2 * p - r) // s + 1 for n, p, r, s in zip(size, pads, reach, steps, strict=True)]
    taps = window[0] * window[1]
    rows = value.shape[1] if value.rank == 3 else None
    if rows is None or rows % taps or value.shape[2] != counts[0] * counts[1] or min(counts) < 1:
        raise call.fail(f"needs windows of {taps} cells, {counts[0]} x {counts[1]} of them; received {value.spec}")
    parts = reshaped(call, value, (("x", 0), rows, *counts))
    parts = call.add("transpose", (parts,), TransposeAttrs((0, 2, 3, 1)))
    kernel = np.eye(rows, dtype=value.dtype).reshape(rows // taps, *window, rows).transpose(1, 2, 0, 3)
    attrs = ConvTransposeAttrs(steps, spread, "valid", (0, 0))
    y = call.add("conv_transpose", (parts, call.constant("places", np.ascontiguousarray(kernel)), None), attrs)
    made = [(count - 1) * s + r for count, s, r in zip(counts, steps, reach, strict=True)]
    more = [(0, max(0, n + p - m)) for n, p, m in zip(size, pads, made, strict=True)]
    less = [(p, max(0, m - n - p)) for n, p, m in zip(size, pads, made, strict=True)]
    y = call.add("pad", (y,), PadAttrs(((0, 0), *more, (0, 0))))
    return restored(call, call.add("crop", (y,), CropAttrs(((0, 0), *less, (0, 0)))), True)
