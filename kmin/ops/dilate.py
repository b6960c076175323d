"""dilate: the largest of x plus a height in each window of an image (grayscale morphology)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, window_taps, window_view, windows_of


@dataclass(frozen=True)
class DilateAttrs:
    """One entry per spatial axis: strides, dilation; padding `valid` or `same` (padded cells never win)."""

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str = "valid"


def infer_dilate(specs: Specs, attrs: DilateAttrs) -> tuple[TensorSpec, ...]:
    x, heights = specs
    kernel = [size for size in heights.shape[:-1] if size is not None]
    fits = x.rank == heights.rank + 1 == len(attrs.strides) + 2 and len(kernel) == heights.rank - 1
    if not fits or x.dtype != heights.dtype or x.dtype == "bool" or x.shape[-1] != heights.shape[-1]:
        raise InputError(f"dilate needs images and a height for each cell and channel; received {x} and {heights}")
    counts = windows_of(x.shape[1:-1], kernel, attrs.strides, attrs.dilation, attrs.padding, "dilate")
    return (TensorSpec((x.shape[0], *counts, x.shape[-1]), x.dtype),)


def run_dilate(arrays: Arrays, attrs: DilateAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C], heights [*window, C] -> [N, *windows, C]."""
    x, heights = arrays
    kernel = heights.shape[:-1]
    windows = windows_of(x.shape[1:-1], kernel, attrs.strides, attrs.dilation, attrs.padding, "dilate")
    counts = [count for count in windows if count is not None]
    inside = window_padded(np.ones((1, *x.shape[1:-1], 1), bool), kernel, attrs.strides, attrs.dilation, attrs.padding)
    x = window_padded(x, kernel, attrs.strides, attrs.dilation, attrs.padding)
    lowest = np.finfo(x.dtype).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    y = np.full((len(x), *counts, x.shape[-1]), lowest, x.dtype)
    for tap in window_taps(kernel):
        where = (counts, attrs.strides, attrs.dilation)
        raised = window_view(x, tap, *where) + heights[tap]
        np.maximum(y, raised, out=y, where=window_view(inside, tap, *where))
    return (y,)


OP = Op(DilateAttrs, infer_dilate, run_dilate)
