"""join_text: the texts along an axis as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class JoinTextAttrs:
    """axis: counted from the front; keepdims: leave it, with one text; text: what stands between texts."""

    axis: int
    keepdims: bool = False
    text: str = ""


def infer_join_text(specs: Specs, attrs: JoinTextAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.dtype != "string" or not 0 <= attrs.axis < x.rank:
        raise InputError(f"join_text needs texts along an axis; received {x} and axis {attrs.axis}")
    left = (1,) if attrs.keepdims else ()
    return (TensorSpec((*x.shape[: attrs.axis], *left, *x.shape[attrs.axis + 1 :]), "string"),)


def run_join_text(arrays: Arrays, attrs: JoinTextAttrs) -> tuple[Array, ...]:
    """bytes -> bytes with an axis less."""
    (x,) = arrays
    moved = np.moveaxis(x, attrs.axis, -1)
    separator = attrs.text.encode()
    rows = moved.reshape(math.prod(moved.shape[:-1]), moved.shape[-1]).tolist()
    result = np.array([separator.join(row) for row in rows], "S").reshape(moved.shape[:-1])
    return (np.expand_dims(result, attrs.axis) if attrs.keepdims else result,)


OP = Op(JoinTextAttrs, infer_join_text, run_join_text)
