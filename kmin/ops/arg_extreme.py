"""arg_extreme: where along an axis the largest or smallest value is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ArgExtremeAttrs:
    """axis: which one, may be negative; largest: or smallest; keepdims: the axis stays with size 1; dtype: of ids."""

    axis: int
    largest: bool = True
    keepdims: bool = False
    dtype: str = "int32"


def infer_arg_extreme(specs: Specs, attrs: ArgExtremeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank or x.shape[attrs.axis] == 0:
        raise InputError(f"arg_extreme needs an axis with values; received {x} and axis {attrs.axis}")
    at = attrs.axis % x.rank
    return (TensorSpec((*x.shape[:at], *((1,) if attrs.keepdims else ()), *x.shape[at + 1 :]), attrs.dtype),)


def run_arg_extreme(arrays: Arrays, attrs: ArgExtremeAttrs) -> tuple[Array, ...]:
    """x -> index of the first extreme value."""
    (x,) = arrays
    if x.shape[attrs.axis] == 0:
        raise InputError(f"arg_extreme needs at least one value; received shape {x.shape}")
    ids = np.argmax(x, axis=attrs.axis) if attrs.largest else np.argmin(x, axis=attrs.axis)
    if attrs.keepdims:
        ids = np.expand_dims(ids, attrs.axis)
    return (np.asarray(ids).astype(attrs.dtype),)


OP = Op(ArgExtremeAttrs, infer_arg_extreme, run_arg_extreme)
