"""drop_dead: nodes, constants and names that no output needs go."""

from __future__ import annotations

from kmin.graph.ir import Graph
from kmin.graph.rewrite import rebuilt


def drop_dead(graph: Graph) -> Graph:
    """Same outputs and states; graph inputs stay even when nothing reads them."""
    needed = set(graph.results)
    kept = []
    for node in reversed(graph.nodes):
        if needed.isdisjoint(node.outputs):
            continue
        kept.append(node)
        needed.update(tensor for tensor in node.inputs if tensor is not None)
    if len(kept) == len(graph.nodes) and needed.issuperset(graph.constants):
        return graph
    return rebuilt(graph, reversed(kept), graph.constants, graph.specs)
