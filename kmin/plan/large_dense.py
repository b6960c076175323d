"""Large dense layers behind images and a ReLU: few samples at a time wait for weights; many only meet zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.weights import Weights
from kmin.ops.kernels.bind_plain import bind_plain_softmax, stays
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import sample_size

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Samples of this size are few in a block (`block_rows` of plan.native).
LARGE_BYTES = 1 << 17
# So many weights come from memory.
MANY_WEIGHTS = 1 << 23


def bind_large(node: Node, graph: Graph, tier: Tier, before: Sequence[tuple[Node, Bound]]) -> Bound | None:
    """The node bound to its weights where they are, when it is a large dense layer that few samples reach at a time.

    Args:
        before: what runs in one call with it.
    """
    if node.op != "dense" or not any(bound.image for _, bound in before):
        return None
    (_, kernel, *_), (output, *_) = node.inputs, node.outputs
    sizes = (sample_size(graph.specs[tensor]) or 0 for made, _ in before for tensor in made.outputs)
    if kernel is None or kernel not in graph.constants or 4 * max(sizes) < LARGE_BYTES:
        return None
    weights = graph.constants[kernel]
    if not stays(weights) or not _has_zeros(node.inputs[0], before, weights.size >= MANY_WEIGHTS):
        return None
    if isinstance(graph.constants, Weights) and not graph.constants.mapped:
        graph.constants.own(kernel)
    constants = [None if tensor is None else graph.constants.get(tensor) for tensor in node.inputs]
    specs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
    return bind_plain_softmax(tier, specs, constants, graph.specs[output], node.attrs)


def _has_zeros(tensor: str | None, before: Sequence[tuple[Node, Bound]], pooled: bool) -> bool:
    """Whether a tensor comes out of a ReLU, perhaps reshaped, or `pooled`, which leaves fewer zeros."""
    maker = {made: node for node, _ in before for made in node.outputs}
    while tensor in maker and (maker[tensor].op == "reshape" or (pooled and maker[tensor].op == "max_pool")):
        tensor = maker[tensor].inputs[0]
    if tensor not in maker or (maker[tensor].op == "conv_pool" and not pooled):
        return False
    attrs = maker[tensor].attrs
    return "relu" in (getattr(attrs, "activation", None), getattr(attrs, "kind", None))
