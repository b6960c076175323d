"""fuse_residuals: a sum that alone reads a matrix product or convolution, and the activation after it, run inside it.

Such nodes exist in plans only: their op has one input more, the other summand, and no NumPy form.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound, after_of, served_size

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

HOSTS = frozenset({"conv", "dense"})


def fuse_residuals(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    order = {node.name: position for position, node in enumerate(graph.nodes)}
    bounds: dict[str, Bound] = {}
    for node in draft:
        host = _host(node, draft, order)
        if host is None:
            continue
        (other,) = (tensor for tensor in node.inputs if tensor != host.outputs[0])
        after = draft.only_reader(node.outputs[0])
        kind, args, outputs, layers = "linear", (), node.outputs, [host.layer, node.layer]
        if after is not None and after.op == "activation" and after_of(after.attrs.kind, after.attrs.args) is not None:
            kind, args, outputs = after.attrs.kind, after.attrs.args, after.outputs
            layers.append(after.layer)
        attrs = replace(host.attrs, activation=kind, activation_args=args)
        fused = replace(
            node, op=host.op, attrs=attrs, inputs=(*host.inputs, other), outputs=outputs, layer="+".join(layers)
        )
        bound = _bind(fused, draft, tier)
        if bound is None:
            continue
        bounds[node.name] = bound
        draft.remove(host)
        if after is not None and outputs == after.outputs:
            draft.remove(after)
        draft.update(node, op=fused.op, attrs=attrs, inputs=fused.inputs, outputs=outputs, layer=fused.layer)
    return draft.finish(), bounds


def _host(node: Node, draft: Draft, order: dict[str, int]) -> Node | None:
    """The node whose result `node` adds to something of the same shape: the last one, when both summands would do."""
    if node.op != "binary" or node.attrs.kind != "add" or node.inputs[0] == node.inputs[1]:
        return None
    shapes = {draft.specs[tensor].shape for tensor in (*node.inputs, *node.outputs) if tensor is not None}
    if len(shapes) != 1 or any(served_size(draft.specs[t]) is None or t in draft.constants for t in node.inputs if t):
        return None
    hosts = [
        maker
        for maker in map(draft.maker, node.inputs)
        if maker is not None
        and maker.op in HOSTS
        and len(maker.inputs) == 3
        and maker.attrs.activation == "linear"
        and draft.only_reader(maker.outputs[0]) is node
    ]
    return max(hosts, key=lambda host: order[host.name], default=None)


def _bind(node: Node, draft: Draft, tier: Tier) -> Bound | None:
    specs = [None if tensor is None else draft.specs[tensor] for tensor in node.inputs]
    constants = [None if tensor is None else draft.constants.get(tensor) for tensor in node.inputs]
    return BINDERS[node.op](tier, specs, constants, draft.specs[node.outputs[0]], node.attrs)
