"""fuse_activation: an activation that alone reads a dense or convolution becomes part of it."""

from __future__ import annotations

from dataclasses import replace

from kmin.graph.ir import Graph, Node
from kmin.graph.rewrite import Draft

# Ops whose attrs end in `activation` and `activation_args`, applied to their only output.
HOSTS = frozenset({"conv", "conv_transpose", "dense", "depthwise_conv"})


def fuse_activation(graph: Graph) -> Graph:
    """Same outputs, fewer nodes."""
    draft = Draft(graph)
    for node in draft:
        kind, args = _function(node, draft)
        host = None if kind is None else draft.maker(node.inputs[0])
        if host is None or host.op not in HOSTS or host.attrs.activation != "linear":
            continue
        if draft.only_reader(host.outputs[0]) is not node:
            continue
        attrs = replace(host.attrs, activation=kind, activation_args=args)
        draft.remove(node)
        draft.update(host, attrs=attrs, outputs=node.outputs)
    return draft.finish()


def _function(node: Node, draft: Draft) -> tuple[str | None, tuple[float, ...]]:
    """The activation that `node` is, as kind and arguments."""
    if node.op == "activation":
        return node.attrs.kind, node.attrs.args
    rank = draft.specs[node.outputs[0]].rank
    is_last = node.op == "softmax" and [axis % rank for axis in node.attrs.axes] == [rank - 1]
    return ("softmax" if is_last else None), ()
