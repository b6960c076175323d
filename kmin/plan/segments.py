"""Segments: which runs of a graph's nodes become one native call each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


@dataclass(eq=False)
class Segment:
    """Connected nodes with kernels, in order, that run together before anything else needs their results."""

    nodes: list[tuple[Node, Bound]] = field(default_factory=list)


def bind_node(node: Node, graph: Graph, tier: Tier) -> Bound | None:
    """The node's kernels in this tier, or None when NumPy has to run it."""
    if node.op not in BINDERS or len(node.outputs) != 1 or node.outputs[0] in graph.constants:
        return None
    specs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
    constants = [None if tensor is None else graph.constants.get(tensor) for tensor in node.inputs]
    return BINDERS[node.op](tier, specs, constants, graph.specs[node.outputs[0]], node.attrs)


def split_segments(graph: Graph, tier: Tier | None) -> list[Node | Segment]:
    """The graph's nodes in an order that can run, native ones gathered into as few segments as the data allows.

    A segment waits until a NumPy node reads from it, so that later native nodes can still join; every other node runs
    where the graph has it.
    """
    result: list[Node | Segment] = []
    waiting: list[Segment] = []
    maker: dict[str, Segment] = {}  # tensor -> the waiting segment that makes it

    def emit(segment: Segment) -> None:
        waiting.remove(segment)
        for node, _ in segment.nodes:
            maker.pop(node.outputs[0], None)
        if any(bound.kernels for _, bound in segment.nodes):
            result.append(segment)
        else:
            result.extend(node for node, _ in segment.nodes)

    for node in graph.nodes:
        sources: list[Segment] = []
        for tensor in node.inputs:
            if tensor in maker and maker[tensor] not in sources:
                sources.append(maker[tensor])
        bound = None if tier is None else bind_node(node, graph, tier)
        if bound is None:
            for segment in sources:
                emit(segment)
            result.append(node)
            continue
        target = max(sources, key=lambda segment: len(segment.nodes)) if sources else Segment()
        if not sources:
            waiting.append(target)
        for other in sources:
            if other is target:
                continue
            waiting.remove(other)
            target.nodes += other.nodes
            maker.update({made.outputs[0]: target for made, _ in other.nodes})
        target.nodes.append((node, bound))
        maker[node.outputs[0]] = target
    for segment in list(waiting):
        emit(segment)
    return result
