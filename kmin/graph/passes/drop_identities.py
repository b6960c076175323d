"""drop_identities: nodes that hand their input on unchanged go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmin.graph.ir import Graph
from kmin.graph.rewrite import Draft
from kmin.ops.tensor import Shape


def _is_linear(attrs: Any, shape: Shape) -> bool:
    return bool(attrs.kind == "linear")


def _always(attrs: Any, shape: Shape) -> bool:
    return True


def _cuts_nothing(attrs: Any, shape: Shape) -> bool:
    return all(pair == (0, 0) for pair in attrs.cuts)


def _pads_nothing(attrs: Any, shape: Shape) -> bool:
    return all(pair == (0, 0) for pair in attrs.pads)


def _repeats_once(attrs: Any, shape: Shape) -> bool:
    return bool(attrs.count == 1)


def _keeps_shape(attrs: Any, shape: Shape) -> bool:
    """Equal specs mean equal shapes when at most one size is open, or all open ones but one are copied."""
    copied = [
        entry == ("x", axis) or (isinstance(entry, int) and entry >= 0) for axis, entry in enumerate(attrs.target)
    ]
    return shape.count(None) <= 1 or copied.count(False) <= 1


def _keeps_order(attrs: Any, shape: Shape) -> bool:
    return bool(attrs.perm == tuple(range(len(shape))))


def _scales_by_one(attrs: Any, shape: Shape) -> bool:
    return set(attrs.scale) == {1}


# op -> (attrs, input shape) -> whether a node whose output spec equals its input spec changes nothing at all.
IDENTITIES: dict[str, Callable[[Any, Shape], bool]] = {
    "activation": _is_linear,
    "cast": _always,
    "concat": _always,
    "crop": _cuts_nothing,
    "pad": _pads_nothing,
    "repeat": _repeats_once,
    "reshape": _keeps_shape,
    "resize": _scales_by_one,
    "transpose": _keeps_order,
    "upsample": _scales_by_one,
}


def drop_identities(graph: Graph) -> Graph:
    """Same outputs; one such node stays where an output would otherwise be an input or another output."""
    draft = Draft(graph)
    for node in draft:
        test = IDENTITIES.get(node.op)
        sources = [tensor for tensor in node.inputs if tensor is not None]
        if node.op == "reshape":  # of its second input only the shape is read
            sources = sources[:1]
        if test is None or len(sources) != 1 or len(node.outputs) != 1:
            continue
        spec = draft.specs[sources[0]]
        if spec == draft.specs[node.outputs[0]] and test(node.attrs, spec.shape):
            draft.bypass(node, sources[0])
    return draft.finish()
