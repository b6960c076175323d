"""Linear algebra of keras.ops over the last two axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import Complex, LayerCall, Lowered, Tensor
from kmin.layers.operations.arguments import (
    Lowering,
    axis_of,
    cast,
    dtype_named,
    floating,
    integer,
    is_number,
    operands,
    tensor_of,
)
from kmin.layers.operations.reductions import WIDER
from kmin.layers.operations.shaping import move_axis, reshaped
from kmin.ops.binary import BinaryAttrs
from kmin.ops.eigen import EigenAttrs
from kmin.ops.factorize import FactorizeAttrs
from kmin.ops.matmul import MatmulAttrs
from kmin.ops.matrix import MatrixAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.take import TakeAttrs


def _matrices(call: LayerCall, x: Any) -> Tensor:
    """Floats of which at least the last two axes belong to one sample."""
    value = floating(call, tensor_of(call, x))
    if value.dtype == "float16":
        raise call.fail("half precision is not supported here, as in Keras")
    if value.rank < 2:
        raise call.fail(f"needs matrices; received {value.spec}")
    call.mix_samples(value, (value.rank - 2, value.rank - 1))
    return value


def matrix(kind: str) -> Lowering:
    """f(matrix) for a kind of `matrix` with one result."""
    return lambda call, x: call.add("matrix", (_matrices(call, x),), MatrixAttrs(kind))


def matrices(kind: str) -> Lowering:
    """f(matrix) for a kind of `matrix` with several results."""
    return lambda call, x: list(call.add_all("matrix", (_matrices(call, x),), MatrixAttrs(kind)))


def triangular(lower: str, upper: str) -> Lowering:
    """f(matrix, upper)."""
    return lambda call, x, up: matrix(upper if up else lower)(call, x)


def limited(kind: str) -> Lowering:
    """f(matrix, smallest part of the largest singular value that counts)."""

    def lower(call: LayerCall, x: Any, limit: Any) -> Tensor:
        if limit is not None and not is_number(limit):
            raise call.fail(f"the limit of singular values must be a number; received {limit!r:.60}")
        value = _matrices(call, x)
        return call.add("matrix", (value,), MatrixAttrs(kind, None if limit is None else float(limit)))

    return lower


def rank(call: LayerCall, x: Any, tol: Any) -> Tensor:
    """matrix_rank: the singular values above what rounding leaves of zeros."""
    if tol is not None:
        raise call.fail("tol, an absolute limit, is not supported")
    return call.add("matrix", (_matrices(call, x),), MatrixAttrs("rank"))


def qr(call: LayerCall, x: Any, complete: Any) -> Lowered:
    """q and r, with TensorFlow's signs."""
    return list(call.add_all("factorize", (_matrices(call, x),), FactorizeAttrs("qr", bool(complete))))


def qr_in_mode(call: LayerCall, x: Any, mode: Any) -> Lowered:
    """qr of keras.ops."""
    if mode not in ("reduced", "complete"):
        raise call.fail(f"mode must be 'reduced' or 'complete'; received {mode!r:.40}")
    return qr(call, x, mode == "complete")


def svd(call: LayerCall, x: Any, full_matrices: Any, compute_uv: Any) -> Lowered:
    """u, the singular values and v' with TensorFlow's signs, or the singular values alone."""
    value = _matrices(call, x)
    if not compute_uv:
        return call.add("matrix", (value,), MatrixAttrs("singular_values"))
    return list(call.add_all("factorize", (value,), FactorizeAttrs("svd", bool(full_matrices))))


def tensorflow_svd(call: LayerCall, x: Any, full_matrices: Any, compute_uv: Any) -> Lowered:
    """The singular values, u and v."""
    if not compute_uv:
        return svd(call, x, full_matrices, compute_uv)
    u, values, vt = svd(call, x, full_matrices, compute_uv)
    return [values, u, move_axis(call, vt, [-1], [-2])]


def tensorflow_lu(call: LayerCall, x: Any, dtype: Any) -> Lowered:
    """Both triangular factors in one matrix, and the order of the rows."""
    both, order = call.add_all("matrix", (_matrices(call, x),), MatrixAttrs("lu"))
    return [both, cast(call, order, dtype_named(call, dtype, "int32"))]


def tensorflow_least_squares(call: LayerCall, a: Any, b: Any, regularizer: Any, fast: Any) -> Tensor:
    """linalg.lstsq: the x with the least |a x - b|^2 + regularizer |x|^2, in double precision."""
    left, right = operands(call, (a, b))
    value = _matrices(call, left)
    rows, columns = value.shape[-2:]
    if rows is None or columns is None or right.rank != value.rank or not is_number(regularizer):
        raise call.fail(f"needs matrices of known size and a number; received {value.spec} and {right.spec}")
    if not fast or not regularizer:
        inverse = call.add("matrix", (value,), MatrixAttrs("least_squares"))
        return call.add("matmul", (inverse, right), MatmulAttrs())
    wide, given = cast(call, value, "float64"), cast(call, right, "float64")
    turned = move_axis(call, wide, [-1], [-2])
    tall = rows >= columns
    square = call.add("matmul", (turned, wide) if tall else (wide, turned), MatmulAttrs())
    weight = call.constant("regularizer", np.eye(min(rows, columns)) * float(regularizer))
    square = call.add("binary", (square, weight), BinaryAttrs("add"))
    given = call.add("matmul", (turned, given), MatmulAttrs()) if tall else given
    found = call.add("matrix", (square, given), MatrixAttrs("solve"))
    return cast(call, found if tall else call.add("matmul", (turned, found), MatmulAttrs()), value.dtype)


def eigenvalues(call: LayerCall, x: Any) -> Tensor:
    """The eigenvalues of symmetric matrices, of which the lower triangle is read."""
    return call.add("matrix", (_matrices(call, x),), MatrixAttrs("eigenvalues"))


def eigh(call: LayerCall, x: Any) -> Lowered:
    """The eigenvalues and vectors of symmetric matrices."""
    return list(call.add_all("eigen", (_matrices(call, x),), EigenAttrs(True)))


def eig(vectors: bool) -> Lowering:
    """The complex eigenvalues of any matrices, and their vectors."""

    def lower(call: LayerCall, x: Any) -> Lowered:
        parts = call.add_all("eigen", (_matrices(call, x),), EigenAttrs(False))
        values, found = (Complex(a.name, a.spec, imaginary=b) for a, b in (parts[:2], parts[2:]))
        return [values, found] if vectors else values

    return lower


def solve(call: LayerCall, a: Any, b: Any) -> Tensor:
    """x of a @ x = b."""
    return _solved(call, a, b, "solve")


def solve_triangular(call: LayerCall, a: Any, b: Any, lower: Any) -> Tensor:
    """x of a @ x = b, of a only one triangle being read."""
    return _solved(call, a, b, "solve_lower" if lower else "solve_upper")


def _solved(call: LayerCall, a: Any, b: Any, kind: str) -> Tensor:
    left, right = operands(call, (a, b))
    left = _matrices(call, left)
    right = cast(call, right, left.dtype)
    column = right.rank == left.rank - 1
    if column:
        right = reshaped(call, right, (*(("x", at) for at in range(right.rank)), 1))
    y = call.add("matrix", (left, right), MatrixAttrs(kind))
    return reshaped(call, y, tuple(("x", at) for at in range(y.rank - 1))) if column else y


def diagonal(call: LayerCall, x: Any, offset: Any, axis1: Any, axis2: Any) -> Tensor:
    """The diagonal of two axes, last."""
    value = tensor_of(call, x)
    axes = [axis_of(call, axis, value.rank) for axis in (axis1, axis2)]
    call.mix_samples(value, axes)
    value = move_axis(call, value, axes, [-2, -1])
    rows, columns = value.shape[-2:]
    if rows is None or columns is None:
        raise call.fail(f"the axes of a diagonal must be of known size; received {value.spec}")
    k = integer(call, offset, "offset")
    places = [i * columns + i + k for i in range(rows) if 0 <= i + k < columns]
    flat = reshaped(call, value, (*(("x", at) for at in range(value.rank - 2)), rows * columns))
    ids = call.constant("places", np.asarray(places, "int32"))
    return call.add("take", (flat, ids), TakeAttrs(flat.rank - 1, False, 0))


def trace(call: LayerCall, x: Any, offset: Any, axis1: Any, axis2: Any) -> Tensor:
    """The sum of the diagonal; small integers are summed as wider ones."""
    line = diagonal(call, x, offset, axis1, axis2)
    line = cast(call, line, WIDER.get(line.dtype, line.dtype))
    return call.add("reduce", (line,), ReduceAttrs("sum", (line.rank - 1,)))
