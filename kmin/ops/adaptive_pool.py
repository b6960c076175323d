"""adaptive_pool: maxima or means of as many windows as are asked for, whatever the size of the input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class AdaptivePoolAttrs:
    """sizes: windows along each spatial axis; kind: `max` or `mean`."""

    sizes: tuple[int, ...]
    kind: str


def infer_adaptive_pool(specs: Specs, attrs: AdaptivePoolAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.kind not in ("max", "mean") or min(attrs.sizes) < 1:
        raise InputError(f"adaptive_pool needs 'max' or 'mean' and sizes of at least 1; received {attrs}")
    if x.rank != len(attrs.sizes) + 2 or 0 in x.shape[1:-1] or not x.dtype.startswith("float"):
        raise InputError(f"adaptive_pool needs floats with {len(attrs.sizes)} spatial axes; received {x}")
    return (TensorSpec((x.shape[0], *attrs.sizes, x.shape[-1]), x.dtype),)


def run_adaptive_pool(arrays: Arrays, attrs: AdaptivePoolAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> [N, *sizes, C]; axis after axis, cell after cell of the windows."""
    (x,) = arrays
    y = x.astype(np.float32) if x.dtype == np.float16 and attrs.kind == "mean" else x
    for axis, count in enumerate(attrs.sizes, start=1):
        first, last = adaptive_windows(y.shape[axis], count)
        lengths = last - first
        total = np.take(y, first, axis=axis)
        shape = (-1,) + (1,) * (y.ndim - 1 - axis)
        for cell in range(1, int(lengths.max())):
            inside = cell < lengths
            more = np.take(y, np.where(inside, first + cell, first), axis=axis)
            if attrs.kind == "max":
                np.maximum(total, more, out=total)
            else:
                total += np.where(inside.reshape(shape), more, y.dtype.type(0))
        y = total if attrs.kind == "max" else total / lengths.reshape(shape).astype(y.dtype)
    return (y.astype(x.dtype, copy=False),)


def adaptive_windows(size: int, count: int) -> tuple[Array, Array]:
    """First cell and end of every window: floor(i * size / count) and ceil((i + 1) * size / count)."""
    at = np.arange(count)
    return at * size // count, -(-(at + 1) * size // count)


OP = Op(AdaptivePoolAttrs, infer_adaptive_pool, run_adaptive_pool)
