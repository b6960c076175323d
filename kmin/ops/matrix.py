"""matrix: linear algebra over the last two axes, computed in double precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.matrix_function import matrix_exponential, matrix_root, triangular_factors
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class MatrixAttrs:
    """kind: key of MATRICES; limit: singular values below this part of the largest count as 0 (None: by precision)."""

    kind: str
    limit: float | None = None


def _cholesky(a: Array, limit: float) -> tuple[Array, ...]:
    try:
        return (np.linalg.cholesky(a),)
    except np.linalg.LinAlgError:
        raise InputError("cholesky needs positive definite matrices") from None


def _cholesky_upper(a: Array, limit: float) -> tuple[Array, ...]:
    return (np.swapaxes(_cholesky(a, limit)[0], -1, -2),)


def _inverted(a: Array, limit: float) -> tuple[Array, ...]:
    try:
        return (np.linalg.inv(a),)
    except np.linalg.LinAlgError:
        raise InputError("inv needs matrices that have an inverse") from None


def _from_lower(a: Array, limit: float) -> tuple[Array, ...]:
    inverse = _inverted(np.tril(a), limit)[0]
    return (np.swapaxes(inverse, -1, -2) @ inverse,)


def _from_upper(a: Array, limit: float) -> tuple[Array, ...]:
    inverse = _inverted(np.triu(a), limit)[0]
    return (inverse @ np.swapaxes(inverse, -1, -2),)


def _singular_limit(values: Array, limit: float) -> Array:
    return limit * values.max(axis=-1, keepdims=True, initial=0)


def _rank(a: Array, limit: float) -> tuple[Array, ...]:
    values = np.linalg.svd(a, compute_uv=False)
    return ((values > _singular_limit(values, limit)).sum(axis=-1),)


def _pseudo_inverse(a: Array, limit: float) -> tuple[Array, ...]:
    u, values, vt = np.linalg.svd(a, full_matrices=False)
    kept = values > _singular_limit(values, limit)
    factors = np.where(kept, 1 / np.where(kept, values, 1), 0)
    return (np.swapaxes(vt, -1, -2) @ (factors[..., None] * np.swapaxes(u, -1, -2)),)


def _log_determinant(a: Array, limit: float) -> tuple[Array, ...]:
    return (2 * np.log(np.diagonal(_cholesky(a, limit)[0], axis1=-2, axis2=-1)).sum(axis=-1),)


def _solved(a: Array, b: Array) -> Array:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise InputError("solve needs matrices that have an inverse") from None


# Kind -> the results of a matrix; the axes of each, R rows and C columns of the matrix, or S the smaller of them.
MATRICES: dict[str, tuple[Callable[[Array, float], tuple[Array, ...]], tuple[str, ...]]] = {
    "cholesky": (_cholesky, ("RC",)),
    "cholesky_inverse_lower": (_from_lower, ("RC",)),
    "cholesky_inverse_upper": (_from_upper, ("RC",)),
    "cholesky_upper": (_cholesky_upper, ("RC",)),
    "det": (lambda a, _: (np.linalg.det(a),), ("",)),
    "eigenvalues": (lambda a, _: (np.linalg.eigvalsh(a),), ("R",)),
    "exponential": (lambda a, _: (matrix_exponential(a),), ("RC",)),
    "inv": (_inverted, ("RC",)),
    "least_squares": (_pseudo_inverse, ("CR",)),
    "log_determinant": (_log_determinant, ("",)),
    "lu": (lambda a, _: triangular_factors(a), ("RC", "R")),
    "pseudo_inverse": (_pseudo_inverse, ("CR",)),
    "rank": (_rank, ("",)),
    "sign_and_log_determinant": (lambda a, _: tuple(np.linalg.slogdet(a)), ("", "")),
    "singular_values": (lambda a, _: (np.linalg.svd(a, compute_uv=False),), ("S",)),
    "square_root": (lambda a, _: (matrix_root(a),), ("RC",)),
}
# Kinds with a right side: the part of the matrix that counts.
SOLVES: dict[str, Callable[[Array], Array]] = {"solve": np.asarray, "solve_lower": np.tril, "solve_upper": np.triu}
_ANY_SHAPE = ("least_squares", "pseudo_inverse", "rank", "singular_values")
_WHOLE = {"lu": 1, "rank": 0}


def infer_matrix(specs: Specs, attrs: MatrixAttrs) -> tuple[TensorSpec, ...]:
    a, *others = specs
    rows, columns = a.shape[-2:] if a.rank >= 2 else (1, 2)
    square = rows == columns or None in (rows, columns)
    if a.rank < 2 or a.dtype not in ("float32", "float64") or not (square or attrs.kind in _ANY_SHAPE):
        raise InputError(f"{attrs.kind} needs square matrices of floats; received {a}")
    if attrs.kind in SOLVES:
        (b,) = others
        if b.rank != a.rank or b.dtype != a.dtype or (None not in (rows, b.shape[-2]) and b.shape[-2] != rows):
            raise InputError(f"{attrs.kind} needs a right side that fits; received {a} and {b}")
        return (TensorSpec((*a.shape[:-2], columns, b.shape[-1]), a.dtype),)
    if attrs.kind not in MATRICES:
        raise InputError(f"matrix '{attrs.kind}' does not exist")
    smaller = None if None in (rows, columns) else min(rows, columns)
    sizes = {"R": rows, "C": columns, "S": smaller}
    found = []
    for i, letters in enumerate(MATRICES[attrs.kind][1]):
        dtype = "int32" if _WHOLE.get(attrs.kind) == i else a.dtype
        found.append(TensorSpec((*a.shape[:-2], *(sizes[letter] for letter in letters)), dtype))
    return tuple(found)


def run_matrix(arrays: Arrays, attrs: MatrixAttrs) -> tuple[Array, ...]:
    """[..., R, C] (and a right side [..., R, N]) -> the results; singular matrices are an InputError."""
    a, *others = arrays
    wide = a.astype(np.float64)
    if attrs.kind in SOLVES:
        return (_solved(SOLVES[attrs.kind](wide), others[0].astype(np.float64)).astype(a.dtype),)
    limit = attrs.limit
    if limit is None:
        limit = (
            max(a.shape[-2:], default=1) * float(np.finfo(a.dtype).eps) * (10 if attrs.kind == "pseudo_inverse" else 1)
        )
    found = MATRICES[attrs.kind][0](wide, limit)
    whole = _WHOLE.get(attrs.kind)
    return tuple(np.asarray(array).astype("int32" if i == whole else a.dtype) for i, array in enumerate(found))


OP = Op(MatrixAttrs, infer_matrix, run_matrix)
