"""TensorFlow's functions of matrices, of their factors and diagonals, as graph nodes (Keras 2)."""

import numpy as np

from ._function import tf_function

SQUARE = (3, 4, 4)
_SOLVED = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}
X = (3, 4, 5)
_INVERTED = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}
_WIDE = {"tolerance": 2e-4, "float64_factor": 30.0, "reason": "TensorFlow divides in single precision"}
_SINGLE = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}


def _easy(t, x):
    """Matrices that are easily inverted, but need their rows in another order."""
    return x[:, ::-1] * 0.3 + np.eye(4, dtype="float32")[::-1] * 3


def _heavy(t, x):
    """Three diagonals of which the middle one weighs most."""
    return x + np.array([[0], [4], [0]], "float32")


def _factor(t, x):
    return t.linalg.cholesky(t.matmul(x, x, transpose_b=True) + np.eye(4, dtype="float32") * 3)


def _positive(t, x):
    return t.matmul(x, x, transpose_b=True) + np.eye(4, dtype="float32")


CASES = [
    tf_function(
        "lu_solve", lambda t, x, y: t.linalg.lu_solve(*t.linalg.lu(_easy(t, x)), y), SQUARE, (3, 4, 2), **_SOLVED
    ),
    tf_function("lu_reconstruct", lambda t, x: t.linalg.lu_reconstruct(*t.linalg.lu(_easy(t, x))), SQUARE, **_SOLVED),
    tf_function(
        "lu_matrix_inverse", lambda t, x: t.linalg.lu_matrix_inverse(*t.linalg.lu(_easy(t, x))), SQUARE, **_SOLVED
    ),
    tf_function(
        "tridiagonal_solve",
        lambda t, x, y: t.linalg.tridiagonal_solve(_heavy(t, x), y),
        (3, 3, 5),
        (3, 5, 2),
        **_SOLVED,
    ),
    tf_function(
        "tridiagonal_solve_vector",
        lambda t, x, y: t.linalg.tridiagonal_solve(_heavy(t, x), y),
        (3, 3, 5),
        (3, 5),
        **_SOLVED,
    ),
    tf_function(
        "tridiagonal_solve_sequence",
        lambda t, x, y: t.linalg.tridiagonal_solve(
            (x[:, 0, 1:], x[:, 1] + 4, x[:, 2, 1:]), y, diagonals_format="sequence", transpose_rhs=True
        ),
        (3, 3, 5),
        (3, 2, 5),
        **_SOLVED,
    ),
    tf_function(
        "tridiagonal_solve_matrix",
        lambda t, x, y: t.linalg.tridiagonal_solve(
            x + np.eye(4, dtype="float32") * 4, y, diagonals_format="matrix", partial_pivoting=False
        ),
        SQUARE,
        (3, 4, 2),
        **_SOLVED,
    ),
    tf_function(
        "tridiagonal_matmul",
        lambda t, x, y: (
            t.linalg.tridiagonal_matmul(x, y),
            t.linalg.tridiagonal_matmul((x[:, 0], x[:, 1], x[:, 2]), y, diagonals_format="sequence"),
        ),
        (3, 3, 5),
        (3, 5, 2),
    ),
    tf_function(
        "tridiagonal_matmul_matrix", lambda t, x, y: t.linalg.tridiagonal_matmul(x, y, "matrix"), SQUARE, (3, 4, 2)
    ),
    tf_function("diag", lambda t, x: (t.linalg.diag(x), t.linalg.diag(x, padding_value=0.5)), X),
    *[
        tf_function(f"set_diag_{r}_{c}", lambda t, x, d: t.linalg.set_diag(x, d), (3, r, c), (3, min(r, c)))
        for r, c in ((4, 4), (3, 5), (5, 3))
    ],
    tf_function("cholesky_solve", lambda t, x, y: t.linalg.cholesky_solve(_factor(t, x), y), SQUARE, X, **_INVERTED),
    tf_function("matrix_rank", lambda t, x: t.linalg.matrix_rank(x), X),
    tf_function("expm", lambda t, x: (t.linalg.expm(x), t.linalg.expm(x * 0.01)), SQUARE),
    tf_function("expm_large", lambda t, x: t.linalg.expm(x * 4), SQUARE, **_SINGLE),
    tf_function("sqrtm", lambda t, x: t.linalg.sqrtm(_positive(t, x)), SQUARE, **_SINGLE),
    tf_function("sqrtm_any", lambda t, x: t.linalg.sqrtm(x * 0.5 + 3 * np.eye(4, dtype="float32")), SQUARE, **_SINGLE),
    tf_function("lu", lambda t, x: tuple(t.linalg.lu(x)), (3, 5, 5)),
    tf_function("lu_wide", lambda t, x: tuple(t.linalg.lu(x, output_idx_type="int64")), (2, 2, 8, 8)),
    tf_function("lstsq", lambda t, x, y: t.linalg.lstsq(x, y), (3, 6, 4), (3, 6, 2), **_SINGLE),
    tf_function("lstsq_wide", lambda t, x, y: t.linalg.lstsq(x, y, 0.1), X, (3, 4, 2), **_SINGLE),
    tf_function("lstsq_tall", lambda t, x, y: t.linalg.lstsq(x, y, 0.5), (3, 6, 4), (3, 6, 2), **_SINGLE),
    tf_function("lstsq_slow", lambda t, x, y: t.linalg.lstsq(x, y, fast=False), X, (3, 4, 2), **_SINGLE),
    *[
        tf_function(f"svd_{r}_{c}", lambda t, x, f=r < c: tuple(t.linalg.svd(x, full_matrices=f)), (2, r, c), **_WIDE)
        for r, c in ((16, 16), (20, 33), (70, 16), (4, 18), (48, 24))
    ],
]
