"""Segments: which runs of a graph's nodes become one native call each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound
from kmin.plan.large_dense import bind_large
from kmin.plan.release import release_packed

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Arrays that one native call can be given, and their axes; the rest of its tensors live in its workspace.
MOST_ENDS = 63
MOST_AXES = 16


@dataclass(eq=False)
class Segment:
    """Connected nodes with kernels, in order, that run together before anything else needs their results."""

    nodes: list[tuple[Node, Bound]] = field(default_factory=list)


def bind_node(node: Node, graph: Graph, tier: Tier) -> Bound | None:
    """The node's kernels in this tier, or None when NumPy has to run it."""
    if node.op not in BINDERS or any(tensor in graph.constants for tensor in node.outputs):
        return None
    specs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
    if any(
        spec is not None and len(spec.shape) > MOST_AXES for spec in (*specs, *(graph.specs[t] for t in node.outputs))
    ):
        return None
    constants = [None if tensor is None else graph.constants.get(tensor) for tensor in node.inputs]
    return BINDERS[node.op](tier, specs, constants, graph.specs[node.outputs[0]], node.attrs)


def split_segments(graph: Graph, tier: Tier | None, bounds: Mapping[str, Bound] | None = None) -> list[Node | Segment]:
    """The graph's nodes in an order that can run, native ones gathered into as few segments as the data allows.

    Nodes of the names in `bounds` are bound already.

    A segment waits until a NumPy node reads from it, so that later native nodes can still join; every other node runs
    where the graph has it.
    """
    result: list[Node | Segment] = []
    waiting: list[Segment] = []
    maker: dict[str, Segment] = {}  # tensor -> the waiting segment that makes it

    def emit(segment: Segment) -> None:
        waiting.remove(segment)
        for node, _ in segment.nodes:
            for tensor in node.outputs:
                maker.pop(tensor, None)
        if any(bound.kernels for _, bound in segment.nodes):
            result.append(segment)
        else:
            result.extend(node for node, _ in segment.nodes)

    for node in graph.nodes:
        sources: list[Segment] = []
        for tensor in node.inputs:
            if tensor in maker and maker[tensor] not in sources:
                sources.append(maker[tensor])
        bound = None if bounds is None else bounds.get(node.name)
        large = None
        if bound is None and tier is not None:
            large = bind_large(node, graph, tier, [pair for segment in sources for pair in segment.nodes])
            bound = large or bind_node(node, graph, tier)
        if bound is None:
            for segment in sources:
                emit(segment)
            result.append(node)
            continue
        if large is None:
            release_packed(node, bound, graph)
        target = max(sources, key=lambda segment: len(segment.nodes)) if sources else Segment()
        if not sources:
            waiting.append(target)
        for other in sources:
            if other is target:
                continue
            waiting.remove(other)
            target.nodes += other.nodes
            maker.update({tensor: target for made, _ in other.nodes for tensor in made.outputs})
        target.nodes.append((node, bound))
        maker.update(dict.fromkeys(node.outputs, target))
    for segment in list(waiting):
        emit(segment)
    return _narrowed(result, graph)


def _narrowed(items: list[Node | Segment], graph: Graph) -> list[Node | Segment]:
    """The items with every segment of more than MOST_ENDS inputs and outputs cut into narrower ones."""
    readers = Counter(tensor for node in graph.nodes for tensor in set(node.inputs))
    readers.update(graph.results)
    result: list[Node | Segment] = []
    for item in items:
        if isinstance(item, Node):
            result.append(item)
            continue
        stack = [item.nodes]
        while stack:
            nodes = stack.pop()
            own = Counter(tensor for node, _ in nodes for tensor in set(node.inputs))
            made = {tensor for node, _ in nodes for tensor in node.outputs}
            ends = len(own.keys() - made - graph.constants.keys()) + sum(readers[t] > own[t] for t in made)
            if ends > MOST_ENDS and len(nodes) > 1:
                middle = len(nodes) // 2
                stack += [nodes[middle:], nodes[:middle]]
            elif ends <= MOST_ENDS and any(bound.kernels for _, bound in nodes):
                result.append(item if len(nodes) == len(item.nodes) else Segment(nodes))
            else:
                result.extend(node for node, _ in nodes)
    return result
