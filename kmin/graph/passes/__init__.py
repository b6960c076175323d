"""PASSES: the rewrites that `simplify` applies, in order. Portable: no pass knows the machine."""

from __future__ import annotations

from collections.abc import Callable

from kmin.graph.ir import Graph
from kmin.graph.passes.cancel_transposes import cancel_transposes
from kmin.graph.passes.drop_dead import drop_dead
from kmin.graph.passes.drop_identities import drop_identities
from kmin.graph.passes.fold_batch_norm import fold_batch_norm
from kmin.graph.passes.fold_constants import fold_constants
from kmin.graph.passes.fuse_activation import fuse_activation
from kmin.graph.passes.fuse_padding import fuse_padding

PASSES: tuple[Callable[[Graph], Graph], ...] = (
    drop_dead,
    drop_identities,
    fold_constants,
    cancel_transposes,
    fold_batch_norm,
    fuse_padding,
    fuse_activation,
)


def simplify(graph: Graph) -> Graph:
    """The graph with every pass applied until none of them finds anything; hence idempotent."""
    changed = True
    while changed:
        changed = False
        for rewrite in PASSES:
            before, graph = id(graph), rewrite(graph)  # holds no graph, nor its weights, longer than its rewrite
            changed = changed or id(graph) != before
    return graph
