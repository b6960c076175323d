"""take_along: one value per place along an axis, chosen by ids of the same rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes
from kmin.ops.take import checked_take_ids
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec


@dataclass(frozen=True)
class TakeAlongAttrs:
    """axis: may be negative."""

    axis: int


def without_axis(shape: Shape, axis: int) -> Shape:
    """The shape with 1 at the axis, which may be negative."""
    at = axis % len(shape)
    return (*shape[:at], 1, *shape[at + 1 :])


def infer_take_along(specs: Specs, attrs: TakeAlongAttrs) -> tuple[TensorSpec, ...]:
    x, ids = specs
    if x.rank != ids.rank or not -x.rank <= attrs.axis < x.rank or np.dtype(ids.dtype).kind not in "iu":
        raise InputError(
            f"take_along needs an axis and integer ids of the rank of {x}; received {attrs.axis} and {ids}"
        )
    shape = broadcast_shapes((without_axis(x.shape, attrs.axis), without_axis(ids.shape, attrs.axis)))
    at = attrs.axis % x.rank
    return (TensorSpec((*shape[:at], ids.shape[at], *shape[at + 1 :]), x.dtype),)


def run_take_along(arrays: Arrays, attrs: TakeAlongAttrs) -> tuple[Array, ...]:
    """x, ids -> shape of ids; all axes but `axis` broadcast, negative ids count from the end."""
    x, ids = arrays
    at = attrs.axis % x.ndim
    shape = broadcast_shapes((without_axis(x.shape, at), without_axis(ids.shape, at)))
    ids = checked_take_ids(ids, x.shape[at], True)
    lead, tail = [size or 0 for size in shape[:at]], [size or 0 for size in shape[at + 1 :]]
    wide = np.broadcast_to(x, (*lead, x.shape[at], *tail))
    return (np.take_along_axis(wide, np.broadcast_to(ids, (*lead, ids.shape[at], *tail)), at),)


OP = Op(TakeAlongAttrs, infer_take_along, run_take_along)
