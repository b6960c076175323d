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
    makers = {tensor: node for node in graph.nodes for tensor in node.outputs}
    taken = {*graph.sources, *graph.constants}  # with every tensor, those that it may be a view of
    positions = []
    for position, tensor in enumerate(graph.outputs):
        seen: set[str] = set()
        stack = [tensor]
        aliased = False
        while stack:
            at = stack.pop()
            if at in taken:
                aliased = True
            elif at not in seen:
                seen.add(at)
                if not _is_new(makers[at]):
                    stack.extend(source for source in makers[at].inputs if source is not None)
        if aliased:
            positions.append(position)
        taken |= seen
    return tuple(positions)


def _is_new(node: Node) -> bool:
    return node.op in MAKES_NEW and not (node.op == "activation" and node.attrs.kind == "linear")
