"""top_k: the largest values along the last axis, and where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.sort import sort_places
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class TopKAttrs:
    """count: how many; index_dtype: of the positions."""

    count: int
    index_dtype: str = "int32"


def infer_top_k(specs: Specs, attrs: TopKAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    size = x.shape[-1] if x.rank else 0
    if attrs.count < 0 or (size is not None and size < attrs.count):
        raise InputError(f"top_k needs a last axis of at least {attrs.count}; received {x}")
    shape = (*x.shape[:-1], attrs.count)
    return TensorSpec(shape, x.dtype), TensorSpec(shape, attrs.index_dtype)


def run_top_k(arrays: Arrays, attrs: TopKAttrs) -> tuple[Array, ...]:
    """x -> values (largest first), positions; of equal values the first wins."""
    (x,) = arrays
    if x.shape[-1] < attrs.count:
        raise InputError(f"top_k needs a last axis of at least {attrs.count}; received shape {x.shape}")
    places = sort_places(x, -1, True)[..., : attrs.count]
    return np.take_along_axis(x, places, -1), places.astype(attrs.index_dtype)


OP = Op(TopKAttrs, infer_top_k, run_top_k)
