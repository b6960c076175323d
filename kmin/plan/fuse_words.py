"""fuse_words: a recurrent layer over an embedding that it alone reads takes ids, and keeps the words it projected.

Such nodes exist in plans only: the inputs of the recurrent node, ids in place of x, then the table, and no NumPy form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.kernels.bind_lookup import IDS
from kmin.ops.kernels.bind_recurrent import STATES
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import sample_size
from kmin.plan.segments import bind_node

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

NANOSECONDS_PER_WORD = 10.0


def fuse_words(graph: Graph, tier: Tier, paired: Mapping[str, Bound]) -> tuple[Graph, dict[str, Bound]]:
    """The graph with such nodes, and what they are bound to, by name.

    Args:
        paired: what nodes of two directions are bound to, by name.
    """
    draft = Draft(graph)
    bounds: dict[str, Bound] = {}
    for node in draft:
        lookup = draft.maker(node.inputs[0]) if node.op in STATES else None
        if lookup is None or lookup.op != "gather" or draft.only_reader(lookup.outputs[0]) is not node:
            continue
        table, ids = (draft.constants.get(tensor or "") for tensor in lookup.inputs)
        spec = draft.specs[lookup.inputs[1] or ""]
        if table is None or ids is not None or table.dtype != np.float32 or table.size == 0 or spec.dtype not in IDS:
            continue
        bound = paired.get(node.name) or bind_node(node, graph, tier)
        if bound is None or spec.rank != 2 or sample_size(spec) is None:
            continue
        from kmin.ops.kernels import _recurrent

        flat = np.ascontiguousarray(table).reshape(len(table), math.prod(table.shape[1:]))
        kernel = _recurrent.of_words(tier, bound.kernels[0], flat, spec.dtype, lookup.attrs.wrap)
        steps = spec.shape[1] or 0
        bounds[node.name] = bound._replace(
            kernels=(kernel,), nanoseconds=bound.nanoseconds + steps * NANOSECONDS_PER_WORD
        )
        draft.remove(lookup)
        inputs = (lookup.inputs[1], *node.inputs[1:], lookup.inputs[0])
        layer = f"{lookup.layer}+{node.layer}"
        draft.update(node, op="recurrent_words", attrs=lookup.attrs, inputs=inputs, layer=layer)
    return draft.finish(), bounds
