"""Functions of keras.ops whose results are made of all values together, of samples too."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    binary,
    cast,
    flattened,
    floating,
    integer,
    is_number,
    operands,
    tensor_list,
    tensor_of,
    unary,
)
from kmin.layers.operations.arithmetic import is_close
from kmin.layers.operations.shaping import reshaped
from kmin.layers.operations.sizes import entries_of, shaped_by
from kmin.ops.broadcast import BroadcastAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.diagonal import DiagonalAttrs
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.matmul import MatmulAttrs
from kmin.ops.matrix import MatrixAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.sample_places import SamplePlacesAttrs
from kmin.ops.scatter import ScatterAttrs
from kmin.ops.shape_of import ShapeOfAttrs


def _over_all(call: LayerCall, x: Tensor, kind: str) -> Tensor:
    axes = tuple(range(x.rank))
    call.mix_samples(x, axes)
    return call.add("reduce", (x,), ReduceAttrs(kind, axes))


def all_close(call: LayerCall, a: Any, b: Any, rtol: Any, atol: Any, equal_nan: Any) -> Tensor:
    """Whether all values are close."""
    close = is_close(call, a, b, rtol, atol, equal_nan)
    return cast(call, _over_all(call, cast(call, close, "uint8"), "min"), "bool")


def outer(call: LayerCall, a: Any, b: Any) -> Tensor:
    """Every value of a times every value of b."""
    left, right = (flattened(call, x) for x in operands(call, (a, b)))
    return binary(call, reshaped(call, left, (-1, 1)), right, "multiply")


def dot_of_all(call: LayerCall, a: Any, b: Any) -> Tensor:
    """vdot: the sum of the products of all values."""
    left, right = (flattened(call, x) for x in operands(call, (a, b)))
    call.mix_samples(left, (0,))
    return call.add("reduce", (binary(call, left, right, "multiply"),), ReduceAttrs("sum", (0,)))


def kron(call: LayerCall, a: Any, b: Any) -> Tensor:
    """Kronecker's product: every value of a times the whole of b."""
    left, right = operands(call, (a, b))
    rank = max(left.rank, right.rank)
    left, right = (
        reshaped(call, x, (*(1,) * (rank - x.rank), *(("x", at) for at in range(x.rank)))) for x in (left, right)
    )
    if any(None in x.shape[1:] for x in (left, right)):
        raise call.fail(f"needs known sizes after the batch; received {left.spec} and {right.spec}")
    call.mix_samples(left, (0,))
    call.mix_samples(right, (0,))
    letters = string.ascii_letters
    one, other = letters[:rank], letters[rank : 2 * rank]
    both = "".join(c for pair in zip(one, other, strict=True) for c in pair)
    product = call.add("einsum", (left, right), EinsumAttrs(f"{one},{other}->{both}"))
    sizes = [math.prod((m or 0, n or 0)) for m, n in zip(left.shape[1:], right.shape[1:], strict=True)]
    return reshaped(call, product, (-1, *sizes))


def correlation(call: LayerCall, x: Any) -> Tensor:
    """corrcoef of the rows of a matrix."""
    value = floating(call, tensor_of(call, x))
    if value.rank != 2 or value.shape[1] is None:
        raise call.fail(f"needs a matrix with rows of a known size; received {value.spec}")
    call.mix_samples(value, (0,))
    mean = call.add("reduce", (value,), ReduceAttrs("mean", (1,), keepdims=True))
    centred = binary(call, value, mean, "subtract")
    products = call.add("einsum", (centred, centred), EinsumAttrs("ab,cb->ac"))
    covariance = binary(call, products, float(value.shape[1] - 1), "divide")
    spread = unary(call, call.add("diagonal", (covariance,), DiagonalAttrs()), "sqrt")
    scale = binary(call, reshaped(call, spread, (-1, 1)), spread, "multiply")
    return binary(call, binary(call, binary(call, covariance, scale, "divide"), -1.0, "maximum"), 1.0, "minimum")


def diag(call: LayerCall, x: Any, k: Any) -> Tensor:
    """A vector as a diagonal, or a diagonal as a vector."""
    value = tensor_of(call, x)
    call.mix_samples(value, (0,))
    return call.add("diagonal", (value,), DiagonalAttrs(integer(call, k, "k")))


def flat_diag(call: LayerCall, x: Any, k: Any) -> Tensor:
    """diagflat: all values as a diagonal."""
    return diag(call, flattened(call, tensor_of(call, x)), k)


def least_squares(call: LayerCall, a: Any, b: Any, rcond: Any) -> Tensor:
    """lstsq: the shortest x with the least |a x - b|."""
    matrix, right = (floating(call, x) for x in operands(call, (a, b)))
    if matrix.rank != 2 or right.rank not in (1, 2) or not (rcond is None or is_number(rcond)):
        raise call.fail(f"needs a matrix, a matrix or vector, and a number; received {matrix.spec} and {right.spec}")
    call.mix_samples(matrix, (0,))
    limit = None if rcond is None else float(np.finfo(matrix.dtype).eps) if rcond < 0 else float(rcond)
    inverse = call.add("matrix", (matrix,), MatrixAttrs("least_squares", limit))
    column = right if right.rank == 2 else reshaped(call, right, (-1, 1))
    result = call.add("matmul", (inverse, column), MatmulAttrs())
    return result if right.rank == 2 else reshaped(call, result, (("x", 0),))


def mesh(call: LayerCall, given: Any, indexing: Any) -> list[Tensor]:
    """meshgrid: each vector spread over the axes of the others."""
    if indexing not in ("ij", "xy"):
        raise call.fail(f"indexing must be 'ij' or 'xy'; received {indexing!r:.40}")
    found = [tensor_of(call, x) for x in given]
    vectors = [flattened(call, x) if x.rank else reshaped(call, x, (1,)) for x in found]
    axes = list(range(len(vectors)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    for x in vectors:
        call.mix_samples(x, (0,))
    wide = [
        reshaped(call, x, tuple(-1 if at == own else 1 for at in range(len(axes))))
        for x, own in zip(vectors, axes, strict=True)
    ]
    results = []
    for x in wide:
        for other, own in zip(wide, axes, strict=True):
            if other is not x:
                target = tuple(("like", at) if at == own else -1 for at in range(len(axes)))
                x = call.add("broadcast", (x, other), BroadcastAttrs(target))
        results.append(x)
    return results


def noise_ratio(call: LayerCall, a: Any, b: Any, most: Any) -> Tensor:
    """psnr: 20 log10(most) - 10 log10(mean squared difference)."""
    left, right = operands(call, (a, b))
    if not is_number(most) or most <= 0:
        raise call.fail(f"max_val must be a positive number; received {most!r:.40}")
    error = _over_all(call, unary(call, binary(call, left, right, "subtract"), "square"), "mean")
    loss = binary(call, unary(call, error, "log10"), 10.0, "multiply")
    top = np.asarray(20 * np.log10(np.asarray(most, loss.dtype)), loss.dtype)
    return binary(call, top, loss, "subtract")


def scatter(call: LayerCall, places: Any, values: Any, shape: Any) -> Tensor:
    """Zeros of a shape, which a run may tell, with values added at places."""
    given = tensor_of(call, values)
    sizes = entries_of(call, shape)
    known = [size for size in sizes if isinstance(size, int)]
    zero = np.zeros(known if len(known) == len(sizes) else (), given.dtype)
    blank = call.constant("zeros", zero)
    if len(known) < len(sizes):
        blank = shaped_by(call, blank, "broadcast", sizes)
    return _scattered(call, blank, tensor_of(call, places), given, "add")


def stitched(call: LayerCall, places: Any, values: Any) -> Tensor:
    """dynamic_stitch: rows put where numbers say, of several for one place the last; 0 where none is (in TensorFlow
    whatever memory held)."""
    numbers, rows = [tensor_of(call, own) for own in places], tensor_list(call, values)
    if not numbers or len(numbers) != len(rows) or any(a.rank > b.rank for a, b in zip(numbers, rows, strict=False)):
        raise call.fail(f"needs as many tensors of places as of rows; received {len(numbers)} and {len(rows)}")
    lines = [
        reshaped(call, row, (-1, *(("x", axis) for axis in range(number.rank, row.rank))))
        for number, row in zip(numbers, rows, strict=True)
    ]
    flat = [reshaped(call, number, (-1,)) for number in numbers]
    rest = lines[0].shape[1:]
    if None in rest or any(line.shape[1:] != rest for line in lines):
        raise call.fail(f"needs rows of one known shape; received {', '.join(str(row.spec) for row in rows)}")
    joined, ids = (
        parts[0] if len(parts) == 1 else call.add("concat", parts, ConcatAttrs(0)) for parts in (lines, flat)
    )
    call.builder.mixes_samples = True
    most = call.add("reduce", (ids,), ReduceAttrs("max", (0,), False, True))
    blank = call.constant("zeros", np.zeros((), joined.dtype))
    count = cast(call, binary(call, most, 1, "add"), "int32")
    blank = shaped_by(call, blank, "broadcast", [count, *(size for size in rest if size is not None)])
    return _scattered(call, blank, reshaped(call, ids, (-1, 1)), joined, "replace")


def scatter_update(call: LayerCall, x: Any, places: Any, values: Any, reduction: Any) -> Tensor:
    """A tensor with values replaced, added, ... at places."""
    value, given = tensor_of(call, x), tensor_of(call, values)
    return _scattered(call, value, tensor_of(call, places), cast(call, given, value.dtype), reduction or "replace")


def _scattered(call: LayerCall, x: Tensor, places: Tensor, values: Tensor, kind: Any) -> Tensor:
    for tensor in (x, places, values):
        call.mix_samples(tensor, (0,))
    return call.add("scatter", (x, places, values), ScatterAttrs(str(kind)))


def sample(call: LayerCall, x: Any, places: Any, order: Any, mode: Any, value: Any) -> Tensor:
    """map_coordinates: values at places between the samples of a tensor, on all of its axes."""
    tensor, where = tensor_of(call, x), tensor_of(call, places)
    if order not in (0, 1) or not is_number(value):
        raise call.fail(f"order must be 0 or 1 and fill_value a number; received {order!r:.40} and {value!r:.40}")
    call.mix_samples(tensor, (0,))
    return call.add("sample_places", (tensor, where), SamplePlacesAttrs(order == 1, str(mode), float(value)))


def size(call: LayerCall, x: Any) -> Tensor:
    """How many values there are."""
    value = tensor_of(call, x)
    call.mix_samples(value, (0,))
    return call.add("reduce", (call.add("shape_of", (value,), ShapeOfAttrs("int32")),), ReduceAttrs("prod", (0,)))
