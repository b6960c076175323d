"""fuse_chains: pointwise and depthwise convolutions that alone read each other run as one kernel, a few rows at a time.

Such nodes exist in plans only and have no NumPy form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_chain import Stage, bind_chain, bind_slices, chain_stage, goes_by_slices, may_follow
from kmin.ops.kernels.bound import Bound

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


def fuse_chains(graph: Graph, tier: Tier) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name."""
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    taken: set[str] = set()
    for node in draft:
        stage = None if node.name in taken else _stage(node, draft)
        if stage is None or stage.residual:
            continue
        nodes, stages, sliced = [node], [stage], False
        while (after := draft.only_reader(nodes[-1].outputs[0])) is not None:
            stage = _stage(after, draft)
            if stage is None or after.inputs[0] != nodes[-1].outputs[0]:
                break
            sliced = len(stages) == 1 and goes_by_slices(stages[0], stage, tier.lanes)
            if not sliced and not may_follow(stages, stage, tier.lanes):
                break
            nodes.append(after)
            stages.append(stage)
            if sliced:
                break
        if all(stage.pointwise for stage in stages):
            continue
        if len(stages) == 1:
            continue
        end = nodes[-1]
        taken.update(each.name for each in nodes)
        bounds[end.name] = bind_slices(tier, *stages) if sliced else bind_chain(tier, stages)
        for each in nodes[:-1]:
            draft.remove(each)
        inputs = (node.inputs[0], *end.inputs[3:])
        draft.update(end, op="chain", attrs=None, inputs=inputs, layer="+".join(each.layer for each in nodes))
    return draft.finish(), bounds


def _stage(node: Node, draft: Draft) -> Stage | None:
    if len(node.outputs) != 1 or not node.inputs:
        return None
    specs = [None if tensor is None else draft.specs[tensor] for tensor in node.inputs]
    constants = [None if tensor is None else draft.constants.get(tensor) for tensor in node.inputs]
    return chain_stage(node.op, specs, constants, draft.specs[node.outputs[0]], node.attrs)
