"""avg_pool: the mean of each window, padded cells not counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, window_pads, window_view, windows_of


@dataclass(frozen=True)
class AvgPoolAttrs:
    """One entry per spatial axis: window size, strides; padding as in ConvAttrs, less than the window."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...] = "valid"


def infer_avg_pool(specs: Specs, attrs: AvgPoolAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    rank = len(attrs.window)
    if x.rank != rank + 2 or not x.dtype.startswith("float"):
        raise InputError(f"avg_pool needs a floating input with {rank} spatial axes; received {x}")
    pairs = () if isinstance(attrs.padding, str) else attrs.padding
    if any(cells >= size for pair, size in zip(pairs, attrs.window, strict=False) for cells in pair):
        raise InputError(f"avg_pool needs paddings smaller than its window {attrs.window}; received {attrs.padding}")
    counts = windows_of(x.shape[1:-1], attrs.window, attrs.strides, (1,) * rank, attrs.padding, "avg_pool")
    return (TensorSpec((x.shape[0], *counts, x.shape[-1]), x.dtype),)


def run_avg_pool(arrays: Arrays, attrs: AvgPoolAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> [N, *windows, C]; sums one axis after the other, then one division."""
    (x,) = arrays
    rank = len(attrs.window)
    ones = (1,) * rank
    counts = windows_of(x.shape[1:-1], attrs.window, attrs.strides, ones, attrs.padding, "avg_pool")
    y = x.astype(np.float32) if x.dtype == np.float16 else x
    y = window_padded(y, attrs.window, attrs.strides, ones, attrs.padding)
    for axis in range(rank):
        sizes = (*counts[: axis + 1], *y.shape[axis + 2 : -1])
        steps = tuple(attrs.strides[i] if i == axis else 1 for i in range(rank))
        views = [
            window_view(y, tuple(tap if i == axis else 0 for i in range(rank)), sizes, steps, ones)
            for tap in range(attrs.window[axis])
        ]
        y = views[0].copy()
        for view in views[1:]:
            y += view
    y /= avg_pool_counts(x.shape[1:-1], attrs).astype(y.dtype)
    return (y.astype(x.dtype, copy=False),)


def avg_pool_counts(sizes: tuple[int, ...], attrs: AvgPoolAttrs) -> Array:
    """Real cells in each window, shape [*windows, 1]."""
    total = np.ones((1,))
    for axis in reversed(range(len(sizes))):
        size, window, stride = sizes[axis], attrs.window[axis], attrs.strides[axis]
        padding = attrs.padding if isinstance(attrs.padding, str) else attrs.padding[axis]
        before, after = window_pads(size, window, stride, 1, padding)
        starts = np.arange(0, size + before + after - window + 1, stride) - before
        cells = np.minimum(starts + window, size) - np.maximum(starts, 0)
        total = cells.reshape((-1,) + (1,) * total.ndim) * total
    return total


OP = Op(AvgPoolAttrs, infer_avg_pool, run_avg_pool)
