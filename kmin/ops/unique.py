"""unique: slices along one axis without repetitions, in the order in which they come first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class UniqueAttrs:
    """Which slices, and in what order.

    Attributes:
        axis: of the slices, counted from the front.
        ordered: whether the smallest comes first, else the one that stands first.
        dtype: of numbers and counts.
        size: how many there are whatever the values: others are left out, and `fill` stands for those that are missing.
    """

    axis: int = 0
    ordered: bool = False
    dtype: str = "int32"
    size: int | None = None
    fill: float = 0


def infer_unique(specs: Specs, attrs: UniqueAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not 0 <= attrs.axis < x.rank:
        raise InputError(f"unique needs one of the axes of {x}; received {attrs.axis}")
    y = TensorSpec((*x.shape[: attrs.axis], attrs.size, *x.shape[attrs.axis + 1 :]), x.dtype)
    few, all_ = TensorSpec((attrs.size,), attrs.dtype), TensorSpec((x.shape[attrs.axis],), attrs.dtype)
    return y, all_, few, few


def run_unique(arrays: Arrays, attrs: UniqueAttrs) -> tuple[Array, ...]:
    """x -> its different slices, the number of each slice of x among them, how often each stands in x, where first.

    A NaN equals nothing, not even itself (Unique of TensorFlow 2.15). Missing slices stand at 1 and count 0 times, and
    slices are compared with their first axis in the place of `axis` (unique of Keras 3.15).
    """
    (x,) = arrays
    count = x.shape[attrs.axis]
    rows = np.swapaxes(x, attrs.axis, 0).reshape(count, math.prod(x.shape) // count if count else 0)
    order = np.lexsort(rows.T[::-1]) if rows.shape[1] else np.arange(count)
    lined = rows[order]
    fresh = np.ones(count, bool)
    fresh[1:] = (lined[1:] != lined[:-1]).any(axis=1)
    group = np.cumsum(fresh) - 1
    first = order[fresh]
    if not attrs.ordered:
        rank = np.argsort(first, kind="stable")
        first = first[rank]
        group = np.argsort(rank, kind="stable")[group]
    inverse = np.empty(count, np.int64)
    inverse[order] = group
    counts = np.bincount(inverse, minlength=len(first))
    y = np.take(x, first, axis=attrs.axis)
    if attrs.size is not None:
        y, counts, first = (
            resized_axis(part, at, attrs.size, fill)
            for part, at, fill in ((y, attrs.axis, attrs.fill), (counts, 0, 0), (first, 0, 1))
        )
    return y, *(part.astype(attrs.dtype) for part in (inverse, counts, first))


def resized_axis(x: Array, axis: int, size: int, fill: float) -> Array:
    """x with an axis cut, or filled up, to a size."""
    x = np.take(x, np.arange(min(size, x.shape[axis])), axis=axis)
    widths = [(0, size - x.shape[axis] if at == axis else 0) for at in range(x.ndim)]
    return np.pad(x, widths, constant_values=np.asarray(fill).astype(x.dtype))


OP = Op(UniqueAttrs, infer_unique, run_unique)
