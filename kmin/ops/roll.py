"""roll: what leaves an axis at its end comes back at its front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RollAttrs:
    """shift: places towards the end (negative: the front); axis: which one."""

    shift: int
    axis: int


def infer_roll(specs: Specs, attrs: RollAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank:
        raise InputError(f"roll needs an axis of {x}; received {attrs.axis}")
    return (x,)


def run_roll(arrays: Arrays, attrs: RollAttrs) -> tuple[Array, ...]:
    """x -> same shape."""
    (x,) = arrays
    return (np.roll(x, attrs.shift, attrs.axis),)


OP = Op(RollAttrs, infer_roll, run_roll)
