"""AttentionMask: which part of a mask of attention is known when a plan is made, and which comes with every sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kmin.graph.ir import Node
from kmin.graph.rewrite import Draft
from kmin.ops import OPS
from kmin.ops.kernels.bound import sample_size
from kmin.ops.tensor import Array, Shape


class AttentionMask(NamedTuple):
    """A mask over (heads, queries, keys).

    Attributes:
        band: [queries, keys], whether a key is seen by what is known; None for all.
        tensor: booleans, or numbers, of every sample; None when there are none.
        strides: of its samples, heads, queries and keys; 0 where one value stands for all.
    """

    band: Array | None = None
    tensor: str | None = None
    strides: tuple[int, int, int, int] = (0, 0, 0, 0)

    def layout(self) -> dict[str, int]:
        """The strides by the kernel's names."""
        return dict(zip(("mask_sample", "mask_head", "mask_row", "mask_step"), self.strides, strict=True))


class _Seen(NamedTuple):
    """A mask in parts: what is known, and a tensor with the shape it is looked at in."""

    known: Array | None
    tensor: str | None = None
    shape: Shape = ()


def read_mask(tensor: str, draft: Draft, sizes: tuple[int | None, int, int]) -> AttentionMask | None:
    """The mask of that name for so many heads (None: no such axis), queries and keys; None when it is not served."""
    seen = _parts(tensor, draft)
    heads, queries, keys = sizes
    axes = [size for size in sizes if size is not None]
    band, strides = None, (0, 0, 0, 0)
    if seen.known is not None:
        known = seen.known.reshape((1,) * (1 + len(axes) - seen.known.ndim) + seen.known.shape)
        if known.ndim != 1 + len(axes) or set(known.shape[:-2]) - {1}:
            return None
        band = np.broadcast_to(known[(0,) * (known.ndim - 2)], (queries, keys)).astype(np.float32)
    if seen.tensor is not None:
        shape = seen.shape
        spec = draft.specs[seen.tensor]
        size = sample_size(spec)
        if size is None or len(shape) != 1 + len(axes) or shape[0] is not None or spec.dtype not in ("bool", "float32"):
            return None
        steps = []
        step = size
        for own, whole in zip(shape[1:], axes, strict=True):
            if own not in (1, whole) or own is None:
                return None
            step //= own
            steps.append(step if own != 1 else 0)
        strides = (size, *((0,) if heads is None else ()), *steps)
    return AttentionMask(band, seen.tensor, strides)


def _parts(tensor: str, draft: Draft) -> _Seen:
    shape = draft.specs[tensor].shape
    if tensor in draft.constants:
        return _Seen(draft.constants[tensor])
    whole, node = _Seen(None, tensor, shape), draft.maker(tensor)
    if node is None:
        return whole
    if node.op == "attention_band" and None not in shape:
        return _Seen(_band(node, draft))
    if node.op == "reshape" and node.inputs[0] is not None and len(node.inputs) == 1:
        rank = draft.specs[node.inputs[0]].rank
        if [entry for entry in node.attrs.target if entry != 1] != [("x", axis) for axis in range(rank)]:
            return whole
        inner = _parts(node.inputs[0], draft)
        known = inner.known
        if known is not None:
            fresh = tuple(axis for axis, entry in enumerate(node.attrs.target) if entry == 1)
            known = np.expand_dims(known.reshape((1,) * (rank - known.ndim) + known.shape), fresh)
        old = iter(inner.shape)
        seen = tuple(1 if entry == 1 else next(old) for entry in node.attrs.target) if inner.shape else ()
        return _Seen(known, inner.tensor, seen)
    if node.op == "binary" and node.attrs.kind == "logical_and" and None not in node.inputs:
        left, right = (_parts(name, draft) for name in node.inputs if name is not None)
        if left.tensor is not None and right.tensor is not None:
            return whole
        known = left.known if right.known is None else right.known
        if left.known is not None and right.known is not None:
            known = np.logical_and(left.known, right.known)
        own = left if left.tensor is not None else right
        return _Seen(known, own.tensor, own.shape)
    return whole


def _band(node: Node, draft: Draft) -> Array:
    """The band, which only the shapes of its inputs decide about."""
    shapes = [draft.specs[name].shape for name in node.inputs if name is not None]
    arrays = [np.broadcast_to(np.float32(0), [1 if size is None else size for size in shape]) for shape in shapes]
    (band,) = OPS["attention_band"].run(arrays, node.attrs)
    return np.asarray(band)
