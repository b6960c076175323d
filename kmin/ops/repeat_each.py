"""repeat_each: each slice along one axis as many times in a row as its own number says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RepeatEachAttrs:
    """axis: of the slices, counted from the front."""

    axis: int


def infer_repeat_each(specs: Specs, attrs: RepeatEachAttrs) -> tuple[TensorSpec, ...]:
    x, counts = specs
    if not 0 <= attrs.axis < x.rank or counts.rank > 1 or not counts.dtype.startswith(("int", "uint")):
        raise InputError(f"repeat_each needs an axis of {x} and whole numbers; received {attrs.axis} and {counts}")
    return (TensorSpec((*x.shape[: attrs.axis], None, *x.shape[attrs.axis + 1 :]), x.dtype),)


def run_repeat_each(arrays: Arrays, attrs: RepeatEachAttrs) -> tuple[Array, ...]:
    """x, counts () or [size of the axis] -> x as long along the axis as the counts add up to.

    Raises:
        InputError: a count is negative, or there are not as many as slices.
    """
    x, counts = arrays
    size = x.shape[attrs.axis]
    if (counts.size and int(counts.min()) < 0) or counts.size not in (1, size):
        raise InputError(f"repeats must be {size} numbers from 0 on; received {counts.tolist()!s:.80}")
    return (np.repeat(x, counts.reshape(-1), axis=attrs.axis),)


OP = Op(RepeatEachAttrs, infer_repeat_each, run_repeat_each)
