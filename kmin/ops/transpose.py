"""transpose: the axes in another order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class TransposeAttrs:
    """perm: for each axis of the result, the axis of the input it comes from (the batch axis may move)."""

    perm: tuple[int, ...]


def infer_transpose(specs: Specs, attrs: TransposeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if sorted(attrs.perm) != list(range(x.rank)):
        raise InputError(f"transpose needs each of the {x.rank} axes of {x} once; received {attrs.perm}")
    return (TensorSpec(tuple(x.shape[axis] for axis in attrs.perm), x.dtype),)


def run_transpose(arrays: Arrays, attrs: TransposeAttrs) -> tuple[Array, ...]:
    """x -> a view of x."""
    (x,) = arrays
    return (np.transpose(x, attrs.perm),)


OP = Op(TransposeAttrs, infer_transpose, run_transpose)
