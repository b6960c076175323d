"""fuse_activation: an activation that alone reads a dense or convolution becomes part of it."""

from __future__ import annotations

from dataclasses import replace

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft

# Ops whose attrs end in `activation` and `activation_args`, applied to their only output.
HOSTS = frozenset({"conv", "conv_transpose", "dense", "depthwise_conv"})


def fuse_activation(graph: Graph) -> Graph:
    """Same outputs, fewer nodes."""
    draft = Draft(graph)
    for node in draft:
        host = draft.maker(node.inputs[0]) if node.op == "activation" else None
        if host is None or host.op not in HOSTS or host.attrs.activation != "linear":
            continue
        if draft.only_reader(host.outputs[0]) is not node:
            continue
        attrs = replace(host.attrs, activation=node.attrs.kind, activation_args=node.attrs.args)
        draft.remove(node)
        draft.update(host, attrs=attrs, outputs=node.outputs)
    return draft.finish()
