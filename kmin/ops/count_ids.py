"""count_ids: how often each whole number stands in a row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# More numbers than any model counts one by one, fewer than fill the memory.
MOST_COUNTS = 1 << 26


@dataclass(frozen=True)
class CountIdsAttrs:
    """Which numbers count.

    Attributes:
        count: numbers below it at least; a larger one makes the result longer.
        drops: whether larger ones are left out instead.
        flags: 1 for any number of times.
        dtype: of the result.
    """

    count: int
    drops: bool = False
    flags: bool = False
    dtype: str = "int32"


def infer_count_ids(specs: Specs, attrs: CountIdsAttrs) -> tuple[TensorSpec, ...]:
    ids, *weights = specs
    if not ids.rank or not ids.dtype.startswith(("int", "uint")) or attrs.count < 0:
        raise InputError(f"count_ids needs rows of whole numbers and a count; received {ids}, {attrs}")
    if any(weight.shape != ids.shape for weight in weights):
        raise InputError(f"count_ids needs a weight for each number; received {weights[0]} for {ids}")
    return (TensorSpec((*ids.shape[:-1], attrs.count if attrs.drops else None), attrs.dtype),)


def run_count_ids(arrays: Arrays, attrs: CountIdsAttrs) -> tuple[Array, ...]:
    """ids [..., n], what each counts (optional, 1 without) [..., n] -> [..., count]."""
    ids, *weights = arrays
    most = int(ids.max(initial=0))
    count = attrs.count if attrs.drops or not ids.size else max(attrs.count, most + 1)
    if int(ids.min(initial=0)) < 0 or count > MOST_COUNTS:
        raise InputError(f"count_ids needs numbers from 0 on that fit into memory; received {int(ids.min())} to {most}")
    flat = ids.reshape(math.prod(ids.shape[:-1]), ids.shape[-1])
    result = np.zeros((len(flat), count), attrs.dtype)
    row, place = np.nonzero(flat < count)
    amount = weights[0].reshape(flat.shape)[row, place].astype(attrs.dtype) if weights else 1
    if attrs.flags:
        result[row, flat[row, place]] = 1
    else:
        np.add.at(result, (row, flat[row, place]), amount)
    return (result.reshape(*ids.shape[:-1], count),)


OP = Op(CountIdsAttrs, infer_count_ids, run_count_ids)
