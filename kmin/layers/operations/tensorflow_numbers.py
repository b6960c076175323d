"""Matrices from diagonals, choices by several ids, polynomials and losses as TensorFlow's functions spell them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import choosing, linear_algebra, network
from kmin.layers.operations.arguments import (
    axis_of,
    binary,
    cast,
    integer,
    is_float,
    operands,
    tensor_of,
    unary,
)
from kmin.layers.operations.extents import up_to
from kmin.layers.operations.products import matmul
from kmin.layers.operations.reductions import cumulative
from kmin.layers.operations.shaping import expand_dims, reshaped, swap_axes
from kmin.layers.operations.sizes import lower_shape, number_of
from kmin.layers.operations.windowed import framed
from kmin.ops.cumulate import CumulateAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.shape_of import ShapeOfAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.take import TakeAttrs
from kmin.ops.where import WhereAttrs


def gather_nd(call: LayerCall, x: Any, indices: Any, batch_dims: Any) -> Tensor:
    """Parts of x by tuples of ids, one id for each axis after the batch axes."""
    value, ids = tensor_of(call, x), tensor_of(call, indices)
    batch, count = integer(call, batch_dims, "batch_dims"), ids.shape[-1] if ids.rank else None
    if count is None or not 0 <= batch < ids.rank or batch + count > value.rank:
        raise call.fail(f"needs tuples of a known length; received {ids.spec} for {value.spec}")
    sizes = [size for size in value.shape[batch + 1 : batch + count] if size is not None]
    call.mix_samples(value, range(batch, batch + count))
    if len(sizes) == max(count - 1, 0):
        steps = call.constant("steps", np.asarray([math.prod(sizes[at:]) for at in range(count)], ids.dtype))
    else:
        shape = call.add("shape_of", (value,), ShapeOfAttrs(ids.dtype))
        axes = call.add("slice", (shape,), SliceAttrs(((batch, batch + count, None),)))
        steps = call.add("cumulate", (axes,), CumulateAttrs(0, "prod", True, True))
    places = binary(call, ids, steps, "multiply")
    places = call.add("reduce", (places,), ReduceAttrs("sum", (ids.rank - 1,)))
    rest = tuple(("x", at) for at in range(batch + count, value.rank))
    flat = reshaped(call, value, (*(("x", at) for at in range(batch)), -1 if count else 1, *rest))
    return call.add("take", (flat, places), TakeAttrs(batch, False, batch))


def batch_gather(call: LayerCall, x: Any, indices: Any) -> Tensor:
    """compat.v1.batch_gather: all axes of the ids but the last are batch axes."""
    ids = tensor_of(call, indices)
    return choosing.gather(call, x, ids, ids.rank - 1, ids.rank - 1)


def diagonal_matrix(call: LayerCall, x: Any, k: Any, rows: Any, columns: Any, padding: Any, align: Any) -> Tensor:
    """linalg.diag: square matrices with x on their diagonal."""
    del align
    value = tensor_of(call, x)
    size = value.shape[-1]
    if (k, rows, columns) != (0, -1, -1) or size is None:
        raise call.fail(f"only whole main diagonals are supported; received {value.spec}, k={k!r:.40}")
    rest = call.constant("padding", np.asarray(padding, value.dtype))
    return _with_diagonal(call, rest, expand_dims(call, value, -1), np.eye(size, dtype=bool))


def set_diagonal(call: LayerCall, x: Any, diagonal: Any, k: Any, align: Any) -> Tensor:
    """linalg.set_diag: x with another main diagonal."""
    del align
    value, line = operands(call, (x, diagonal))
    rows, columns = value.shape[-2:] if value.rank >= 2 else (None, None)
    if k != 0 or rows is None or columns is None:
        raise call.fail(f"only main diagonals of matrices of known size are supported; received {value.spec}")
    return _with_diagonal(
        call, value, expand_dims(call, line, -1 if rows <= columns else -2), np.eye(rows, columns) > 0
    )


def _with_diagonal(call: LayerCall, rest: Tensor, line: Tensor, places: Any) -> Tensor:
    return call.add("where", (call.constant("diagonal", places), line, rest), WhereAttrs())


def polynomial(call: LayerCall, coefficients: Any, x: Any) -> Tensor:
    """math.polyval, the highest power first."""
    if not isinstance(coefficients, (list, tuple)) or not coefficients:
        raise call.fail(f"needs a list of coefficients; received {coefficients!r:.60}")
    value = tensor_of(call, x)
    first, *others = operands(call, [*coefficients, value])[:-1]
    result = binary(call, binary(call, value, 0.0, "multiply"), first, "add")
    for item in others:
        result = binary(call, binary(call, result, value, "multiply"), item, "add")
    return result


def rank(call: LayerCall, x: Any) -> Tensor:
    """The number of axes."""
    return call.constant("rank", np.asarray(tensor_of(call, x).rank, "int32"))


def shapes(call: LayerCall, values: Any, dtype: Any) -> list[Tensor]:
    """shape_n."""
    return [lower_shape(call, x, dtype) for x in values]


def spaced(call: LayerCall, start: Any, stop: Any, count: Any, axis: Any) -> Tensor:
    """linspace along a new axis, of as many numbers as the file or a run tells."""
    given = any(isinstance(end, Tensor) for end in (start, stop))
    first, last = operands(call, (start, stop)) if given else [tensor_of(call, end) for end in (start, stop)]
    if first.dtype == last.dtype and first.dtype in ("int32", "int64"):
        first, last = (cast(call, end, "float64") for end in (first, last))
    if isinstance(count, Tensor):
        return _spaced_by(call, first, last, number_of(call, count, "num"), axis)
    number, at = integer(call, count, "num"), axis_of(call, axis, first.rank + 1)
    if not is_float(first.dtype) or first.rank != last.rank or number < 1:
        raise call.fail(f"needs two floats of one rank and a number; received {first.spec}, {last.spec}, {number}")
    line = np.linspace(0, 1, number).reshape([-1 if axis == at else 1 for axis in range(first.rank + 1)])
    share = call.constant("share", line.astype(first.dtype))
    low, high = (expand_dims(call, x, at) for x in (first, last))
    rest = call.constant("rest", (1 - line).astype(first.dtype))
    return binary(call, binary(call, low, rest, "multiply"), binary(call, high, share, "multiply"), "add")


def _spaced_by(call: LayerCall, start: Tensor, stop: Tensor, count: Tensor, axis: Any) -> Tensor:
    """Even steps from one end, and the other end itself. Source: linspace_nd of TensorFlow 2.15."""
    at = axis_of(call, axis, start.rank + 1)
    if not is_float(start.dtype) or start.rank != stop.rank or not count.dtype.startswith("int"):
        raise call.fail(f"needs two floats of one rank and a number; received {start.spec}, {stop.spec}, {count.spec}")
    line = reshaped(call, up_to(call, count), tuple(-1 if axis == at else 1 for axis in range(start.rank + 1)))
    low, high = (expand_dims(call, x, at) for x in (start, stop))
    last = binary(call, binary(call, count, 1, "subtract"), 1, "maximum")
    step = binary(call, binary(call, high, low, "subtract"), cast(call, last, start.dtype), "divide")
    even = binary(call, low, binary(call, step, cast(call, line, start.dtype), "multiply"), "add")
    return call.add("where", (binary(call, line, last, "equal"), high, even), WhereAttrs())


def weighted_cross_entropy(call: LayerCall, labels: Any, logits: Any, weight: Any) -> Tensor:
    """nn.weighted_cross_entropy_with_logits: positive labels count `weight` times."""
    wanted, score = operands(call, (labels, logits))
    gap = unary(call, unary(call, unary(call, unary(call, score, "abs"), "negative"), "exp"), "log1p")
    loss = binary(call, gap, network.activated("relu")(call, unary(call, score, "negative")), "add")
    more = binary(call, weight, 1.0, "subtract") if isinstance(weight, Tensor) else float(weight) - 1
    factor = binary(call, binary(call, wanted, more, "multiply"), 1.0, "add")
    rest = binary(call, binary(call, 1.0, wanted, "subtract"), score, "multiply")
    return binary(call, rest, binary(call, factor, loss, "multiply"), "add")


def log_poisson_loss(call: LayerCall, targets: Any, log_input: Any, full: Any) -> Tensor:
    """exp(log_input) - log_input * targets, and Stirling's approximation for targets that are not within 0 and 1."""
    wanted, score = operands(call, (targets, log_input))
    loss = binary(call, unary(call, score, "exp"), binary(call, score, wanted, "multiply"), "subtract")
    if not full:
        return loss
    first = binary(call, binary(call, wanted, unary(call, wanted, "log"), "multiply"), wanted, "subtract")
    last = unary(call, binary(call, wanted, 2 * np.pi, "multiply"), "log")
    more = binary(call, first, binary(call, last, 0.5, "multiply"), "add")
    low, high = (binary(call, wanted, limit, kind) for limit, kind in ((0.0, "greater_equal"), (1.0, "less_equal")))
    none = binary(call, wanted, 0.0, "multiply")
    within = binary(call, low, high, "logical_and")
    return binary(call, loss, call.add("where", (within, none, more), WhereAttrs()), "add")


def divided(call: LayerCall, x: Any, y: Any) -> Tensor:
    """compat.v1.div: a quotient of integers is a whole number, the next below."""
    left, right = operands(call, (x, y))
    return binary(call, left, right, "divide" if is_float(left.dtype) else "floor_divide")


def quotient(call: LayerCall, x: Any, y: Any) -> Tensor:
    """The op Div, whose quotients of integers are cut towards 0."""
    left, right = operands(call, (x, y))
    return binary(call, left, right, "divide") if is_float(left.dtype) else whole_part(call, left, right)


def affine(activation: bool) -> Any:
    """compat.v1.nn.xw_plus_b and relu_layer."""

    def lower(call: LayerCall, x: Any, weights: Any, biases: Any) -> Tensor:
        y = binary(call, matmul(call, x, weights), biases, "add")
        return network.activated("relu")(call, y) if activation else y

    return lower


def cholesky_solve(call: LayerCall, factor: Any, right: Any) -> Tensor:
    """linalg.cholesky_solve: x of factor factor' x = right."""
    lower = tensor_of(call, factor)
    middle = linear_algebra.solve_triangular(call, lower, right, True)
    return linear_algebra.solve_triangular(call, swap_axes(call, lower, -1, -2), middle, False)


def frame(call: LayerCall, x: Any, length: Any, step: Any, pad_end: Any, pad_value: Any, axis: Any) -> Tensor:
    """signal.frame: an axis cut into windows."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    if pad_end:
        raise call.fail(f"pad_end is not supported; pad_value is {pad_value!r:.40}")
    return framed(call, value, at, integer(call, length, "frame_length"), integer(call, step, "frame_step"))


def whole_part(call: LayerCall, x: Any, y: Any) -> Tensor:
    """truncatediv: the quotient without its fraction."""
    left, right = operands(call, (x, y))
    if not is_float(left.dtype):
        return binary(call, binary(call, left, binary(call, left, right, "fmod"), "subtract"), right, "floor_divide")
    return unary(call, binary(call, left, right, "divide"), "trunc")


def same_dtype(call: LayerCall, x: Any) -> list[Tensor]:
    """identity_n."""
    return [cast(call, item, item.dtype) for item in (tensor_of(call, value) for value in x)]


def cumulative_logarithm(call: LayerCall, x: Any, axis: Any, exclusive: Any, reverse: Any) -> Tensor:
    """math.cumulative_logsumexp, in double precision: a sum may be much less than the largest of its axis."""
    value = tensor_of(call, x)
    at = axis_of(call, axis, value.rank)
    wide = cast(call, value, "float64")
    top = call.add("reduce", (wide,), ReduceAttrs("max", (at,), True))
    parts = unary(call, binary(call, wide, top, "subtract"), "exp")
    total = cumulative("sum")(call, parts, at, exclusive, reverse, None)
    return cast(call, binary(call, unary(call, total, "log"), top, "add"), value.dtype)


def inverse_error(factor: float, shift: float, scale: float) -> Any:
    """scale * erfinv(factor * x + shift), in double precision: math.ndtri and math.erfcinv."""

    def lower(call: LayerCall, x: Any) -> Tensor:
        value = tensor_of(call, x)
        inner = binary(call, binary(call, cast(call, value, "float64"), factor, "multiply"), shift, "add")
        return cast(call, binary(call, unary(call, inner, "erfinv"), scale, "multiply"), value.dtype)

    return lower
