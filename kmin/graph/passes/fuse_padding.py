"""fuse_padding: zeros laid around a tensor that a convolution alone reads become its own padding."""

from __future__ import annotations

from dataclasses import replace

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft

HOSTS = frozenset({"conv", "depthwise_conv"})


def fuse_padding(graph: Graph) -> Graph:
    """Same outputs, one copy less. Convolutions with `same` or `causal` padding keep their own."""
    draft = Draft(graph)
    for host in draft:
        pad = draft.maker(host.inputs[0]) if host.op in HOSTS else None
        if pad is None or pad.op != "pad" or pad.attrs.mode != "constant" or pad.attrs.value != 0:
            continue
        if draft.only_reader(pad.outputs[0]) is not host or host.attrs.padding in ("same", "causal"):
            continue
        rank = len(host.attrs.strides)
        spatial = pad.attrs.pads[-1 - rank : -1]
        rest = (*pad.attrs.pads[: -1 - rank], pad.attrs.pads[-1])
        if any(cells for pair in rest for cells in pair):
            continue
        own = host.attrs.padding if host.attrs.padding != "valid" else ((0, 0),) * rank
        total = tuple((a[0] + b[0], a[1] + b[1]) for a, b in zip(own, spatial, strict=True))
        draft.remove(pad)
        draft.update(host, inputs=(pad.inputs[0], *host.inputs[1:]), attrs=replace(host.attrs, padding=total))
    return draft.finish()
