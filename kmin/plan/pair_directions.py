"""pair_directions: two recurrent layers over one input, and what merges their outputs (a Bidirectional), as one node.

Such nodes exist in plans only: inputs are x, the mask, and of each direction kernel, recurrent kernel, bias, states.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_recurrent import STATES, bind_directions
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

SUMS = {"add": "sum", "multiply": "multiply"}


@dataclass(frozen=True)
class Pair:
    """Two recurrent nodes that fit together.

    Attributes:
        first, second: the recurrent nodes.
        between: nodes that vanish with them.
        last: the node in whose place the pair runs.
        flipped: whether the output of each is in the opposite order of its steps.
        merge: as the kernel names it.
        results: the outputs, without the final states.
    """

    first: Node
    second: Node
    between: tuple[Node, ...]
    last: Node
    flipped: tuple[bool, bool]
    merge: str
    results: tuple[str, ...]


def pair_directions(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    order = {node.name: position for position, node in enumerate(graph.nodes)}
    bounds: dict[str, Bound] = {}
    for find in (_merged, _apart):
        for node in draft:
            pair = None if node.name in bounds else find(node, draft, order, bounds)
            if pair is None or not _fits(pair, draft, order):
                continue
            first, second, last = pair.first, pair.second, pair.last
            fused = replace(
                last,
                op=first.op,
                attrs=first.attrs,
                inputs=(first.inputs[0], first.inputs[4], *_own(first), *_own(second)),
                outputs=(*pair.results, *first.outputs[1:], *second.outputs[1:]),
                layer="+".join(dict.fromkeys((first.layer, second.layer))),
            )
            bound = _bind(fused, pair, draft, tier)
            if bound is None:
                continue
            for gone in (first, second, *pair.between):
                if gone.name != last.name:
                    draft.remove(gone)
            draft.update(
                last, op=fused.op, attrs=fused.attrs, inputs=fused.inputs, outputs=fused.outputs, layer=fused.layer
            )
            bounds[last.name] = bound
    return draft.finish(), bounds


def _own(node: Node) -> tuple[str | None, ...]:
    """Weights and initial states."""
    states = (*node.inputs[5:], None, None)[: STATES[node.op]]
    return (*node.inputs[1:4], *states)


def _merged(node: Node, draft: Draft, order: dict[str, int], bounds: dict[str, Bound]) -> Pair | None:
    """A pair whose outputs meet in `node`."""
    if len(node.inputs) != 2 or node.inputs[0] == node.inputs[1]:
        return None
    if node.op == "concat":
        rank = len(draft.specs[node.outputs[0]].shape)
        merge = "concat" if node.attrs.axis % rank == rank - 1 else None
    else:
        merge = SUMS.get(node.attrs.kind) if node.op == "binary" else None
    if merge is None:
        return None
    cells, between, flipped = [], [], []
    for tensor in node.inputs:
        maker = draft.maker(tensor)
        if tensor is None:
            return None
        if maker is not None and maker.op == "reverse" and maker.attrs.axis == 1 and draft.only_reader(tensor) is node:
            between.append(maker)
            tensor, maker = maker.inputs[0], draft.maker(maker.inputs[0])
        if maker is None or maker.op not in STATES or maker.name in bounds or tensor != maker.outputs[0]:
            return None
        if draft.only_reader(tensor) not in (node, *between):
            return None
        cells.append(maker)
        flipped.append(bool(between and between[-1].inputs[0] == tensor))
    last = node
    half = draft.only_reader(node.outputs[0])
    if merge == "sum" and half is not None and half.op == "binary" and half.attrs.kind == "multiply":
        (factor,) = [tensor for tensor in half.inputs if tensor != node.outputs[0]] or [None]
        constant = None if factor is None else draft.constants.get(factor)
        if constant is not None and constant.ndim == 0 and constant == 0.5:
            last, merge = half, "average"
            between.append(node)
    return Pair(cells[0], cells[1], tuple(between), last, (flipped[0], flipped[1]), merge, last.outputs)


def _apart(node: Node, draft: Draft, order: dict[str, int], bounds: dict[str, Bound]) -> Pair | None:
    """A pair whose second node is `node` and whose outputs stay apart."""
    if node.op not in STATES:
        return None
    for first in draft.readers(node.inputs[0] or ""):
        if first.op != node.op or first.name in bounds or order[first.name] >= order[node.name]:
            continue
        if first.attrs.go_backwards == node.attrs.go_backwards or not _alike(first, node, draft):
            continue
        turned = draft.only_reader(node.outputs[0])
        if turned is None or turned.op != "reverse" or turned.attrs.axis != 1:
            return Pair(first, node, (), node, (False, False), "apart", (first.outputs[0], node.outputs[0]))
        results = (first.outputs[0], turned.outputs[0])
        return Pair(first, node, (), turned, (False, True), "apart", results)
    return None


def _alike(first: Node, second: Node, draft: Draft) -> bool:
    """Whether two recurrent nodes are the same but for their weights, states and the order of their steps."""
    return (
        first is not second
        and first.op == second.op
        and (first.inputs[0], first.inputs[4]) == (second.inputs[0], second.inputs[4])
        and replace(first.attrs, go_backwards=False) == replace(second.attrs, go_backwards=False)
        and [draft.specs[t or ""] for t in first.inputs[1:3]] == [draft.specs[t or ""] for t in second.inputs[1:3]]
    )


def _fits(pair: Pair, draft: Draft, order: dict[str, int]) -> bool:
    """Whether the two can run in the place of the last: neither needs the other, and nobody needs them before."""
    first, second = pair.first, pair.second
    if not _alike(first, second, draft) or (any(pair.flipped) and not first.attrs.return_sequences):
        return False
    start = min(order[first.name], order[second.name])
    makers = [draft.maker(tensor) for tensor in (*first.inputs, *second.inputs)]
    if any(maker is not None and order[maker.name] >= start for maker in makers):
        return False
    gone = {node.name for node in (first, second, *pair.between, pair.last)}
    made = (*pair.results, *first.outputs[1:], *second.outputs[1:])
    readers = [reader for tensor in made for reader in draft.readers(tensor) if reader.name not in gone]
    return all(order[reader.name] > order[pair.last.name] for reader in readers)


def _bind(node: Node, pair: Pair, draft: Draft, tier: Tier) -> Bound | None:
    specs = [None if tensor is None else draft.specs[tensor] for tensor in node.inputs]
    constants = [None if tensor is None else draft.constants.get(tensor) for tensor in node.inputs]
    count = 3 + STATES[node.op]
    walks = [
        (range(2 + at * count, 2 + (at + 1) * count), cell.attrs, flipped)
        for at, (cell, flipped) in enumerate(zip((pair.first, pair.second), pair.flipped, strict=True))
    ]
    output = draft.specs[pair.results[0]]
    return bind_directions(node.op, tier, specs, constants, output, walks, 1, pair.merge)
