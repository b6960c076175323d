"""repeat: each slice along one axis several times in a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RepeatAttrs:
    """count: how many times; axis: along which axis, may be negative."""

    count: int
    axis: int


def infer_repeat(specs: Specs, attrs: RepeatAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank or attrs.count < 0:
        raise InputError(f"repeat needs an axis of {x} and a count; received {attrs.axis} and {attrs.count}")
    at = attrs.axis % x.rank
    size = None if x.shape[at] is None else x.shape[at] * attrs.count
    return (TensorSpec((*x.shape[:at], size, *x.shape[at + 1 :]), x.dtype),)


def run_repeat(arrays: Arrays, attrs: RepeatAttrs) -> tuple[Array, ...]:
    """x -> count times as long along axis: a, a, b, b, ..."""
    (x,) = arrays
    return (np.repeat(x, attrs.count, axis=attrs.axis),)


OP = Op(RepeatAttrs, infer_repeat, run_repeat)
