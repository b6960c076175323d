"""fuse_narrow: narrow dense layers that alone read each other run as one kernel, rows as lanes when there are many.

Such nodes exist in plans only and have no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_narrow import MOST_LAYERS, Layer, bind_narrow, gains, narrow_layer
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_narrow(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        layer = None if node.name in bounds else _layer(node, draft)
        if layer is None:
            continue
        nodes, layers = [node], [layer]
        while len(nodes) < MOST_LAYERS and (after := draft.only_reader(nodes[-1].outputs[0])) is not None:
            layer = _layer(after, draft)
            if layer is None or after.inputs[0] != nodes[-1].outputs[0]:
                break
            nodes.append(after)
            layers.append(layer)
        if len(nodes) == 1 or not gains(layers, tier.lanes):
            continue
        end = nodes[-1]
        bounds[end.name] = bind_narrow(tier, layers)
        for each in nodes[:-1]:
            draft.remove(each)
        draft.update(
            end, op="narrow", attrs=None, inputs=(node.inputs[0],), layer="+".join(each.layer for each in nodes)
        )
    return draft.finish(), bounds


def _layer(node: Node, draft: Draft) -> Layer | None:
    if len(node.outputs) != 1 or not node.inputs:
        return None
    specs = [None if tensor is None else draft.specs[tensor] for tensor in node.inputs]
    constants = [None if tensor is None else draft.constants.get(tensor) for tensor in node.inputs]
    return narrow_layer(node.op, specs, constants, draft.specs[node.outputs[0]], node.attrs)
