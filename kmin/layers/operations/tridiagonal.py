"""Systems of three diagonals, and matrices out of their triangular factors (TensorFlow's linalg)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import joint, linear_algebra, shaping
from kmin.layers.operations.arguments import binary, integers, is_float, operands, tensor_of
from kmin.layers.operations.shaping import cut, expand_dims, pad, swap_axes
from kmin.ops.matmul import MatmulAttrs
from kmin.ops.sort import SortAttrs
from kmin.ops.take import TakeAttrs
from kmin.ops.where import WhereAttrs


def _diagonals(call: LayerCall, given: Any, form: Any) -> tuple[Tensor, Tensor, Tensor]:
    """The one above, the main one and the one below, each of the matrix' size."""
    if form == "compact":
        value = tensor_of(call, given)
        above, main, below = (
            shaping.squeeze(call, cut(call, value, value.rank - 2, at, at + 1), value.rank - 2) for at in range(3)
        )
        return above, main, below
    if form != "sequence" or not isinstance(given, (list, tuple)) or len(given) != 3:
        raise call.fail(f"diagonals_format must be compact, sequence or matrix; received {form!r:.40}")
    above, main, below = operands(call, list(given))
    size = main.shape[-1]
    found = []
    for line, widths in ((above, [0, 1]), (below, [1, 0])):
        short = line.shape[-1] is not None and size is not None and line.shape[-1] == size - 1
        found.append(pad(call, line, [[0, 0]] * (line.rank - 1) + [widths], "CONSTANT", 0) if short else line)
    return found[0], main, found[1]


def _matrix(call: LayerCall, given: Any, form: Any) -> Tensor:
    """The whole matrix."""
    if form == "matrix":
        value = tensor_of(call, given)
        rows, columns = value.shape[-2:]
        if rows is None or rows != columns:
            raise call.fail(f"needs square matrices of known size; received {value.spec}")
        near = np.abs(np.arange(rows)[:, None] - np.arange(rows)) <= 1
        return call.add("where", (call.constant("near", near), value, _zero(call, value)), WhereAttrs())
    lines = _diagonals(call, given, form)
    size = lines[1].shape[-1]
    if size is None:
        raise call.fail(f"needs diagonals of known size; received {lines[1].spec}")
    result = _zero(call, lines[1])
    for line, shift in zip(lines, (1, 0, -1), strict=True):
        places = call.constant("diagonal", np.eye(size, k=shift, dtype=bool))
        result = call.add("where", (places, expand_dims(call, line, -1), result), WhereAttrs())
    return result


def _zero(call: LayerCall, x: Tensor) -> Tensor:
    return call.constant("zero", np.asarray(0, x.dtype))


def tridiagonal_solve(
    call: LayerCall, diagonals: Any, right: Any, form: Any, transpose: Any, _: Any, pivoting: Any, perturb: Any
) -> Tensor:
    """linalg.tridiagonal_solve: as a system of the whole matrix."""
    del pivoting
    if perturb:
        raise call.fail("perturb_singular is not supported")
    matrix, value = _matrix(call, diagonals, form), tensor_of(call, right)
    turned = swap_axes(call, value, -1, -2) if transpose and value.rank == matrix.rank else value
    return linear_algebra.solve(call, matrix, turned)


def tridiagonal_matmul(call: LayerCall, diagonals: Any, right: Any, form: Any) -> Tensor:
    """linalg.tridiagonal_matmul."""
    value = tensor_of(call, right)
    matrix = _matrix(call, diagonals, form)
    if matrix.rank != value.rank:
        raise call.fail(f"needs matrices on the right, too; received {value.spec}")
    return call.add("matmul", (matrix, value), MatmulAttrs())


def _rows(call: LayerCall, x: Tensor, order: Tensor) -> Tensor:
    """The rows of each matrix in an order of its own."""
    if order.rank != x.rank - 1:
        raise call.fail(f"needs an order for each matrix; received {order.spec} for {x.spec}")
    return call.add("take", (x, order), TakeAttrs(order.rank - 1, False, order.rank - 1))


def _factors(call: LayerCall, both: Any) -> tuple[Tensor, Tensor]:
    """The lower factor, with ones on its diagonal, and the upper one."""
    value = tensor_of(call, both)
    size = value.shape[-1] if value.rank > 2 else None
    if size is None or size != value.shape[-2]:
        raise call.fail(f"needs a batch of square matrices of known size; received {value.spec}")
    at = np.arange(size)
    below, main = call.constant("below", at[:, None] > at), call.constant("unit", np.eye(size, dtype=value.dtype))
    lower = call.add("where", (below, value, main), WhereAttrs())
    return lower, call.add("where", (below, _zero(call, value), value), WhereAttrs())


def lu_solve(call: LayerCall, both: Any, order: Any, right: Any, _: Any) -> Tensor:
    """linalg.lu_solve."""
    lower, upper = _factors(call, both)
    value = _rows(call, tensor_of(call, right), tensor_of(call, order))
    middle = linear_algebra.solve_triangular(call, lower, value, True)
    return linear_algebra.solve_triangular(call, upper, middle, False)


def lu_inverse(call: LayerCall, both: Any, order: Any, checked: Any) -> Tensor:
    """linalg.lu_matrix_inverse."""
    value = tensor_of(call, both)
    unit = call.constant("unit", np.eye(value.shape[-1] or 0, dtype=value.dtype))
    zero = binary(call, value, 0.0, "multiply")
    return lu_solve(call, both, order, binary(call, zero, unit, "add"), checked)


def lu_product(call: LayerCall, both: Any, order: Any, _: Any) -> Tensor:
    """linalg.lu_reconstruct."""
    lower, upper = _factors(call, both)
    places = tensor_of(call, order)
    back = call.add("sort", (places,), SortAttrs(places.rank - 1, False, True))
    return _rows(call, call.add("matmul", (lower, upper), MatmulAttrs()), back)


def tridiagonal_values(
    call: LayerCall, diagonal: Any, beside: Any, values_only: Any, select: Any, chosen: Any, tolerance: Any
) -> Tensor:
    """linalg.eigh_tridiagonal: the eigenvalues alone, all or those of some places, as exact as they can be."""
    del tolerance
    if not values_only:
        raise call.fail("eigvals_only must be True: TensorFlow looks for eigenvectors from a random start")
    if select not in ("a", "i"):
        raise call.fail(f"select must be 'a' or 'i'; received {select!r:.20}")
    main, side = operands(call, (diagonal, beside))
    if main.rank != 1 or side.rank != 1 or main.shape[0] is None or not is_float(main.dtype):
        raise call.fail(f"needs a real diagonal of known size and the one beside it; received {main.spec}, {side.spec}")
    whole = joint.diag(call, main, 0)
    for offset in (1, -1) if main.shape[0] > 1 else ():
        whole = binary(call, whole, joint.diag(call, side, offset), "add")
    values = linear_algebra.eigh(call, whole)[0]
    if select == "a":
        return values  # type: ignore[no-any-return]
    first, last = integers(call, chosen, "select_range")
    if not 0 <= first <= last < main.shape[0]:
        raise call.fail(f"select_range must be places from 0 to {main.shape[0] - 1}; received {chosen!r:.40}")
    return cut(call, values, 0, first, last + 1)
