"""local_conv: a convolution whose every window has weights of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class LocalConvAttrs:
    """One entry per spatial axis.

    Attributes:
        sizes: of the input.
        window: cells that a window reads.
        strides: step between windows.
        before: cells before the input that the first window begins at; cells outside count as 0.
        counts: windows.
    """

    sizes: tuple[int, ...]
    window: tuple[int, ...]
    strides: tuple[int, ...]
    before: tuple[int, ...]
    counts: tuple[int, ...]


def infer_local_conv(specs: Specs, attrs: LocalConvAttrs) -> tuple[TensorSpec, ...]:
    x, kernel = specs
    if x.rank != len(attrs.sizes) + 2 or not x.dtype.startswith("float"):
        raise InputError(f"local_conv needs floats with {len(attrs.sizes)} spatial axes; received {x}")
    if any(have not in (None, size) for have, size in zip(x.shape[1:-1], attrs.sizes, strict=True)):
        raise InputError(f"local_conv needs an input of the size {attrs.sizes}; received {x}")
    rows = math.prod(attrs.window) * x.shape[-1]
    if kernel.rank != 3 or kernel.shape[:2] != (math.prod(attrs.counts), rows):
        raise InputError(f"local_conv needs a kernel ({math.prod(attrs.counts)}, {rows}, filters); received {kernel}")
    return (TensorSpec((x.shape[0], *attrs.counts, kernel.shape[2]), x.dtype),)


def run_local_conv(arrays: Arrays, attrs: LocalConvAttrs) -> tuple[Array, ...]:
    """x [N, *sizes, C], kernel [windows, cells * C, F] -> [N, *counts, F]; windows and cells row-major."""
    x, kernel = arrays
    if x.shape[1:-1] != attrs.sizes:
        raise InputError(f"local_conv needs an input of the size {attrs.sizes}; received {x.shape}")
    work = np.dtype(np.float32) if x.dtype == np.float16 else x.dtype
    reach = [(n - 1) * s + w for n, s, w in zip(attrs.counts, attrs.strides, attrs.window, strict=True)]
    pads = [
        (before, max(0, end - before - size))
        for before, end, size in zip(attrs.before, reach, attrs.sizes, strict=True)
    ]
    padded = np.pad(x.astype(work, copy=False), ((0, 0), *pads, (0, 0)))
    axes = tuple(range(1, x.ndim - 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, attrs.window, axis=axes)
    picked = (slice(0, (n - 1) * s + 1, s) for n, s in zip(attrs.counts, attrs.strides, strict=True))
    every = (slice(None), *picked)
    windows = windows[every]  # [N, *counts, C, *window]
    rank = len(axes)
    columns = windows.transpose(*axes, 0, *range(rank + 2, 2 * rank + 2), rank + 1)
    columns = columns.reshape(math.prod(attrs.counts), x.shape[0], kernel.shape[1])
    y = np.matmul(columns, kernel.astype(work, copy=False))
    y = y.transpose(1, 0, 2).reshape(x.shape[0], *attrs.counts, kernel.shape[2])
    return (np.ascontiguousarray(y).astype(x.dtype, copy=False),)


def macs_local_conv(specs: Specs, outputs: Specs, attrs: LocalConvAttrs) -> int | None:
    return math.prod(specs[1].shape)


OP = Op(LocalConvAttrs, infer_local_conv, run_local_conv, macs_local_conv)
