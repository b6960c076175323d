"""one_hot: integers as rows that are `on` at one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class OneHotAttrs:
    """classes: size of the new axis; axis: where it stands, may be negative; dtype: of the result; on, off: values."""

    classes: int
    axis: int = -1
    dtype: str = "float32"
    on: float = 1.0
    off: float = 0.0


def infer_one_hot(specs: Specs, attrs: OneHotAttrs) -> tuple[TensorSpec, ...]:
    (ids,) = specs
    rank = ids.rank + 1
    if attrs.classes < 0 or not -rank <= attrs.axis < rank or np.dtype(ids.dtype).kind not in "iu":
        raise InputError(f"one_hot needs integers, a number of classes and an axis; received {ids} and {attrs}")
    at = attrs.axis % rank
    return (TensorSpec((*ids.shape[:at], attrs.classes, *ids.shape[at:]), attrs.dtype),)


def run_one_hot(arrays: Arrays, attrs: OneHotAttrs) -> tuple[Array, ...]:
    """ids -> one axis more; ids outside [0, classes) are `off` everywhere, as in TensorFlow."""
    (ids,) = arrays
    at = attrs.axis % (ids.ndim + 1)
    classes = np.arange(attrs.classes).reshape(-1, *(1,) * (ids.ndim - at))
    hit = np.expand_dims(ids, at) == classes
    return (np.where(hit, np.asarray(attrs.on, attrs.dtype), np.asarray(attrs.off, attrs.dtype)),)


OP = Op(OneHotAttrs, infer_one_hot, run_one_hot)
