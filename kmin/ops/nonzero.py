"""nonzero: the places of values that are not zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class NonzeroAttrs:
    """Nothing to choose."""


def infer_nonzero(specs: Specs, attrs: NonzeroAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    return (TensorSpec((None, x.rank), "int64"),)


def run_nonzero(arrays: Arrays, attrs: NonzeroAttrs) -> tuple[Array, ...]:
    """x -> [how many, rank of x]: one row of places for each, in row-major order."""
    (x,) = arrays
    if x.ndim == 0:
        return (np.zeros((int(bool(x)), 0), np.int64),)
    return (np.argwhere(x).astype(np.int64, copy=False),)


OP = Op(NonzeroAttrs, infer_nonzero, run_nonzero)
