"""fuse_clippings: an activation that clips and alone reads a batch normalisation runs inside its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_merge import bind_batch_norm
from kmin.ops.kernels.bound import Bound, after_of

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_clippings(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph without such activations, and what the normalisations are bound to instead, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        host = draft.maker(node.inputs[0]) if node.op == "activation" else None
        if host is None or host.op != "batch_norm" or draft.only_reader(host.outputs[0]) is not node:
            continue
        after = after_of(node.attrs.kind, node.attrs.args)
        if after is None or after.function is not None:
            continue
        specs = [None if tensor is None else draft.specs[tensor] for tensor in host.inputs]
        constants = [None if tensor is None else draft.constants.get(tensor) for tensor in host.inputs]
        bound = bind_batch_norm(tier, specs, constants, draft.specs[node.outputs[0]], host.attrs, after)
        if bound is None:
            continue
        bounds[host.name] = bound
        draft.remove(node)
        draft.update(host, outputs=node.outputs, layer="+".join((host.layer, node.layer)))
    return draft.finish(), bounds
