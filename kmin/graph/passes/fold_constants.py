"""fold_constants: a node that reads constants only is computed once, here."""

from __future__ import annotations

from math import prod

import numpy as np

from kmin.errors import KminError
from kmin.graph.ir import UNSUPPORTED, Graph, Node
from kmin.graph.rewrite import Draft
from kmin.ops import OPS
from kmin.ops.tensor import item_bytes

# A result may be as large as the constants it is made from, or this many bytes, whichever is more.
RESULT_BYTES = 1 << 20


def fold_constants(graph: Graph) -> Graph:
    """Same outputs; results that are too large, or whose size is unknown, are left to run time."""
    draft = Draft(graph)
    for node in draft:
        sources = [tensor for tensor in node.inputs if tensor is not None]
        if node.op == UNSUPPORTED or not all(tensor in draft.constants for tensor in sources):
            continue
        if any(draft.is_output(tensor) for tensor in node.outputs) or not _fits(draft, node, sources):
            continue
        try:
            results = OPS[node.op].run([None if t is None else draft.constants[t] for t in node.inputs], node.attrs)
        except KminError:
            continue
        for tensor, array in zip(node.outputs, results, strict=True):
            draft.constants[tensor] = np.ascontiguousarray(array).reshape(array.shape)
        draft.remove(node)
    return draft.finish()


def _fits(draft: Draft, node: Node, sources: list[str]) -> bool:
    limit = max(RESULT_BYTES, sum(draft.constants[tensor].nbytes for tensor in sources))
    size = 0
    for tensor in node.outputs:
        spec = draft.specs[tensor]
        shape = [axis for axis in spec.shape if axis is not None]
        if len(shape) != spec.rank:
            return False
        size += prod(shape) * item_bytes(spec.dtype)
    return size <= limit
