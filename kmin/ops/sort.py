"""sort: the values along an axis in order, or the places they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class SortAttrs:
    """axis: may be negative; descending: largest first; places: int32 positions instead of values."""

    axis: int = -1
    descending: bool = False
    places: bool = False


def sort_places(x: Array, axis: int, descending: bool) -> Array:
    """Positions of the values in order; equal values keep theirs."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - backwards, axis)


def infer_sort(specs: Specs, attrs: SortAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank:
        raise InputError(f"sort needs an axis of {x}; received {attrs.axis}")
    return (TensorSpec(x.shape, "int32" if attrs.places else x.dtype),)


def run_sort(arrays: Arrays, attrs: SortAttrs) -> tuple[Array, ...]:
    """x -> same shape."""
    (x,) = arrays
    places = sort_places(x, attrs.axis, attrs.descending)
    return (places.astype(np.int32) if attrs.places else np.take_along_axis(x, places, attrs.axis),)


OP = Op(SortAttrs, infer_sort, run_sort)
