"""drop_identities: nodes that hand their input on unchanged go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.tensor import TensorSpec


def _is_linear(attrs: Any, spec: TensorSpec) -> bool:
    return bool(attrs.kind == "linear")


def _same_spec(attrs: Any, spec: TensorSpec) -> bool:
    return True


# op -> (attrs, input spec) -> whether a node whose output spec equals its input spec changes nothing at all.
IDENTITIES: dict[str, Callable[[Any, TensorSpec], bool]] = {
    "activation": _is_linear,
    "cast": _same_spec,
}


def drop_identities(graph: Graph) -> Graph:
    """Same outputs; one such node stays where an output would otherwise be an input or another output."""
    draft = Draft(graph)
    for node in draft:
        test = IDENTITIES.get(node.op)
        sources = [tensor for tensor in node.inputs if tensor is not None]
        if test is None or len(sources) != 1 or len(node.outputs) != 1:
            continue
        spec = draft.specs[sources[0]]
        if spec == draft.specs[node.outputs[0]] and test(node.attrs, spec):
            draft.bypass(node, sources[0])
    return draft.finish()
