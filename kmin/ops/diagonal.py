"""diagonal: a vector as a diagonal of a matrix of zeros, or a diagonal of a matrix as a vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class DiagonalAttrs:
    """offset: which diagonal, counted upwards from the main one."""

    offset: int = 0


def infer_diagonal(specs: Specs, attrs: DiagonalAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank not in (1, 2):
        raise InputError(f"diagonal needs a vector or a matrix; received {x}")
    if x.rank == 1:
        size = None if x.shape[0] is None else x.shape[0] + abs(attrs.offset)
        return (TensorSpec((size, size), x.dtype),)
    rows, columns = x.shape
    if rows is None or columns is None:
        return (TensorSpec((None,), x.dtype),)
    length = min(rows + min(attrs.offset, 0), columns - max(attrs.offset, 0))
    return (TensorSpec((max(length, 0),), x.dtype),)


def run_diagonal(arrays: Arrays, attrs: DiagonalAttrs) -> tuple[Array, ...]:
    """[n] -> [n + |offset|, n + |offset|]; [rows, columns] -> [length of the diagonal]."""
    (x,) = arrays
    return (np.ascontiguousarray(np.diag(x, attrs.offset)),)


OP = Op(DiagonalAttrs, infer_diagonal, run_diagonal)
