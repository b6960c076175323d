"""Which outputs of a graph may be views of memory that is not theirs."""

from __future__ import annotations

from kmin.graph.ir import Graph, Node

# Ops whose results are always new memory. Any other op is taken to hand on views of what it reads.
MAKES_NEW = frozenset(
    {
        "activation",
        "binary",
        "conv",
        "conv_transpose",
        "dense",
        "depthwise_conv",
        "gru",
        "lstm",
        "simple_rnn",
        "softmax",
    }
)


def aliased_outputs(graph: Graph) -> tuple[int, ...]:
    """Positions of the outputs that may share memory with an input, a weight or an earlier output."""
    foreign = {*graph.sources, *graph.constants}
    roots: dict[str, frozenset[str]] = {tensor: frozenset({tensor}) for tensor in foreign}
    for node in graph.nodes:
        sources = [roots[tensor] for tensor in node.inputs if tensor is not None and not _is_new(node)]
        for tensor in node.outputs:
            roots[tensor] = frozenset({tensor}).union(*sources)
    positions = []
    taken = set(foreign)
    for position, tensor in enumerate(graph.outputs):
        if not taken.isdisjoint(roots[tensor]):
            positions.append(position)
        taken.update(roots[tensor])
    return tuple(positions)


def _is_new(node: Node) -> bool:
    return node.op in MAKES_NEW and not (node.op == "activation" and node.attrs.kind == "linear")
