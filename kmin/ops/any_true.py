"""any_true: whether anything along one axis is true (non-zero)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class AnyTrueAttrs:
    """axis: the axis that is reduced, may be negative; keepdims: whether it stays with size 1."""

    axis: int
    keepdims: bool = False


def infer_any_true(specs: Specs, attrs: AnyTrueAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank or attrs.axis % x.rank == 0:
        raise InputError(f"any_true needs an axis of {x} other than the batch; received {attrs.axis}")
    at = attrs.axis % x.rank
    shape = (*x.shape[:at], *((1,) if attrs.keepdims else ()), *x.shape[at + 1 :])
    return (TensorSpec(shape, "bool"),)


def run_any_true(arrays: Arrays, attrs: AnyTrueAttrs) -> tuple[Array, ...]:
    """x -> bool."""
    (x,) = arrays
    return (np.any(x, axis=attrs.axis, keepdims=attrs.keepdims),)


OP = Op(AnyTrueAttrs, infer_any_true, run_any_true)
