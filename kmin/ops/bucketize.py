"""bucketize: between which two boundaries each value lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class BucketizeAttrs:
    """boundaries: increasing; a value that equals one belongs to the bucket above."""

    boundaries: tuple[float, ...]


def infer_bucketize(specs: Specs, attrs: BucketizeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if list(attrs.boundaries) != sorted(attrs.boundaries) or x.dtype == "bool":
        raise InputError(f"bucketize needs numbers and boundaries that increase; received {x} and {attrs.boundaries}")
    return (TensorSpec(x.shape, "int32"),)


def run_bucketize(arrays: Arrays, attrs: BucketizeAttrs) -> tuple[Array, ...]:
    """x -> int32, 0 below the first boundary; boundaries count as float32, as in TensorFlow's Bucketize."""
    (x,) = arrays
    boundaries = np.asarray(attrs.boundaries, np.float32).astype(np.float64)
    return (np.searchsorted(boundaries, x.astype(np.float64), side="right").astype(np.int32),)


OP = Op(BucketizeAttrs, infer_bucketize, run_bucketize)
