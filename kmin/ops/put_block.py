"""put_block: a tensor with a block of it replaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class PutBlockAttrs:
    """Nothing to choose."""


def infer_put_block(specs: Specs, attrs: PutBlockAttrs) -> tuple[TensorSpec, ...]:
    x, starts, block = specs
    if starts.shape != (x.rank,) or not starts.dtype.startswith(("int", "uint")) or block.rank != x.rank:
        raise InputError(f"put_block needs a start for each axis of {x} and a block of its rank; received {specs[1:]}")
    if any(None not in (own, size) and size > own for own, size in zip(x.shape, block.shape, strict=True)):
        raise InputError(f"put_block needs a block that fits into {x}; received {block}")
    return (x,)


def run_put_block(arrays: Arrays, attrs: PutBlockAttrs) -> tuple[Array, ...]:
    """x, starts [rank of x], block -> x; a block that would reach over an end is moved inwards.

    Source: XLA's DynamicUpdateSlice.
    """
    x, starts, block = arrays
    if any(size > own for own, size in zip(x.shape, block.shape, strict=True)):
        raise InputError(f"put_block needs a block that fits into {x.shape}; received {block.shape}")
    places = np.clip(starts, 0, np.asarray(x.shape) - block.shape)
    result = x.copy()
    result[tuple(slice(a, a + n) for a, n in zip(places.tolist(), block.shape, strict=True))] = block
    return (result,)


OP = Op(PutBlockAttrs, infer_put_block, run_put_block)
