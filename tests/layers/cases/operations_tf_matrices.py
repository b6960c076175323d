"""TensorFlow's functions of matrices in factors and of three diagonals as graph nodes (Keras 2)."""

import numpy as np

from ._function import tf_function

SQUARE = (3, 4, 4)
_SOLVED = {"tolerance": 1e-4, "reason": "TensorFlow solves in single precision"}


def _easy(t, x):
    """Matrices that are easily inverted, but need their rows in another order."""
    return x[:, ::-1] * 0.3 + np.eye(4, dtype="float32")[::-1] * 3


def _heavy(t, x):
    """Three diagonals of which the middle one weighs most."""
    return x + np.array([[0], [4], [0]], "float32")


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
]
