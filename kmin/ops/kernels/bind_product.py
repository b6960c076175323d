"""How products of two tensors (einsum, matmul, batch_dot) are bound to compiled kernels.

Every axis gets a letter: those of both operands and the result are loops, those that one operand shares with the result
are rows or columns of matrices, those that only the operands share are summed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kmin.ops.batch_dot import BatchDotAttrs
from kmin.ops.einsum import EinsumAttrs, einsum_terms
from kmin.ops.kernels.bound import NANOSECONDS_PER_MAC, Bound, Constants, Specs, served_size
from kmin.ops.matmul import MatmulAttrs
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NANOSECONDS_PER_COPY = 0.3


class Operand(NamedTuple):
    """A tensor of a product.

    Attributes:
        term: a letter per axis, that of the batch left out.
        shape: their sizes.
        constant: its values, when they are known.
    """

    term: str
    shape: tuple[int, ...]
    constant: Array | None = None

    def strides(self) -> dict[str, int]:
        """Floats from one place to the next along each axis; axes of size 1 are left out."""
        steps: dict[str, int] = {}
        step = 1
        for letter, size in zip(reversed(self.term), reversed(self.shape), strict=True):
            if size != 1:
                steps[letter] = step
            step *= size
        return steps


class Axis(NamedTuple):
    """One axis, or several that lie alike: its size and its stride in a, b and the result."""

    size: int
    a: int
    b: int
    y: int


def bind_einsum(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: EinsumAttrs
) -> Bound | None:
    left, right, result = einsum_terms(attrs.equation)
    operands = _operands(inputs, constants, (left, right))
    if operands is None or served_size(output) is None or not result:
        return None
    batch = {term[0] for term, constant in zip((left, right), constants, strict=True) if constant is None}
    if batch != {result[0]} or any(result[0] in operand.term for operand in operands):
        return None
    return _bind(tier, operands, Operand(result[1:], _sizes(output)))


def bind_matmul(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: MatmulAttrs
) -> Bound | None:
    terms: list[str] = []
    lead = output.rank - 2
    for spec, constant, swap, ends in zip(
        inputs, constants, (attrs.transpose_left, attrs.transpose_right), ("MK", "KN"), strict=True
    ):
        if spec is None or (constant is None and spec.rank != output.rank):
            return None  # the batch would meet another axis
        names = LETTERS[lead - (spec.rank - 2) : lead].lower() if spec.rank > 2 else ""
        terms.append(names + (ends[::-1] if swap else ends))
    if any(c is not None and c.ndim == output.rank and c.shape[0] != 1 for c in constants) or lead < 1:
        return None
    if any(c is not None and c.ndim > output.rank for c in constants):
        return None
    terms = [
        term.replace("a", "", 1) if c is not None and c.ndim == output.rank else term
        for term, c in zip(terms, constants, strict=True)
    ]
    operands = _operands(inputs, [c if c is None or c.ndim < output.rank else c[0] for c in constants], terms)
    if operands is None or served_size(output) is None:
        return None
    return _bind(tier, operands, Operand(LETTERS[1:lead].lower() + "MN", _sizes(output)))


def bind_batch_dot(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: BatchDotAttrs
) -> Bound | None:
    if any(constant is not None for constant in constants) or served_size(output) is None:
        return None
    left, right = inputs
    if left is None or right is None:
        return None
    terms = [LETTERS[: left.rank].lower(), "a" + LETTERS[: right.rank - 1]]
    summed = "z"
    terms = [term[:axis] + summed + term[axis + 1 :] for term, axis in zip(terms, attrs.axes, strict=True)]
    operands = _operands(inputs, constants, terms)
    if operands is None:
        return None
    rest = "".join(term[1:].replace(summed, "") for term in terms)
    return _bind(tier, operands, Operand(rest, _sizes(output)[: len(rest)]))


def _sizes(spec: TensorSpec) -> tuple[int, ...]:
    return tuple(size for size in spec.shape[1:] if size is not None)


def _operands(inputs: Specs, constants: Constants, terms: Sequence[str]) -> tuple[Operand, Operand] | None:
    """Both operands, the batch's letter removed; None when one is not served."""
    found: list[Operand] = []
    for spec, constant, term in zip(inputs, constants, terms, strict=True):
        if constant is not None:
            if constant.dtype != np.float32 or constant.size == 0:
                return None
            found.append(Operand(term, constant.shape, constant))
        elif spec is None or served_size(spec) is None:
            return None
        else:
            found.append(Operand(term[1:], _sizes(spec)))
    if all(constant is not None for constant in constants):
        return None
    return found[0], found[1]


def _bind(tier: Tier, operands: tuple[Operand, Operand], result: Operand) -> Bound | None:
    from kmin.ops.kernels import _products

    sizes: dict[str, int] = {}
    for operand in (*operands, result):
        for letter, size in zip(operand.term, operand.shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    strides = [operand.strides() for operand in (*operands, result)]
    order = (0, 1)
    nearest = min(strides[2], key=lambda letter: strides[2][letter], default="")
    if nearest not in strides[1] and any(c not in strides[0] for c in strides[2]):  # the right operand has the columns
        order, operands = (1, 0), (operands[1], operands[0])
        strides = [strides[1], strides[0], strides[2]]
    a, b, y = strides
    if any(letter not in y and (letter in a) != (letter in b) for letter in (*a, *b)):
        return None  # summed in one operand alone
    loops = _axes([c for c in y if c in a and c in b], sizes, strides)
    rows = _axes([c for c in y if c in a and c not in b], sizes, strides)
    columns = _axes([c for c in y if c in b and c not in a], sizes, strides)
    depths = _axes([c for c in a if c in b and c not in y], sizes, strides)
    if len(depths) > 1 or any(letter not in a and letter not in b for letter in y):
        return None
    row = rows.pop() if rows else Axis(1, 0, 0, 0)
    column = columns.pop() if columns else Axis(1, 0, 1, 1)
    depth = depths[0] if depths else Axis(1, 1, 1, 0)
    loops = [*loops, *rows, *columns]
    if column.y != 1 or len(loops) > _products.MOST_LOOPS:
        return None
    floats = [math.prod(operand.shape) for operand in (*operands, result)]
    kernel = _products.product(
        tier,
        loops,
        (row.size, column.size, depth.size),
        (row.a, depth.a),
        (column.b, depth.b),
        row.y,
        (floats[0], floats[1], floats[2]),
        (operands[0].constant, operands[1].constant),
    )
    macs = math.prod(sizes.values())
    reads = tuple(at for at, operand in zip(order, operands, strict=True) if operand.constant is None)
    cost = macs * NANOSECONDS_PER_MAC + floats[1] * NANOSECONDS_PER_COPY
    return Bound((kernel,), False, cost, reads)


def _axes(letters: Sequence[str], sizes: Mapping[str, int], strides: Sequence[Mapping[str, int]]) -> list[Axis]:
    """The axes in the order of the result (or of a), neighbours that lie alike in all three tensors as one."""
    found: list[Axis] = []
    a, _, y = strides
    order = sorted(letters, key=lambda letter: -(y[letter] if letter in y else a[letter]))
    for letter in order:
        axis = Axis(sizes[letter], *(s.get(letter, 0) for s in strides))
        last = found[-1] if found else None
        if last is not None and all(far == near * axis.size for far, near in zip(last[1:], axis[1:], strict=True)):
            found[-1] = axis._replace(size=last.size * axis.size)
        else:
            found.append(axis)
    return found
