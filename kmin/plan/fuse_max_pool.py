"""fuse_max_pools: pooling that takes the largest of each 2 x 2 runs in the convolution that it alone reads.

Such nodes exist in plans only: the inputs and attributes of the convolution, and no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_conv_pool import bind_conv_pool
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_max_pools(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        host = draft.maker(node.inputs[0]) if node.op == "max_pool" else None
        if host is None or host.op != "conv" or draft.only_reader(host.outputs[0]) is not node:
            continue
        specs = [None if tensor is None else draft.specs[tensor] for tensor in host.inputs]
        constants = [None if tensor is None else draft.constants.get(tensor) for tensor in host.inputs]
        made, result = draft.specs[host.outputs[0]], draft.specs[node.outputs[0]]
        bound = bind_conv_pool(tier, specs, constants, made, host.attrs, result, node.attrs)
        if bound is None:
            continue
        bounds[node.name] = bound
        draft.remove(host)
        draft.update(node, attrs=host.attrs, op="conv_pool", inputs=host.inputs, layer=f"{host.layer}+{node.layer}")
    return draft.finish(), bounds
