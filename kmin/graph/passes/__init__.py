"""PASSES: the rewrites that `simplify` applies, in order. Portable: no pass knows the machine."""

from __future__ import annotations

from collections.abc import Callable

from kmin.graph.ir import Graph
from kmin.graph.passes.fuse_activation import fuse_activation

PASSES: tuple[Callable[[Graph], Graph], ...] = (fuse_activation,)


def simplify(graph: Graph) -> Graph:
    """The graph with every pass applied; idempotent."""
    for rewrite in PASSES:
        graph = rewrite(graph)
    return graph
