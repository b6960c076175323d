"""max_pool: the largest value of each window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, window_view, windows_of


@dataclass(frozen=True)
class MaxPoolAttrs:
    """One entry per spatial axis: window size, strides; padding as in ConvAttrs (padded cells never win)."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...] = "valid"


def infer_max_pool(specs: Specs, attrs: MaxPoolAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    rank = len(attrs.window)
    if x.rank != rank + 2 or x.dtype == "bool":
        raise InputError(f"max_pool needs numbers with {rank} spatial axes; received {x}")
    counts = windows_of(x.shape[1:-1], attrs.window, attrs.strides, (1,) * rank, attrs.padding, "max_pool")
    return (TensorSpec((x.shape[0], *counts, x.shape[-1]), x.dtype),)


def run_max_pool(arrays: Arrays, attrs: MaxPoolAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> [N, *windows, C]; one axis after the other, because a maximum is separable."""
    (x,) = arrays
    rank = len(attrs.window)
    ones = (1,) * rank
    counts = windows_of(x.shape[1:-1], attrs.window, attrs.strides, ones, attrs.padding, "max_pool")
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    y = window_padded(x, attrs.window, attrs.strides, ones, attrs.padding, lowest)
    for axis in range(rank):
        sizes = (*counts[: axis + 1], *y.shape[axis + 2 : -1])
        steps = tuple(attrs.strides[i] if i == axis else 1 for i in range(rank))
        views = [
            window_view(y, tuple(tap if i == axis else 0 for i in range(rank)), sizes, steps, ones)
            for tap in range(attrs.window[axis])
        ]
        y = views[0].copy()
        for view in views[1:]:
            np.maximum(y, view, out=y)
    return (y,)


OP = Op(MaxPoolAttrs, infer_max_pool, run_max_pool)
