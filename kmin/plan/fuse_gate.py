"""fuse_gates: an image times a gate (squeeze and excitation) runs in the convolution of one tap that alone reads it.

Such nodes exist in plans only: the convolution's inputs, the gate after the bias, and no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_gated import bind_gated
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_gates(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        if node.op != "binary" or node.attrs.kind != "multiply":
            continue
        host = draft.only_reader(node.outputs[0])
        if host is None or host.op != "conv" or host.inputs[0] != node.outputs[0]:
            continue
        for x, gate in (node.inputs, node.inputs[::-1]):
            if x is None or gate is None or draft.specs[x] != draft.specs[node.outputs[0]] or gate in draft.constants:
                continue
            inputs = (x, *host.inputs[1:3], gate, *host.inputs[3:])
            specs = [None if tensor is None else draft.specs[tensor] for tensor in inputs]
            constants = [None if tensor is None else draft.constants.get(tensor) for tensor in inputs]
            bound = bind_gated(tier, specs, constants, draft.specs[host.outputs[0]], host.attrs)
            if bound is None:
                continue
            bounds[host.name] = bound
            draft.remove(node)
            draft.update(host, op="gated", inputs=inputs, layer=f"{node.layer}+{host.layer}")
            break
    return draft.finish(), bounds
