"""conv: convolution over 1, 2 or 3 spatial axes, with groups, plus bias, plus activation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import apply_activation
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, windows_of

# Windows are copied side by side for one matrix product; pieces of this many bytes stay in the processor's cache, and
# the allocator hands the same memory out again (pieces of a few MB cost page faults: up to 2.5 times the time).
CONV_BUFFER_BYTES = 1 << 19


@dataclass(frozen=True)
class ConvAttrs:
    """One entry per spatial axis.

    Attributes:
        strides: step between windows.
        dilation: step between the cells of a window.
        padding: `valid`, `same`, `causal` (all before), or a (before, after) pair per axis.
        groups: the channels are cut into this many groups, each with its own filters.
        activation: kind of the fused activation.
        activation_args: its parameters.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...] = "valid"
    groups: int = 1
    activation: str = "linear"
    activation_args: tuple[float, ...] = ()


def infer_conv(specs: Specs, attrs: ConvAttrs) -> tuple[TensorSpec, ...]:
    x, kernel, _ = specs
    rank = kernel.rank - 2
    if x.rank < rank + 2 or x.shape[-1] != kernel.shape[-2] * attrs.groups:
        wanted = f"{rank} spatial axes and {kernel.shape[-2] * attrs.groups} channels"
        raise InputError(f"conv needs {wanted}; received {x}")
    if not x.dtype.startswith("float"):
        raise InputError(f"conv needs a floating input; received {x}")
    if kernel.shape[-1] % attrs.groups:
        raise InputError(f"conv needs filters divisible by {attrs.groups} groups; received {kernel.shape[-1]}")
    sizes = x.shape[-rank - 1 : -1]
    counts = windows_of(sizes, kernel.shape[:rank], attrs.strides, attrs.dilation, attrs.padding, "conv")
    return (TensorSpec((*x.shape[: -rank - 1], *counts, kernel.shape[-1]), x.dtype),)


def run_conv(arrays: Arrays, attrs: ConvAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C], kernel [*window, C / groups, F], bias [F] or None -> [N, *windows, F].

    Further axes between the batch and the spatial ones are treated as batch.
    """
    x, kernel, bias = arrays
    axes = kernel.ndim - 1  # the spatial ones and the channels
    lead = x.shape[:-axes]
    counts = windows_of(x.shape[-axes:-1], kernel.shape[:-2], attrs.strides, attrs.dilation, attrs.padding, "conv")
    half = x.dtype == np.float16
    rows = x.reshape(math.prod(lead), *x.shape[-axes:])
    y = conv_windows(
        rows.astype(np.float32) if half else rows, kernel.astype(np.float32) if half else kernel, counts, attrs
    )
    if bias is not None:
        y += bias
    y = apply_activation(y, attrs.activation, attrs.activation_args)
    return (y.astype(x.dtype, copy=False).reshape(*lead, *y.shape[1:]),)


def conv_windows(x: Array, kernel: Array, counts: tuple[Any, ...], attrs: ConvAttrs) -> Array:
    """The bare convolution: windows laid side by side in bounded pieces, one matrix product per piece."""
    window, filters, channels = kernel.shape[:-2], kernel.shape[-1], x.shape[-1]
    y = np.empty((x.shape[0], *counts, filters), x.dtype)
    padded = np.ascontiguousarray(window_padded(x, window, attrs.strides, attrs.dilation, attrs.padding))
    steps = padded.strides
    inner = channels // attrs.groups
    view = np.lib.stride_tricks.as_strided(
        padded,
        (attrs.groups, padded.shape[0], *counts, *window, inner),
        (
            inner * steps[-1],
            steps[0],
            *(step * stride for step, stride in zip(steps[1:-1], attrs.strides, strict=True)),
            *(step * dilation for step, dilation in zip(steps[1:-1], attrs.dilation, strict=True)),
            steps[-1],
        ),
        writeable=False,
    )
    size = math.prod(window) * inner
    weights = kernel.reshape(size, attrs.groups, filters // attrs.groups).transpose(1, 0, 2)
    # Windows are copied cell after cell; where they are tiny, tap after tap makes longer runs (about twice as fast).
    by_taps = math.prod(window) > 1 and window[-1] * inner < 12
    axes = 2 + len(counts)
    order = (0, *range(axes, view.ndim), *range(1, axes)) if by_taps else tuple(range(view.ndim))
    row_bytes = math.prod(counts[1:]) * size * attrs.groups * x.itemsize
    images = max(1, CONV_BUFFER_BYTES // max(1, row_bytes * counts[0]))
    rows = counts[0] if images > 1 else max(1, CONV_BUFFER_BYTES // max(1, row_bytes))
    for n in range(0, x.shape[0], images):
        for r in range(0, counts[0], rows):
            piece = view[:, n : n + images, r : r + rows]
            cells = math.prod(piece.shape[1:axes])
            shape = (attrs.groups, size, cells) if by_taps else (attrs.groups, cells, size)
            columns = piece.transpose(order).reshape(shape)
            if by_taps:
                columns = columns.transpose(0, 2, 1)
            target = y[n : n + images, r : r + rows].reshape(-1, attrs.groups, filters // attrs.groups)
            np.matmul(columns, weights, out=target.transpose(1, 0, 2))
    return y


def macs_conv(specs: Specs, outputs: Specs, attrs: ConvAttrs) -> int | None:
    _, kernel, _ = specs
    cells = outputs[0].shape[1:-1]
    if None in cells:
        return None
    return math.prod(cells) * math.prod(kernel.shape)


OP = Op(ConvAttrs, infer_conv, run_conv, macs_conv)
