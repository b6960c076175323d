"""conv_transpose: the transposed convolution, by one matrix product and overlapped sums, plus bias and activation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import apply_activation
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_reach, window_taps, window_view

# Products of this many bytes are made and spread at a time.
CONV_TRANSPOSE_BUFFER_BYTES = 4 << 20


@dataclass(frozen=True)
class ConvTransposeAttrs:
    """One entry per spatial axis.

    Attributes:
        strides: output cells between the windows of neighbouring input cells.
        dilation: output cells between the taps of a window.
        padding: `valid` or `same`.
        output_padding: None, or the output size is (n - 1) * stride + output_padding plus the window's reach
            (`valid`) or its parity (`same`).
        activation: kind of the fused activation.
        activation_args: its parameters.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str = "valid"
    output_padding: tuple[int, ...] | None = None
    activation: str = "linear"
    activation_args: tuple[float, ...] = ()


def conv_transpose_sizes(sizes: tuple[Any, ...], window: tuple[Any, ...], attrs: ConvTransposeAttrs) -> tuple[Any, ...]:
    """Output sizes as Keras computes them (`compute_conv_transpose_output_shape` of Keras 3, the same in Keras 2)."""
    counts: list[int | None] = []
    for axis, size in enumerate(sizes):
        stride, reach = attrs.strides[axis], window_reach(window[axis], attrs.dilation[axis])
        extra = None if attrs.output_padding is None else attrs.output_padding[axis]
        if size is None:
            counts.append(None)
        elif attrs.padding == "same":
            counts.append(size * stride if extra is None else (size - 1) * stride + reach % 2 + extra)
        else:
            counts.append((size - 1) * stride + (max(reach, stride) if extra is None else reach + extra))
    return tuple(counts)


def infer_conv_transpose(specs: Specs, attrs: ConvTransposeAttrs) -> tuple[TensorSpec, ...]:
    x, kernel, _ = specs
    rank = kernel.rank - 2
    if x.rank != rank + 2 or x.shape[-1] != kernel.shape[-1]:
        raise InputError(f"conv_transpose needs {rank} spatial axes and {kernel.shape[-1]} channels; received {x}")
    if not x.dtype.startswith("float"):
        raise InputError(f"conv_transpose needs a floating input; received {x}")
    sizes = conv_transpose_sizes(x.shape[1:-1], kernel.shape[:rank], attrs)
    if any(size is not None and size < 1 for size in (*x.shape[1:-1], *sizes)):
        raise InputError(f"conv_transpose needs at least one cell per spatial axis; received {x}")
    return (TensorSpec((x.shape[0], *sizes, kernel.shape[-2]), x.dtype),)


def run_conv_transpose(arrays: Arrays, attrs: ConvTransposeAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C], kernel [*window, F, C], bias [F] or None -> [N, *sizes, F]."""
    x, kernel, bias = arrays
    window, filters = kernel.shape[:-2], kernel.shape[-2]
    sizes = conv_transpose_sizes(x.shape[1:-1], window, attrs)
    if min((*x.shape[1:-1], *sizes), default=1) < 1:
        raise InputError(f"conv_transpose needs at least one cell per spatial axis; received shape {x.shape}")
    half = x.dtype == np.float16
    work = x.astype(np.float32) if half else x
    weights = kernel.astype(work.dtype, copy=False).reshape(-1, kernel.shape[-1]).T
    spread = [
        (n - 1) * s + window_reach(k, d)
        for n, k, s, d in zip(x.shape[1:-1], window, attrs.strides, attrs.dilation, strict=True)
    ]
    before = [
        max(whole - size, 0) // 2 if attrs.padding == "same" else 0 for whole, size in zip(spread, sizes, strict=True)
    ]
    shape = [max(whole, b + size) for whole, b, size in zip(spread, before, sizes, strict=True)]
    full = np.zeros((x.shape[0], *shape, filters), work.dtype)
    row_bytes = math.prod(x.shape[2:-1]) * weights.shape[1] * work.itemsize
    images = max(1, CONV_TRANSPOSE_BUFFER_BYTES // max(1, row_bytes * x.shape[1]))
    rows = x.shape[1] if images > 1 else max(1, CONV_TRANSPOSE_BUFFER_BYTES // max(1, row_bytes))
    for n in range(0, x.shape[0], images):
        for r in range(0, x.shape[1], rows):
            piece = work[n : n + images, r : r + rows]
            product = np.matmul(piece.reshape(-1, x.shape[-1]), weights)
            product = product.reshape(*piece.shape[:-1], math.prod(window), filters)
            target = full[n : n + images, r * attrs.strides[0] :]
            for position, tap in enumerate(window_taps(window)):
                cells = window_view(target, tap, piece.shape[1:-1], attrs.strides, attrs.dilation)
                cells += product[..., position, :]
    inner = (slice(None), *(slice(b, b + size) for b, size in zip(before, sizes, strict=True)))
    y = full[inner]
    y = np.add(y, bias, dtype=work.dtype) if bias is not None else np.ascontiguousarray(y)
    y = apply_activation(y, attrs.activation, attrs.activation_args)
    return (y.astype(x.dtype, copy=False),)


def macs_conv_transpose(specs: Specs, outputs: Specs, attrs: ConvTransposeAttrs) -> int | None:
    x, kernel, _ = specs
    cells = x.shape[1:-1]
    if None in cells:
        return None
    return math.prod(cells) * math.prod(kernel.shape)


OP = Op(ConvTransposeAttrs, infer_conv_transpose, run_conv_transpose, macs_conv_transpose)
