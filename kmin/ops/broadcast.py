"""broadcast: a tensor repeated along its axes of size 1 until it has another shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec


@dataclass(frozen=True)
class BroadcastAttrs:
    """target: size per axis of the result; -1: as it is; `("x", axis)`, `("like", axis)`: as that of an input."""

    target: tuple[int | tuple[str, int], ...]


def resolve_broadcast(x: Shape, like: Shape | None, attrs: BroadcastAttrs) -> Shape:
    """The shape of the result; None where it is not known yet.

    Raises:
        InputError: x does not broadcast to it.
    """
    if len(x) > len(attrs.target):
        raise InputError(f"broadcast of {x} to {attrs.target}: too many axes")
    padded = (1,) * (len(attrs.target) - len(x)) + tuple(x)
    sizes: list[int | None] = []
    for own, entry in zip(padded, attrs.target, strict=True):
        if isinstance(entry, int):
            sizes.append(own if entry == -1 else entry)
        else:
            sizes.append((x if like is None else like)[entry[1]])
    for own, size in zip(padded, sizes, strict=True):
        if own is not None and size is not None and own not in (1, size):
            raise InputError(f"broadcast of {x} to {tuple(sizes)}: sizes differ")
    return tuple(sizes)


def infer_broadcast(specs: Specs, attrs: BroadcastAttrs) -> tuple[TensorSpec, ...]:
    x, like = specs[0], specs[1] if len(specs) > 1 else None
    return (TensorSpec(resolve_broadcast(x.shape, None if like is None else like.shape, attrs), x.dtype),)


def run_broadcast(arrays: Arrays, attrs: BroadcastAttrs) -> tuple[Array, ...]:
    """x, like (optional, only its shape counts) -> x under the new shape (a read-only view)."""
    x, like = arrays[0], arrays[1] if len(arrays) > 1 else None
    shape = resolve_broadcast(x.shape, None if like is None else like.shape, attrs)
    return (np.broadcast_to(x, [1 if size is None else size for size in shape]),)


OP = Op(BroadcastAttrs, infer_broadcast, run_broadcast)
