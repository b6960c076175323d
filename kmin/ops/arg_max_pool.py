"""arg_max_pool: the largest value of each window of images, and where it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import window_padded, window_taps, window_view, windows_of


@dataclass(frozen=True)
class ArgMaxPoolAttrs:
    """One entry per spatial axis: window size, strides; padding `valid` or `same` (padded cells never win).

    Attributes:
        counts_samples: whether places count through all samples, not through each.
        place_type: NumPy dtype name of the places.
    """

    window: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str = "valid"
    counts_samples: bool = False
    place_type: str = "int64"


def infer_arg_max_pool(specs: Specs, attrs: ArgMaxPoolAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    rank = len(attrs.window)
    if x.rank != rank + 2 or x.dtype == "bool":
        raise InputError(f"arg_max_pool needs numbers with {rank} spatial axes; received {x}")
    counts = windows_of(x.shape[1:-1], attrs.window, attrs.strides, (1,) * rank, attrs.padding, "arg_max_pool")
    shape = (x.shape[0], *counts, x.shape[-1])
    return TensorSpec(shape, x.dtype), TensorSpec(shape, attrs.place_type)


def run_arg_max_pool(arrays: Arrays, attrs: ArgMaxPoolAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> values and places [N, *windows, C]; of equal values the first one counts.

    A place is that in the flat array of one sample, or of all.
    """
    (x,) = arrays
    ones = (1,) * len(attrs.window)
    windows = windows_of(x.shape[1:-1], attrs.window, attrs.strides, ones, attrs.padding, "arg_max_pool")
    where = ([count for count in windows if count is not None], attrs.strides, ones)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    size = math.prod(x.shape[1:])
    cells = np.arange(size, dtype=np.int64).reshape(1, *x.shape[1:])
    cells = window_padded(cells, attrs.window, attrs.strides, ones, attrs.padding, -1)
    padded = window_padded(x, attrs.window, attrs.strides, ones, attrs.padding, lowest)
    y: Array | None = None
    for tap in window_taps(attrs.window):
        value = window_view(padded, tap, *where)
        place = np.broadcast_to(window_view(cells, tap, *where), value.shape)
        if y is None:
            y, places = value.copy(), place.copy()
            continue
        better = (place >= 0) & ((value > y) | (places < 0))
        np.copyto(y, value, where=better)
        np.copyto(places, place, where=better)
    assert y is not None
    if attrs.counts_samples:
        places = places + np.arange(len(x)).reshape(-1, *(1,) * (x.ndim - 1)) * size
    return y, places.astype(attrs.place_type)


OP = Op(ArgMaxPoolAttrs, infer_arg_max_pool, run_arg_max_pool)
