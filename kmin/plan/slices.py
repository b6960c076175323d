"""Slices: what a concatenation joins is written into its result by whoever makes it, so that nothing is copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from kmin.plan.operation import Operation

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier


class Slice(NamedTuple):
    """Where a tensor lies: from `column` on in each row of the tensor `whole`, whose rows hold `stride` floats."""

    whole: str
    column: int
    stride: int


def slice_concats(
    operations: Sequence[Operation], fixed: Set[str], tier: Tier
) -> tuple[tuple[Operation, ...], dict[str, Slice]]:
    """The operations without needless copies, and the tensors that became slices of others.

    A tensor becomes a slice when one kernel makes it, which can write rows that lie apart, and all that read it can
    read such rows. Concatenations of concatenations lie in the widest of them.

    Args:
        fixed: tensors that lie in the caller's arrays.
    """
    writers: dict[str, list[Operation]] = defaultdict(list)
    readers: dict[str, list[Operation]] = defaultdict(list)
    for op in operations:
        writers[op.target].append(op)
        for tensor in op.sources:
            readers[tensor].append(op)
    slices: dict[str, Slice] = {}

    def may_be_sliced(tensor: str, concat: Operation, size: int) -> bool:
        if tensor in fixed or tensor in slices or len(writers[tensor]) != 1:
            return False
        (maker,) = writers[tensor]
        rows = concat.kernel.writes // concat.kernel.columns
        if not _rows_of(maker.kernel, size) or not maker.kernel.writes_apart or maker.kernel.writes != rows * size:
            return False
        others = [op for op in readers[tensor] if op is not concat]
        return readers[tensor].count(concat) == 1 and all(_reads_rows(op, tensor, size) for op in others)

    for op in reversed(operations):
        if not _is_concat(op) or len(writers[op.target]) != 1:
            continue
        whole = slices.get(op.target, Slice(op.target, 0, op.kernel.columns))
        for tensor, size, column in _parts(op):
            if may_be_sliced(tensor, op, size):
                slices[tensor] = Slice(whole.whole, whole.column + column, whole.stride)
    result = [_copying(op, slices, tier) if _is_concat(op) else op for op in operations]
    for op in operations:
        if _is_concat(op):
            continue
        if op.target in slices:
            op.kernel.lay_apart(write=slices[op.target].stride)
        if op.sources and op.sources[0] in slices:
            op.kernel.lay_apart(read=slices[op.sources[0]].stride)
    return tuple(op for op in result if op is not None), slices


def _is_concat(op: Operation) -> bool:
    return op.kernel.parts is not None


def _rows_of(kernel: Kernel, size: int) -> bool:
    return kernel.columns == size


def _reads_rows(op: Operation, tensor: str, size: int) -> bool:
    """Whether an operation reads `tensor` once, in rows of `size` floats that may lie apart.

    A concatenation along another axis does not: its rows are longer or shorter.
    """
    if op.sources.count(tensor) != 1:
        return False
    if _is_concat(op):
        return (tensor, size) in [part[:2] for part in _parts(op)]
    return op.sources[0] == tensor and op.kernel.reads_apart and _rows_of(op.kernel, size)


def _parts(op: Operation) -> list[tuple[str, int, int]]:
    """(tensor, floats per row, column) of each operand of a concatenation."""
    result, column = [], 0
    for tensor, size in zip(op.sources, op.kernel.parts or (), strict=True):
        result.append((tensor, size, column))
        column += size
    return result


def _copying(op: Operation, slices: dict[str, Slice], tier: Tier) -> Operation | None:
    """The concatenation of only those operands that are not in its result already; None when all are."""
    whole = slices.get(op.target, Slice(op.target, 0, op.kernel.columns))
    rows = op.kernel.writes // op.kernel.columns
    left = [
        (tensor, size, column)
        for tensor, size, column in _parts(op)
        if slices.get(tensor) != Slice(whole.whole, whole.column + column, whole.stride)
    ]
    if not left:
        return None
    tensors, sizes, columns = zip(*left, strict=True)
    strides = [slices[tensor].stride if tensor in slices else size for tensor, size, _ in left]
    kernel = tier.concat(rows, sizes, columns, strides, op.kernel.columns, whole.stride)
    return op._replace(kernel=kernel, sources=tensors)
