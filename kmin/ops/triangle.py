"""triangle: matrices with zeros above or below a diagonal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class TriangleAttrs:
    """upper: the part above the diagonal stays, else the part below; diagonal: which one, 0 is the main one."""

    upper: bool
    diagonal: int = 0


def infer_triangle(specs: Specs, attrs: TriangleAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank < 2:
        raise InputError(f"triangle needs matrices; received {x}")
    return (x,)


def run_triangle(arrays: Arrays, attrs: TriangleAttrs) -> tuple[Array, ...]:
    """x [..., rows, columns] -> same shape; the diagonal itself stays."""
    (x,) = arrays
    return (np.triu(x, attrs.diagonal) if attrs.upper else np.tril(x, attrs.diagonal),)


OP = Op(TriangleAttrs, infer_triangle, run_triangle)
