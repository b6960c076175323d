"""Products of tensors: matmul, dot, tensordot, einsum, outer and inner products."""

from __future__ import annotations

import math
import string
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    axis_of,
    binary,
    cast,
    integer,
    integers,
    operands,
)
from kmin.layers.operations.linear_algebra import diagonal
from kmin.layers.operations.shaping import reshaped
from kmin.ops.einsum import EinsumAttrs
from kmin.ops.matmul import MatmulAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.transpose import TransposeAttrs


def _without_bytes(call: LayerCall, found: list[Tensor]) -> list[Tensor]:
    """Operands of int8 alone as int32, in which Keras 3.15 adds up their products."""
    bytes_ = call.dialect >= 3 and all(x.dtype == "int8" for x in found)
    return [cast(call, x, "int32") for x in found] if bytes_ else found


def matmul(call: LayerCall, a: Any, b: Any) -> Tensor:
    """matmul of keras.ops: vectors count as rows on the left and columns on the right."""
    left, right = _without_bytes(call, operands(call, (a, b)))
    if left.rank == 0 or right.rank == 0:
        raise call.fail("needs vectors or matrices")
    x = reshaped(call, left, (1, ("x", 0))) if left.rank == 1 else left
    y = reshaped(call, right, (("x", 0), 1)) if right.rank == 1 else right
    _refuse_mixing(call, x, y)
    result = call.add("matmul", (x, y), MatmulAttrs())
    gone = {result.rank - 2} if left.rank == 1 else set()
    gone |= {result.rank - 1} if right.rank == 1 else set()
    return reshaped(call, result, tuple(("x", at) for at in range(result.rank) if at not in gone)) if gone else result


def _refuse_mixing(call: LayerCall, x: Tensor, y: Tensor) -> None:
    if y.rank == 2:
        call.mix_samples(y, (0, 1))


def matmul_transposed(
    call: LayerCall, a: Any, b: Any, transpose_a: Any, transpose_b: Any, adjoint_a: Any, adjoint_b: Any, *rest: Any
) -> Tensor:
    """TensorFlow's matmul."""
    if any(rest):
        raise call.fail("sparse operands and output_type are not supported")
    left, right = operands(call, (a, b))
    if left.rank < 2 or right.rank < 2:
        raise call.fail("needs matrices")
    _refuse_mixing(call, left, right)
    return call.add(
        "matmul", (left, right), MatmulAttrs(bool(transpose_a or adjoint_a), bool(transpose_b or adjoint_b))
    )


def matvec(call: LayerCall, a: Any, b: Any, transpose_a: Any, adjoint_a: Any) -> Tensor:
    """A matrix times a vector."""
    left, right = operands(call, (a, b))
    column = reshaped(call, right, (*(("x", at) for at in range(right.rank)), 1))
    result = call.add("matmul", (left, column), MatmulAttrs(bool(transpose_a or adjoint_a)))
    return reshaped(call, result, tuple(("x", at) for at in range(result.rank - 1)))


def contract(call: LayerCall, left: Tensor, right: Tensor, left_axes: list[int], right_axes: list[int]) -> Tensor:
    """Summed over pairs of axes; the rest of left, then the rest of right."""
    if len(left_axes) != len(right_axes):
        raise call.fail(f"needs pairs of axes; received {left_axes} and {right_axes}")
    call.mix_samples(left, left_axes)
    call.mix_samples(right, range(right.rank))
    keep = [at for at in range(left.rank) if at not in left_axes]
    rest = [at for at in range(right.rank) if at not in right_axes]
    inner = [right.shape[at] for at in right_axes]
    tail = [right.shape[at] for at in rest]
    known = [size for size in (*inner, *tail) if size is not None]
    if len(known) != right.rank:
        return _summed(call, left, right, left_axes, right_axes)
    x = call.add("transpose", (left,), TransposeAttrs((*keep, *left_axes)))
    y = call.add("transpose", (right,), TransposeAttrs((*right_axes, *rest)))
    count = math.prod(known[: len(inner)])
    x = reshaped(call, x, (-1, count))
    y = reshaped(call, y, (count, math.prod(known[len(inner) :])))
    product = call.add("matmul", (x, y), MatmulAttrs())
    target: tuple[Any, ...] = (*(("like", at) if left.shape[at] is None else left.shape[at] for at in keep), *tail)
    return call.add("reshape", (product, left), ReshapeAttrs(target))


def _summed(call: LayerCall, left: Tensor, right: Tensor, left_axes: list[int], right_axes: list[int]) -> Tensor:
    """`contract` of tensors whose sizes only a run can tell."""
    free = iter(string.ascii_letters)
    a = [next(free) for _ in range(left.rank)]
    b = [next(free) for _ in range(right.rank)]
    for one, other in zip(left_axes, right_axes, strict=True):
        b[other] = a[one]
    rest = [c for at, c in enumerate(a) if at not in left_axes] + [c for at, c in enumerate(b) if at not in right_axes]
    return call.add("einsum", (left, right), EinsumAttrs(f"{''.join(a)},{''.join(b)}->{''.join(rest)}"))


def tensordot(call: LayerCall, a: Any, b: Any, axes: Any) -> Tensor:
    """Summed over the last axes of a and the first of b, or over the given pairs."""
    left, right = operands(call, (a, b))
    if isinstance(axes, (list, tuple)):
        pair = [integers(call, part, "axes") for part in axes]
        if len(pair) != 2:
            raise call.fail(f"axes must be a number or two lists; received {axes!r}")
        first = [axis_of(call, axis, left.rank) for axis in pair[0]]
        second = [axis_of(call, axis, right.rank) for axis in pair[1]]
    else:
        count = integer(call, axes, "axes")
        first, second = list(range(left.rank - count, left.rank)), list(range(count))
    return contract(call, left, right, first, second)


def dot(call: LayerCall, a: Any, b: Any) -> Tensor:
    """dot of keras.ops: summed over the last axis of a and the last but one of b."""
    left, right = operands(call, (a, b))
    if left.rank == 0 or right.rank == 0:
        return binary(call, left, right, "multiply")
    return contract(call, left, right, [left.rank - 1], [max(0, right.rank - 2)])


def inner(call: LayerCall, a: Any, b: Any) -> Tensor:
    """Summed over the last axes of both."""
    left, right = operands(call, (a, b))
    return contract(call, left, right, [left.rank - 1], [right.rank - 1])


def _letters(call: LayerCall, terms: list[str], found: list[Tensor], result: str | None) -> tuple[list[str], str]:
    """The terms with their ellipses spelled out, and the result's."""
    free = [c for c in string.ascii_letters if not any(c in term for term in terms)]
    ranks = [x.rank - len(term.replace("...", "")) for term, x in zip(terms, found, strict=True)]
    spread = max([rank for rank, term in zip(ranks, terms, strict=True) if "..." in term], default=0)
    wide = "".join(free[:spread])
    spelled = [t.replace("...", wide[len(wide) - r :] if r else "") for t, r in zip(terms, ranks, strict=True)]
    if result is None:
        joined = "".join(terms).replace(".", "")
        result = wide + "".join(sorted(c for c in set(joined) if joined.count(c) == 1))
    return spelled, result.replace("...", wide)


def _without_repeats(call: LayerCall, x: Tensor, term: str) -> tuple[Tensor, str]:
    """The diagonals of axes that have one letter."""
    for letter in sorted(set(term)):
        while term.count(letter) > 1:
            first = term.index(letter)
            second = term.index(letter, first + 1)
            x = diagonal(call, x, 0, first, second)
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
    return x, term


def einsum(call: LayerCall, *arguments: Any) -> Tensor:
    """einsum over one operand or several, pair by pair from the left."""
    subscripts, values = arguments[-1], arguments[0]
    if not isinstance(subscripts, str):
        raise call.fail(f"subscripts must be text; received {subscripts!r:.60}")
    found = operands(call, values if isinstance(values, (list, tuple)) else [values])
    found = _without_bytes(call, found)
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(found):
        raise call.fail(f"'{subscripts}' needs {len(terms)} operands; received {len(found)}")
    terms, wanted = _letters(call, terms, found, result if arrow else None)
    batch = {term[0] for term, x in zip(terms, found, strict=True) if term and x.rank and x.shape[0] is None}
    if batch - set(wanted[:1]):
        call.builder.mixes_samples = True
    if len(set(wanted)) != len(wanted):
        raise call.fail(f"'{subscripts}' makes a diagonal, which is not supported")
    pairs = [_without_repeats(call, x, term) for x, term in zip(found, terms, strict=True)]
    found, terms = [x for x, _ in pairs], [term for _, term in pairs]
    x, term = found[0], terms[0]
    for i, (y, other) in enumerate(zip(found[1:], terms[1:], strict=True)):
        later = wanted + "".join(terms[i + 2 :])
        kept = wanted if i == len(found) - 2 else "".join(dict.fromkeys(c for c in term + other if c in later))
        x, term = call.add("einsum", (x, y), EinsumAttrs(f"{term},{other}->{kept}")), kept
    if term != wanted:
        gone = tuple(at for at, c in enumerate(term) if c not in wanted)
        if gone:
            x = call.add("reduce", (x,), ReduceAttrs("sum", gone))
            term = "".join(c for c in term if c in wanted)
        if term != wanted:
            x = call.add("transpose", (x,), TransposeAttrs(tuple(term.index(c) for c in wanted)))
    return x
