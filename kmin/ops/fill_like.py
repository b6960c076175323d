"""fill_like: a tensor of another one's shape, one value everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class FillLikeAttrs:
    """value: what fills it; dtype: NumPy dtype name of the result."""

    value: float
    dtype: str


def infer_fill_like(specs: Specs, attrs: FillLikeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    return (TensorSpec(x.shape, attrs.dtype),)


def run_fill_like(arrays: Arrays, attrs: FillLikeAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    return (np.full(x.shape, attrs.value, attrs.dtype),)


OP = Op(FillLikeAttrs, infer_fill_like, run_fill_like)
