"""depthwise_conv: every channel convolved with its own filters, plus bias, plus activation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import apply_activation
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, window_taps, window_view, windows_of

# Sums are kept in pieces of this many bytes, which stay in the processor's cache over all taps.
DEPTHWISE_PIECE_BYTES = 1 << 18


@dataclass(frozen=True)
class DepthwiseConvAttrs:
    """As ConvAttrs, without groups."""

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...] = "valid"
    activation: str = "linear"
    activation_args: tuple[float, ...] = ()


def infer_depthwise_conv(specs: Specs, attrs: DepthwiseConvAttrs) -> tuple[TensorSpec, ...]:
    x, kernel, _ = specs
    rank = kernel.rank - 2
    if x.rank != rank + 2 or x.shape[-1] != kernel.shape[-2]:
        raise InputError(f"depthwise_conv needs {rank} spatial axes and {kernel.shape[-2]} channels; received {x}")
    if not x.dtype.startswith("float"):
        raise InputError(f"depthwise_conv needs a floating input; received {x}")
    counts = windows_of(
        x.shape[1:-1], kernel.shape[:rank], attrs.strides, attrs.dilation, attrs.padding, "depthwise_conv"
    )
    return (TensorSpec((x.shape[0], *counts, kernel.shape[-2] * kernel.shape[-1]), x.dtype),)


def run_depthwise_conv(arrays: Arrays, attrs: DepthwiseConvAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C], kernel [*window, C, M], bias [C * M] or None -> [N, *windows, C * M]."""
    x, kernel, bias = arrays
    window, multiplier = kernel.shape[:-2], kernel.shape[-1]
    counts = windows_of(x.shape[1:-1], window, attrs.strides, attrs.dilation, attrs.padding, "depthwise_conv")
    half = x.dtype == np.float16
    work = x.astype(np.float32) if half else x
    taps = kernel.astype(work.dtype, copy=False)
    padded = np.ascontiguousarray(window_padded(work, window, attrs.strides, attrs.dilation, attrs.padding))
    y = np.empty((*padded.shape[:1], *counts, kernel.shape[-2] * multiplier), work.dtype)
    row_bytes = math.prod(y.shape[2:]) * y.itemsize
    images = max(1, DEPTHWISE_PIECE_BYTES // max(1, row_bytes * y.shape[1]))
    rows = y.shape[1] if images > 1 else max(1, DEPTHWISE_PIECE_BYTES // max(1, row_bytes))
    views = [window_view(padded, tap, y.shape[1:-1], attrs.strides, attrs.dilation) for tap in window_taps(window)]
    # Weights are repeated along the last of several spatial axes, so that cells and weights meet in long runs.
    repeats = y.shape[-2] if len(window) > 1 else 1
    weights = np.repeat(taps.reshape(-1, 1, kernel.shape[-2], multiplier), repeats, axis=1)
    for n in range(0, y.shape[0], images):
        for r in range(0, y.shape[1], rows):
            target = y[n : n + images, r : r + rows]
            split = target.reshape(*target.shape[:-1], kernel.shape[-2], multiplier)
            for position, view in enumerate(views):
                cells = view[n : n + images, r : r + rows, ..., None]
                if position == 0:
                    np.multiply(cells, weights[0], out=split)
                else:
                    split += cells * weights[position]
    if bias is not None:
        y += bias
    y = apply_activation(y, attrs.activation, attrs.activation_args)
    return (y.astype(x.dtype, copy=False),)


def macs_depthwise_conv(specs: Specs, outputs: Specs, attrs: DepthwiseConvAttrs) -> int | None:
    _, kernel, _ = specs
    cells = outputs[0].shape[1:-1]
    if None in cells:
        return None
    return math.prod(cells) * math.prod(kernel.shape)


OP = Op(DepthwiseConvAttrs, infer_depthwise_conv, run_depthwise_conv, macs_depthwise_conv)
