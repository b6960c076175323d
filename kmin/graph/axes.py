"""How nodes read when the axes of their inputs are in another order: what transposes can be moved past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from kmin.graph.ir import Node
from kmin.ops.activation import LAST_AXIS_ACTIVATIONS
from kmin.ops.softmax import SoftmaxAttrs

Perm = tuple[int, ...]


class Moved(NamedTuple):
    """A node for inputs whose axes are as they were before the transpose.

    Attributes:
        op: usually the node's own.
        attrs: with axes renumbered.
        perm: the transpose that turns the moved node's result into the node's.
    """

    op: str
    attrs: Any
    perm: Perm


def _as_is(node: Node, perm: Perm) -> Moved:
    return Moved(node.op, node.attrs, perm)


def _activation(node: Node, perm: Perm) -> Moved | None:
    if node.attrs.kind not in LAST_AXIS_ACTIVATIONS or perm[-1] == len(perm) - 1:
        return _as_is(node, perm)
    return Moved("softmax", SoftmaxAttrs((perm[-1],)), perm) if node.attrs.kind == "softmax" else None


def _one_axis(node: Node, perm: Perm) -> Moved:
    return Moved(node.op, replace(node.attrs, axis=perm[node.attrs.axis]), perm)


def _one_axis_or_several(node: Node, perm: Perm) -> Moved:
    axis = node.attrs.axis
    if isinstance(axis, int):
        return _one_axis(node, perm)
    return Moved(node.op, replace(node.attrs, axis=tuple(sorted(perm[one] for one in axis))), perm)


def _softmax(node: Node, perm: Perm) -> Moved:
    return Moved(node.op, SoftmaxAttrs(tuple(sorted(perm[axis] for axis in node.attrs.axes))), perm)


def _pairs(name: str) -> Callable[[Node, Perm], Moved]:
    def moved(node: Node, perm: Perm) -> Moved:
        pairs = getattr(node.attrs, name)
        back = inverse(perm)
        return Moved(node.op, replace(node.attrs, **{name: tuple(pairs[back[i]] for i in range(len(perm)))}), perm)

    return moved


def _reduce(node: Node, perm: Perm) -> Moved:
    axes = {axis % len(perm) for axis in node.attrs.axes}
    attrs = replace(node.attrs, axes=tuple(sorted(perm[axis] for axis in axes)))
    if node.attrs.keepdims:
        return Moved(node.op, attrs, perm)
    left = [perm[axis] for axis in range(len(perm)) if axis not in axes]
    return Moved(node.op, attrs, tuple(sorted(left).index(axis) for axis in left))


def _dense(node: Node, perm: Perm) -> Moved | None:
    return _as_is(node, perm) if perm[-1] == len(perm) - 1 else None


def _layer_norm(node: Node, perm: Perm) -> Moved | None:
    if len(node.attrs.axes) > 1:
        return None
    return Moved(node.op, replace(node.attrs, axes=(perm[node.attrs.axes[0]],)), perm)


# Op -> (node, perm of the transpose before it) -> the node moved before that transpose, None where it cannot be.
# The first input carries the axes; further inputs of these ops are vectors that do not mind.
MOVES: dict[str, Callable[[Node, Perm], Moved | None]] = {
    "activation": _activation,
    "batch_norm": _one_axis,
    "cast": _as_is,
    "concat": _one_axis,
    "crop": _pairs("cuts"),
    "dense": _dense,
    "fill_like": _as_is,
    "l2_normalize": _one_axis_or_several,
    "layer_norm": _layer_norm,
    "pad": _pairs("pads"),
    "reduce": _reduce,
    "repeat": _one_axis,
    "reverse": _one_axis,
    "softmax": _softmax,
}
# Ops all of whose inputs broadcast against each other.
BROADCASTS = frozenset({"binary", "where"})
# Ops all of whose inputs carry the axes.
JOINS = frozenset({"concat"})


def move(node: Node, perm: Perm) -> Moved | None:
    """The node as it is when every axis-carrying input has not been transposed by `perm` yet."""
    if node.op in BROADCASTS:
        return _as_is(node, perm)
    rule = MOVES.get(node.op)
    return None if rule is None or perm[0] != 0 else rule(node, perm)


def compose(first: Perm, then: Perm) -> Perm:
    """The one transpose that does what `first` and `then` do one after the other."""
    return tuple(first[axis] for axis in then)


def inverse(perm: Sequence[int]) -> Perm:
    """The transpose that undoes `perm`."""
    return tuple(sorted(range(len(perm)), key=perm.__getitem__))
