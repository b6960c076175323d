"""How elementwise expressions are bound to one compiled kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kmin.ops.kernels.bound import FUNCTIONS, NANOSECONDS_PER_FUNCTION, Bound, sample_size
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

ARITHMETIC = ("add", "divide", "maximum", "minimum", "multiply", "subtract")
COMPARISONS = (
    "equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "logical_and",
    "logical_or",
    "not_equal",
)
UNARIES = (
    "abs",
    "erf",
    "exp",
    "isnan",
    "log",
    "logical_not",
    "negative",
    "reciprocal",
    "rsqrt",
    "sqrt",
    "square",
)
# Steps that read and write values and compute next to nothing.
LIGHT = (*ARITHMETIC, *COMPARISONS, "isnan", "logical_not", "negative", "square", "truth", "where", "clip", "linear")
NANOSECONDS_PER_LIGHT = 0.05
# Constants are copied, and therefore small.
MOST_CONSTANT = 1 << 20

Sizes = tuple[int, ...]


class Term(NamedTuple):
    """One step of an expression: what is done to which tensors, with what arguments."""

    kind: str
    args: tuple[float, ...]
    reads: tuple[str, ...]
    makes: str


def term_kind(
    op: str, attrs: Any, inputs: Sequence[TensorSpec], output: TensorSpec
) -> tuple[str, tuple[float, ...]] | None:
    """What a node is as a step; None when it is not elementwise, or of numbers that kernels do not know."""
    dtypes = {spec.dtype for spec in inputs}
    if not dtypes <= {"float32", "bool"}:
        return None
    if op == "where":
        return ("where", ()) if output.dtype == "float32" else None
    if op == "cast":
        return {"bool": ("truth", ()), "float32": ("linear", ())}.get(attrs.dtype)
    if op == "binary" and attrs.kind in COMPARISONS:
        return attrs.kind, ()
    if op == "unary" and attrs.kind in ("isnan", "logical_not"):
        return attrs.kind, ()
    if output.dtype != "float32":
        return None
    if op == "binary":
        return (attrs.kind, ()) if attrs.kind in ARITHMETIC else None
    if dtypes != {"float32"}:
        return None
    if op == "unary":
        return (attrs.kind, ()) if attrs.kind in UNARIES else None
    if op == "activation" and attrs.kind in FUNCTIONS:
        function, make = FUNCTIONS[attrs.kind]
        return function, tuple(make(*attrs.args))
    return None


def row_of(spec: TensorSpec, constant: Array | None, rank: int) -> Sizes | None:
    """Sizes of a sample, as long as those of a result of `rank`; None when it has none or they are not known."""
    shape: tuple[int | None, ...] = spec.shape
    if constant is not None:
        if constant.size > MOST_CONSTANT or len(shape) > rank or (len(shape) == rank and shape[0] != 1):
            return None
        shape = shape[1:] if len(shape) == rank else shape
    elif not shape or len(shape) != rank or shape[0] is not None:
        return None
    else:
        shape = shape[1:]
    sizes = tuple(size for size in shape if size is not None)
    return None if len(sizes) != len(shape) or 0 in sizes else (1,) * (rank - 1 - len(sizes)) + sizes


def strides_of(sizes: Sizes) -> list[int]:
    """Of a contiguous tensor that is spread along its axes of one value."""
    steps, step = [], 1
    for size in reversed(sizes):
        steps.append(0 if size == 1 else step)
        step *= size
    return steps[::-1]


def merged(sizes: Sizes, strides: Sequence[Sequence[int]], axes: int) -> tuple[Sizes, list[Sizes]] | None:
    """The same places over as few axes as possible, `axes` of them; None when they do not suffice."""
    kept: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(sizes):
        if size == 1:
            continue
        if kept and all(own[-1] == given[axis] * size for own, given in zip(steps, strides, strict=True)):
            kept[-1] *= size
            for own, given in zip(steps, strides, strict=True):
                own[-1] = given[axis]
            continue
        kept.append(size)
        for own, given in zip(steps, strides, strict=True):
            own.append(given[axis])
    missing = axes - len(kept)
    if missing < 0:
        return None
    return (1,) * missing + tuple(kept), [(0,) * missing + tuple(own) for own in steps]


def slots_of(inputs: int, terms: Sequence[Sequence[int]]) -> list[int]:
    """Where each value lies, in as few places as possible; a step may write where it reads for the last time.

    Args:
        inputs: values that are there at first.
        terms: what each step reads, by number.
    """
    last = {value: at for at, reads in enumerate(terms) for value in reads}
    slots = list(range(inputs))
    free: list[int] = []
    count = inputs
    for at, reads in enumerate(terms):
        free += sorted({slots[value] for value in reads if last[value] == at})
        if not free:
            free.append(count)
            count += 1
        slots.append(free.pop(0))
    return slots


def layout_of(
    terms: Sequence[Term], inputs: Sequence[str], specs: Mapping[str, TensorSpec], constants: Mapping[str, Array]
) -> tuple[Sizes, list[Sizes]] | None:
    """The sizes of a sample of the result and the strides of `inputs` over it; None when no kernel serves that."""
    from kmin.ops.kernels import _expressions

    output = specs[terms[-1].makes]
    result = row_of(output, None, output.rank)
    if result is None or len(inputs) > _expressions.MOST_INPUTS or len(terms) > _expressions.MOST_STEPS:
        return None
    rows = [row_of(specs[tensor], constants.get(tensor), output.rank) for tensor in inputs]
    known = [row for row in rows if row is not None]
    if len(known) != len(rows) or all(tensor in constants for tensor in inputs):
        return None
    return merged(result, [strides_of(row) for row in known], _expressions.AXES)


def bind_expression(
    tier: Tier,
    terms: Sequence[Term],
    inputs: Sequence[str],
    specs: Mapping[str, TensorSpec],
    constants: Mapping[str, Array],
) -> Bound | None:
    """Terms in order, the last of which makes the result, over `inputs`."""
    from kmin.ops.kernels import _expressions

    layout = layout_of(terms, inputs, specs, constants)
    if layout is None:
        return None
    sizes, strides = layout
    output = specs[terms[-1].makes]
    numbers = {tensor: at for at, tensor in enumerate((*inputs, *(term.makes for term in terms)))}
    reads = [[numbers[tensor] for tensor in term.reads] for term in terms]
    kernel = _expressions.expression(
        tier,
        sizes,
        [
            (constants.get(tensor), own, sample_size(specs[tensor]) or 0, specs[tensor].dtype == "bool")
            for tensor, own in zip(inputs, strides, strict=True)
        ],
        [(term.kind, term.args, own) for term, own in zip(terms, reads, strict=True)],
        slots_of(len(inputs), reads),
        output.dtype == "bool",
    )
    each = sum(NANOSECONDS_PER_LIGHT if term.kind in LIGHT else NANOSECONDS_PER_FUNCTION for term in terms)
    read = tuple(at for at, tensor in enumerate(inputs) if tensor not in constants)
    return Bound((kernel,), False, math.prod(sizes) * (each + NANOSECONDS_PER_LIGHT), read)


def constant_served(array: Array) -> bool:
    """Whether an expression can hold this constant."""
    return array.dtype in (np.float32, np.bool_)
