"""reverse: one axis read from its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ReverseAttrs:
    """axis: which one; 0 is the batch."""

    axis: int


def infer_reverse(specs: Specs, attrs: ReverseAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not 0 <= attrs.axis < x.rank:
        raise InputError(f"reverse needs an axis between 0 and {x.rank - 1}; received {attrs.axis}")
    return (x,)


def run_reverse(arrays: Arrays, attrs: ReverseAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    return (np.flip(x, attrs.axis),)


OP = Op(ReverseAttrs, infer_reverse, run_reverse)
