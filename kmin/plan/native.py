"""NativeSegment: a segment of a graph turned into one Program, with its buffers assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from kmin.errors import InputError
from kmin.graph.ir import Graph
from kmin.ops import OPS
from kmin.ops.tensor import Array, Arrays, sample_size
from kmin.plan._runner import Program
from kmin.plan.buffers import Lifetime, assign_buffers
from kmin.plan.operation import Operation
from kmin.plan.segments import Segment
from kmin.plan.slices import slice_concats

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Rows go through a segment in blocks whose tensors fill half of a core's own cache, of at most BLOCK_ROWS matrix rows;
# not below LEAST_ROWS, or reading the weights once per block would cost more than the arithmetic.
CACHE_BYTES = 1 << 19
BLOCK_ROWS = 224
LEAST_ROWS = 112
# Ops whose kernels refuse some values, and those that make such values -> the op that refuses on NumPy, and its inputs.
REFUSING = {"cast": ("cast", (0,)), "gather": ("gather", (0, 1)), "recurrent_words": ("gather", (-1, 0))}


class NativeSegment:
    """A Program and the names of the tensors it reads and makes.

    Attributes:
        inputs, outputs: tensor names.
        program: what runs.
        operations: one line each for printing.
        constant_bytes: packed weights.
    """

    def __init__(self, segment: Segment, graph: Graph, wanted: set[str], tier: Tier, threads: int = 1) -> None:
        operations, root = _operations(segment)
        _check_sizes(operations, graph)
        made = {tensor for node, _ in segment.nodes for tensor in node.outputs}
        self.inputs = tuple(dict.fromkeys(t for op in operations for t in op.sources if t not in made))
        self.outputs = tuple(t for node, _ in segment.nodes for t in node.outputs if t in wanted)
        self._nodes, self._constants = tuple(node for node, _ in segment.nodes), graph.constants
        home: dict[str, str] = {}  # stored tensor -> the output whose array it lives in
        for tensor in self.outputs:
            if root[tensor] in made and root[tensor] not in home:
                home[root[tensor]] = tensor
            else:  # a view of an input, or a second view of an output: its own copy
                size = sample_size(graph.specs[tensor]) or 0
                copy = tier.elementwise("linear", (), size)
                operations.append(Operation(copy, (root[tensor],), tensor, False, "copy"))
                home[tensor] = tensor
                if root[tensor] not in made and root[tensor] not in self.inputs:
                    self.inputs += (root[tensor],)
        fixed = {*self.inputs, *home}
        self.operations, self._slices = slice_concats(operations, fixed, tier)
        self._places, row_bytes = self._place(graph, home)
        row_bytes_all = row_bytes + sum(_row_bytes(graph, tensor) for tensor in (*self.inputs, *self.outputs))
        self.program = Program(
            [(op.kernel, [self._places[tensor] for tensor in (*op.sources, *op.targets)]) for op in self.operations],
            [_row(graph, tensor) for tensor in self.inputs],
            [_row(graph, tensor) for tensor in self.outputs],
            row_bytes,
            block_rows(row_bytes_all, 1 if any(bound.image for _, bound in segment.nodes) else tier.tile_rows),
            sum(bound.nanoseconds for _, bound in segment.nodes),
            threads,
        )
        self.constant_bytes = sum(op.kernel.constant_bytes for op in self.operations)

    def _place(self, graph: Graph, home: dict[str, str]) -> tuple[dict[str, tuple[int, int, int, int]], int]:
        """(base, bytes per row of the block, bytes per row before it, offset) of each stored tensor; the workspace."""
        places: dict[str, tuple[int, int, int, int]] = {}
        for base, tensor in enumerate(self.inputs, start=1):
            places[tensor] = (base, 0, _row_bytes(graph, tensor), 0)
        for tensor, output in home.items():
            places[tensor] = (1 + len(self.inputs) + self.outputs.index(output), 0, _row_bytes(graph, tensor), 0)
        last: dict[str, int] = {}
        for position, op in enumerate(self.operations):
            last.update({self._whole(tensor): position for tensor in (*op.sources, *op.targets)})
        wholes = {part.whole for part in self._slices.values()}
        buffer: dict[str, int] = {}
        lifetimes: list[Lifetime] = []
        for position, op in enumerate(self.operations):
            target, source = self._whole(op.target), op.sources[0]
            for other in op.further:
                if other not in places:
                    buffer[other] = len(lifetimes)
                    lifetimes.append(Lifetime(position, last[other], _row_bytes(graph, other)))
            if target in places or target in buffer:
                continue
            shared = target in wholes or source in wholes or source in self._slices
            if op.in_place and not shared and source in buffer and last[source] == position:
                buffer[target] = buffer[source]
                lifetimes[buffer[target]] = lifetimes[buffer[target]]._replace(last=last[target])
                continue
            buffer[target] = len(lifetimes)
            lifetimes.append(Lifetime(position, last[target], _row_bytes(graph, target)))
        offsets, total = assign_buffers(lifetimes)
        places.update({tensor: (0, offsets[number], 0, 0) for tensor, number in buffer.items()})
        for tensor, part in self._slices.items():
            base, per_block, per_start, offset = places[part.whole]
            places[tensor] = (base, per_block, per_start, offset + 4 * part.column)
        return places, total

    def _whole(self, tensor: str) -> str:
        """The tensor in whose rows `tensor` lies: itself, unless it is a slice."""
        return self._slices[tensor].whole if tensor in self._slices else tensor

    def run(self, arrays: Arrays, _: Any) -> tuple[Array, ...]:
        """The segment's outputs for its inputs, all batched alike.

        Raises:
            InputError: a kernel refuses the inputs, and so does NumPy, in its own words.
        """
        results = self.program.run(arrays)
        if results is None:
            self._refuse(arrays)
        return tuple(results)

    def _refuse(self, arrays: Arrays) -> NoReturn:
        """What refuses, and what it reads, on NumPy."""
        values: dict[str | None, Array] = {}
        values.update(zip(self.inputs, arrays, strict=True))
        for node in self._nodes:
            values.update((t, self._constants[t]) for t in node.inputs if t is not None and t in self._constants)
            op, positions = REFUSING.get(node.op, ("", ()))
            inputs = [node.inputs[at] for at in positions]
            if op and all(tensor in values for tensor in inputs):
                results = OPS[op].run([values[tensor] for tensor in inputs], node.attrs)
                if op == node.op:
                    values.update(zip(node.outputs, results, strict=True))
        raise InputError(f"a kernel refuses the values of {', '.join(self.inputs)}")

    def workspace_bytes(self, rows: int) -> int:
        """Memory that one call on so many rows takes besides inputs, outputs and weights."""
        return self.program.row_bytes * min(rows, self.program.block_rows) + self.program.scratch_bytes

    def lines(self) -> list[str]:
        """The operations, one line each, with the places their results go to."""
        named = {0: "workspace"}
        named.update(enumerate(self.inputs, start=1))
        named.update(enumerate(self.outputs, start=1 + len(self.inputs)))

        def spell(tensor: str) -> str:
            base, per_block, _, _ = self._places[tensor]
            part = self._slices.get(tensor)
            column = "" if part is None else f"[column {part.column} of {part.stride}]"
            return (f"{named[base]}+{per_block}" if base == 0 else named[base]) + column

        return [
            f"{', '.join(map(spell, op.targets))} = {op.kernel.name}({', '.join(map(spell, op.sources))})  # {op.layer}"
            for op in self.operations
        ]

    def __str__(self) -> str:
        facts = (
            f"{len(self.operations)} kernels, blocks of {self.program.block_rows} rows, "
            f"workspace {self.program.row_bytes} bytes per row, weights {self.constant_bytes} bytes"
        )
        return "\n".join([facts, *self.lines()])


def block_rows(row_bytes: int, tile_rows: int) -> int:
    """How many rows of `row_bytes` go through a segment together: whole tiles, as many as stay in the cache.

    Images, whose rows are matrices of their own (`tile_rows` 1), go one by one when they do not fit.
    """
    rows = min(max(CACHE_BYTES // max(row_bytes, 1), LEAST_ROWS if tile_rows > 1 else 1), BLOCK_ROWS)
    return max(rows // tile_rows, 1) * tile_rows


def _operations(segment: Segment) -> tuple[list[Operation], dict[str, str]]:
    """Kernel calls over stored tensors, and the stored tensor behind every tensor of the segment."""
    operations: list[Operation] = []
    root: dict[str, str] = {}
    for node, bound in segment.nodes:
        read, (made, *further) = [node.inputs[at] for at in bound.reads], node.outputs
        sources = tuple(root.get(tensor, tensor) for tensor in read if tensor is not None)
        if len(sources) != len(read):
            raise ValueError(f"node '{node.name}' has no input to run on")
        root[made] = made if bound.kernels else sources[0]
        root.update({tensor: tensor for tensor in further})
        for number, kernel in enumerate(bound.kernels):
            reads, writes = (sources, tuple(further)) if number == 0 else ((made,), ())
            operations.append(Operation(kernel, reads, made, bound.in_place or number > 0, node.layer, writes))
    return operations, root


def _check_sizes(operations: list[Operation], graph: Graph) -> None:
    """Raises ValueError where a kernel was bound to other sizes than its tensors have: it would run past their ends."""
    for op in operations:
        sizes = (*op.kernel.reads, op.kernel.writes, *op.kernel.further)
        for tensor, size in zip((*op.sources, *op.targets), sizes, strict=True):
            spec = graph.specs[tensor]
            if sample_size(spec) != size:
                raise ValueError(f"{op.kernel.name} has {size} values per sample where '{tensor}' is {spec}")


def _row_bytes(graph: Graph, tensor: str) -> int:
    spec = graph.specs[tensor]
    return np.dtype(spec.dtype).itemsize * (sample_size(spec) or 0)


def _row(graph: Graph, tensor: str) -> tuple[tuple[int, ...], str]:
    """A tensor's shape without the batch, and its dtype."""
    spec = graph.specs[tensor]
    return tuple(size for size in spec.shape[1:] if size is not None), spec.dtype
