"""eigen: eigenvalues and eigenvectors of matrices, in the order and with the signs of TensorFlow's CPU kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.general_eigen import general_eigen
from kmin.ops.symmetric_eigen import symmetric_eigen
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class EigenAttrs:
    """symmetric: whether matrices are, so that only their lower triangles are read; else results are complex."""

    symmetric: bool


def infer_eigen(specs: Specs, attrs: EigenAttrs) -> tuple[TensorSpec, ...]:
    (a,) = specs
    if a.rank < 2 or a.dtype not in ("float32", "float64"):
        raise InputError(f"eigen needs square matrices of floats; received {a}")
    *outer, rows, columns = a.shape
    if rows is not None and columns is not None and rows != columns:
        raise InputError(f"eigen needs square matrices; received {a}")
    size = columns if rows is None else rows
    values, vectors = TensorSpec((*outer, size), a.dtype), TensorSpec((*outer, size, size), a.dtype)
    return (values, vectors) if attrs.symmetric else (values, values, vectors, vectors)


def run_eigen(arrays: Arrays, attrs: EigenAttrs) -> tuple[Array, ...]:
    """a [..., S, S] -> values [..., S] and vectors in the columns of [..., S, S]; real and imaginary parts one by one.

    Symmetric matrices give the smallest value first, others give them as their Schur form does. Signs, and the phases
    of complex vectors, are those of Eigen's algorithms (TensorFlow 2.15) and not determined beyond that: rounding
    decides how many QR steps there are, and with them turns vectors around, of about one in 17 symmetric 10 x 10
    matrices and most 40 x 40 ones. Matrices that are not finite give NaN.

    Raises:
        InputError: the matrices are not square.
    """
    (a,) = arrays
    if a.shape[-1] != a.shape[-2]:
        raise InputError(f"eigen needs square matrices; received shape {a.shape}")
    outer, size = a.shape[:-2], a.shape[-1]
    finite = np.isfinite(a).all(axis=(-1, -2)).reshape(-1, 1)
    flat = np.where(finite[:, :, None], a.reshape(len(finite), size, size), 0)
    values, vectors = (symmetric_eigen if attrs.symmetric else general_eigen)(flat)
    found = [values, vectors] if attrs.symmetric else [values.real, values.imag, vectors.real, vectors.imag]
    known = [np.where(finite.reshape(-1, *(1,) * (part.ndim - 1)), part, np.nan) for part in found]
    return tuple(part.reshape(*outer, *part.shape[1:]).astype(a.dtype, copy=False) for part in known)


OP = Op(EigenAttrs, infer_eigen, run_eigen)
