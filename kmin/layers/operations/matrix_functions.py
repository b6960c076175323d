"""MATRIX_FUNCTIONS: the rows of TENSORFLOW_FUNCTIONS for factors, diagonals and functions of matrices."""

from __future__ import annotations

from kmin.layers.operations import joint, linear_algebra, tensorflow_numbers, tridiagonal
from kmin.layers.operations.arguments import Row

MATRIX_FUNCTIONS: dict[str, Row] = {
    "linalg.cholesky_solve": ("chol rhs", tensorflow_numbers.cholesky_solve),
    "linalg.diag": (
        'diagonal k=0 num_rows=-1 num_cols=-1 padding_value=0 align="RIGHT_LEFT"',
        tensorflow_numbers.diagonal_matrix,
    ),
    "linalg.eigh_tridiagonal": (
        'alpha beta eigvals_only=True select="a" select_range=None tol=None',
        tridiagonal.tridiagonal_values,
    ),
    "linalg.expm": ("input", linear_algebra.matrix("exponential")),
    "linalg.lstsq": ("matrix rhs l2_regularizer=0.0 fast=True", linear_algebra.tensorflow_least_squares),
    "linalg.lu": ("input output_idx_type=None", linear_algebra.tensorflow_lu),
    "linalg.lu_matrix_inverse": ("lower_upper perm validate_args=False", tridiagonal.lu_inverse),
    "linalg.lu_reconstruct": ("lower_upper perm validate_args=False", tridiagonal.lu_product),
    "linalg.lu_solve": ("lower_upper perm rhs validate_args=False", tridiagonal.lu_solve),
    "linalg.matrix_rank": ("a tol=None validate_args=False", lambda call, x, tol, _: linear_algebra.rank(call, x, tol)),
    "linalg.set_diag": ('input diagonal k=0 align="RIGHT_LEFT"', tensorflow_numbers.set_diagonal),
    "linalg.sqrtm": ("input", linear_algebra.matrix("square_root")),
    "linalg.tensor_diag": ("diagonal", lambda call, x: joint.diag(call, x, 0)),
    "linalg.tensor_diag_part": ("input", lambda call, x: joint.diag(call, x, 0)),
    "linalg.tridiagonal_matmul": ('diagonals rhs diagonals_format="compact"', tridiagonal.tridiagonal_matmul),
    "linalg.tridiagonal_solve": (
        'diagonals rhs diagonals_format="compact" transpose_rhs=False conjugate_rhs=False partial_pivoting=True '
        "perturb_singular=False",
        tridiagonal.tridiagonal_solve,
    ),
}
