"""MATRIX_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for matrices of three diagonals or in two factors."""

from __future__ import annotations

from kmin.layers.operations import tridiagonal
from kmin.layers.operations.arguments import Row

MATRIX_FUNCTIONS: dict[str, Row] = {
    "linalg.lu_matrix_inverse": ("lower_upper perm validate_args=False", tridiagonal.lu_inverse),
    "linalg.lu_reconstruct": ("lower_upper perm validate_args=False", tridiagonal.lu_product),
    "linalg.lu_solve": ("lower_upper perm rhs validate_args=False", tridiagonal.lu_solve),
    "linalg.tridiagonal_matmul": ('diagonals rhs diagonals_format="compact"', tridiagonal.tridiagonal_matmul),
    "linalg.tridiagonal_solve": (
        'diagonals rhs diagonals_format="compact" transpose_rhs=False conjugate_rhs=False partial_pivoting=True '
        "perturb_singular=False",
        tridiagonal.tridiagonal_solve,
    ),
}
