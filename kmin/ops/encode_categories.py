"""encode_categories: which numbers occur along an axis, or how often."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, array_dtype


@dataclass(frozen=True)
class EncodeCategoriesAttrs:
    """How to encode.

    Attributes:
        depth: numbers counted are 0 to depth - 1.
        binary: 1 for a number that occurs, instead of how often.
        axis: positive; the axis that is used up.
        dtype: of the result.
        strict: other numbers are refused; else they are passed over.
    """

    depth: int
    binary: bool
    axis: int = 1
    dtype: str = "float32"
    strict: bool = False


def infer_encode_categories(specs: Specs, attrs: EncodeCategoriesAttrs) -> tuple[TensorSpec, ...]:
    x, weights = specs
    if not 0 < attrs.axis < x.rank or array_dtype(x.dtype).kind not in "iu" or attrs.depth < 1:
        raise InputError(f"encode_categories needs integers and an axis {attrs.axis} after the batch; received {x}")
    if weights is not None and weights.rank != x.rank:
        raise InputError(f"encode_categories needs one weight per number of {x}; received {weights}")
    return (TensorSpec((*x.shape[: attrs.axis], *x.shape[attrs.axis + 1 :], attrs.depth), attrs.dtype),)


def run_encode_categories(arrays: Arrays, attrs: EncodeCategoriesAttrs) -> tuple[Array, ...]:
    """x [B, ..., n, ...], weights | None (like x) -> [B, ..., depth]."""
    x, weights = arrays
    moved = np.moveaxis(x, attrs.axis, -1)
    lead = moved.shape[:-1]
    rows = math.prod(lead)
    numbers = moved.reshape(rows, x.shape[attrs.axis]).astype(np.int64)
    inside = (numbers >= 0) & (numbers < attrs.depth)
    if attrs.strict and not inside.all():
        raise InputError(f"numbers must be at least 0 and less than {attrs.depth}; received others")
    places = (numbers + np.arange(rows)[:, None] * attrs.depth)[inside]
    share = None if weights is None else np.moveaxis(weights, attrs.axis, -1).reshape(numbers.shape)[inside]
    counts: Array = np.bincount(places, share, rows * attrs.depth)
    if attrs.binary:
        counts = counts > 0
    return (counts.reshape(*lead, attrs.depth).astype(attrs.dtype),)


OP = Op(EncodeCategoriesAttrs, infer_encode_categories, run_encode_categories)
