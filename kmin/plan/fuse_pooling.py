"""fuse_poolings: a reduction of all rows of a product, such as global pooling, runs in the product that it alone reads.

Such nodes exist in plans only: the inputs of the product, and no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_pooled import bind_pooled
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_poolings(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        host = draft.maker(node.inputs[0]) if node.op == "reduce" else None
        if host is None or host.op not in ("conv", "dense") or draft.only_reader(host.outputs[0]) is not node:
            continue
        specs = [None if tensor is None else draft.specs[tensor] for tensor in host.inputs]
        constants = [None if tensor is None else draft.constants.get(tensor) for tensor in host.inputs]
        bound = bind_pooled(tier, specs, constants, draft.specs[host.outputs[0]], host.attrs, node.attrs)
        if bound is None:
            continue
        bounds[node.name] = bound
        draft.remove(host)
        draft.update(node, op="pooled", attrs=None, inputs=host.inputs, layer=f"{host.layer}+{node.layer}")
    return draft.finish(), bounds
