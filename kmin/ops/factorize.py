"""factorize: QR and singular value decompositions with their vectors, in the signs of TensorFlow's CPU kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.divide_svd import DIVIDED_COLUMNS, divided_svd
from kmin.ops.jacobi_svd import jacobi_svd
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class FactorizeAttrs:
    """kind: "qr" or "svd"; complete: whether orthogonal factors are square."""

    kind: str
    complete: bool = False


# Entries of orthogonal factors that a few roundings of the matrix move by more than this are not known.
FACTOR_TOLERANCE = 0.05


def factors_of(a: Array, attrs: FactorizeAttrs, precision: np.dtype[np.floating[Any]]) -> tuple[Array, ...]:
    """q and r, or u, the singular values and v' of a [N, R, C] with what is taken for 0 in a precision."""
    if attrs.kind == "qr":
        q, r = np.linalg.qr(a + 0.0, mode="complete" if attrs.complete else "reduced")
        return q, r
    u, values, v = divided_svd(a, precision) if a.shape[2] >= DIVIDED_COLUMNS else jacobi_svd(a)
    size = values.shape[1]
    if not attrs.complete:
        u, v = u[:, :, :size], v[:, :, :size]
    return u, values, np.swapaxes(v, 1, 2)


def infer_factorize(specs: Specs, attrs: FactorizeAttrs) -> tuple[TensorSpec, ...]:
    (a,) = specs
    if attrs.kind not in ("qr", "svd"):
        raise InputError(f"factorization '{attrs.kind}' does not exist")
    if a.rank < 2 or a.dtype not in ("float32", "float64"):
        raise InputError(f"{attrs.kind} needs matrices of floats; received {a}")
    *outer, rows, columns = a.shape
    size = None if rows is None or columns is None else min(rows, columns)
    left, right = (rows, columns) if attrs.complete else (size, size)
    if attrs.kind == "qr":
        shapes: list[tuple[int | None, ...]] = [(rows, left), (left, columns)]
    else:
        shapes = [(rows, left), (size,), (right, columns)]
    return tuple(TensorSpec((*outer, *shape), a.dtype) for shape in shapes)


def run_factorize(arrays: Arrays, attrs: FactorizeAttrs) -> tuple[Array, ...]:
    """[..., R, C] -> the factors, which a few roundings of the matrix must not turn around; NaN where it is not finite.

    Source of the signs: Householder reflections, two-sided Jacobi turns, divide and conquer from 16 columns on, as in
    TensorFlow 2.15 and 2.21.
    """
    (a,) = arrays
    outer, shape = a.shape[:-2], a.shape[-2:]
    finite = np.isfinite(a).all(axis=(-1, -2)).reshape(-1, 1, 1)
    wide = np.where(finite, a.reshape(-1, *shape), 0).astype(np.float64)
    places, roundings = np.arange(shape[0] * shape[1]).reshape(shape), 4 * float(np.finfo(a.dtype).eps)
    found = factors_of(wide, attrs, a.dtype)
    # Opposite ripples turn some factors the same way, so that they need two others beside them.
    for ripple in (np.cos(places), -np.cos(places), np.cos(2.7 * places + 1), np.sin(1.9 * places)):
        moved = wide * (1 + roundings * ripple)
        for there, here in zip(factors_of(moved, attrs, a.dtype), found, strict=True):
            if here is not found[1] and np.any(np.abs(there - here) > FACTOR_TOLERANCE):
                raise InputError(
                    f"{attrs.kind} needs matrices whose factors do not turn on rounding; received one that has columns "
                    "that depend on each other, equal singular values or the like"
                )
    known = [np.where(finite.reshape((-1,) + (1,) * (array.ndim - 1)), array, np.nan) for array in found]
    return tuple(array.reshape(*outer, *array.shape[1:]).astype(a.dtype) for array in known)


OP = Op(FactorizeAttrs, infer_factorize, run_factorize)
