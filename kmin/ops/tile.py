"""tile: a tensor several times in a row along each axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class TileAttrs:
    """counts: how many times, one number per axis."""

    counts: tuple[int, ...]


def infer_tile(specs: Specs, attrs: TileAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if len(attrs.counts) != x.rank or any(count < 0 for count in attrs.counts):
        raise InputError(f"tile needs a count for each axis of {x}; received {attrs.counts}")
    return (
        TensorSpec(tuple(None if n is None else n * c for n, c in zip(x.shape, attrs.counts, strict=True)), x.dtype),
    )


def run_tile(arrays: Arrays, attrs: TileAttrs) -> tuple[Array, ...]:
    """x -> a, b, a, b, ... along each axis."""
    (x,) = arrays
    return (np.tile(x, attrs.counts),)


OP = Op(TileAttrs, infer_tile, run_tile)
