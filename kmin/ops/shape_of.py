"""shape_of: the sizes of a tensor as integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ShapeOfAttrs:
    """dtype: of the sizes."""

    dtype: str = "int32"


def infer_shape_of(specs: Specs, attrs: ShapeOfAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    return (TensorSpec((x.rank,), attrs.dtype),)


def run_shape_of(arrays: Arrays, attrs: ShapeOfAttrs) -> tuple[Array, ...]:
    """x -> [rank], the batch first."""
    (x,) = arrays
    return (np.asarray(x.shape, attrs.dtype),)


OP = Op(ShapeOfAttrs, infer_shape_of, run_shape_of)
