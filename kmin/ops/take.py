"""take: slices along one axis chosen by integer ids."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class TakeAttrs:
    """axis: of the values; wrap: negative ids count from the end; batch_axes: leading axes that go together."""

    axis: int
    wrap: bool = True
    batch_axes: int = 0


def checked_take_ids(ids: Array, size: int, wrap: bool) -> Array:
    """Ids within [0, size).

    Raises:
        InputError: one is outside.
    """
    low = -size if wrap else 0
    if ids.size and (int(ids.min()) < low or int(ids.max()) >= size):
        wrong = int(ids.max()) if int(ids.max()) >= size else int(ids.min())
        raise InputError(f"take: ids must be in [{low}, {size}); received {wrong}")
    return np.where(ids < 0, ids + size, ids).astype(np.int64, copy=False)


def infer_take(specs: Specs, attrs: TakeAttrs) -> tuple[TensorSpec, ...]:
    x, ids = specs
    rank, batch = x.rank, attrs.batch_axes
    if not -rank <= attrs.axis < rank or not 0 <= batch <= min(attrs.axis % max(rank, 1), ids.rank):
        raise InputError(f"take needs an axis of {x} after {batch} batch axes of {ids}; received {attrs.axis}")
    if np.dtype(ids.dtype).kind not in "iu":
        raise InputError(f"take needs integer ids; received {ids}")
    at = attrs.axis % rank
    return (TensorSpec((*x.shape[:at], *ids.shape[batch:], *x.shape[at + 1 :]), x.dtype),)


def run_take(arrays: Arrays, attrs: TakeAttrs) -> tuple[Array, ...]:
    """x, ids -> x with its axis replaced by the axes of ids (those after the batch axes)."""
    x, ids = arrays
    at, batch = attrs.axis % x.ndim, attrs.batch_axes
    ids = checked_take_ids(ids, x.shape[at], attrs.wrap)
    if not batch:
        return (np.take(x, ids, axis=at),)
    lead, rest = ids.shape[:batch], ids.shape[batch:]
    middle = x.shape[batch:at]
    count = math.prod(rest)
    flat = ids.reshape(*lead, *(1,) * len(middle), count, *(1,) * (x.ndim - at - 1))
    y = np.take_along_axis(x, np.broadcast_to(flat, (*lead, *middle, count, *x.shape[at + 1 :])), axis=at)
    return (y.reshape(*x.shape[:at], *rest, *x.shape[at + 1 :]),)


OP = Op(TakeAttrs, infer_take, run_take)
