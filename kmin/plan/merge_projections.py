"""merged_projections: what dense layers make of one tensor, by one product with their weights side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from kmin.graph.ir import Node
from kmin.graph.mapped import mapped_file
from kmin.graph.rewrite import Draft
from kmin.graph.weights import Weights
from kmin.ops.kernels.bound import sample_size
from kmin.ops.tensor import Array


class Merged(NamedTuple):
    """A tensor whose last axis, of `size`, holds several, each from one of `starts` on."""

    tensor: str
    starts: tuple[int, ...]
    size: int


def merged_projections(tensors: Sequence[str], sizes: Sequence[int], draft: Draft) -> Merged | None:
    """The tensors side by side in rows of `sizes` values; None, and nothing changed, when they cannot be.

    Each has to come from a dense layer of its own, without an activation, that nothing else reads.
    """
    nodes = [_projection(tensor, size, draft) for tensor, size in zip(tensors, sizes, strict=True)]
    found = [node for node in nodes if node is not None]
    if len(found) < len(nodes) or len({node.name for node in found}) < len(nodes):
        return None
    first = found[0]
    x, shape = first.inputs[0], draft.specs[first.outputs[0]].shape[:-1]
    if any(node.inputs[0] != x or draft.specs[node.outputs[0]].shape[:-1] != shape for node in found):
        return None
    ends = [int(end) for end in np.cumsum(sizes)]
    starts = (0, *ends[:-1])
    kernels = [node.inputs[1] for node in found]
    kernel = draft.constant(f"{first.name}.merged", np.concatenate([_constant(k, draft) for k in kernels], axis=1))
    biases = [_bias(node, size, draft) for node, size in zip(found, sizes, strict=True)]
    bias = draft.constant(f"{first.name}.merged_bias", np.concatenate(biases))
    holder = draft.constants.only([kernel])
    for name, start, end in zip(kernels, starts, ends, strict=True):
        assert name is not None
        if mapped_file(draft.constants[name]) is not None:
            draft.constants.forget(name)
        else:
            draft.constants.release(name, partial(_columns, holder, kernel, start, end))
    layers = "+".join(dict.fromkeys(node.layer for node in found))
    output = first.outputs[0]
    draft.specs[output] = replace(draft.specs[output], shape=(*shape, ends[-1]))
    draft.update(first, inputs=(x, kernel, bias), layer=layers)
    return Merged(output, starts, ends[-1])


def _projection(tensor: str, size: int, draft: Draft) -> Node | None:
    """The dense layer that makes the tensor, perhaps in another shape, with rows of `size` values."""
    node, sample = draft.maker(tensor), sample_size(draft.specs[tensor])
    while node is not None and draft.only_reader(tensor) is not None:
        if node.op == "reshape" and len(node.inputs) == 1 and node.inputs[0] is not None:
            if sample_size(draft.specs[node.inputs[0]]) != sample:  # values of several samples, or parts of one
                return None
            tensor = node.inputs[0]
            node = draft.maker(tensor)
            continue
        if node.op != "dense" or len(node.inputs) != 3 or node.attrs.activation != "linear":
            return None
        _, kernel, bias = node.inputs
        if kernel not in draft.constants or (bias is not None and bias not in draft.constants):
            return None
        whole = _constant(kernel, draft)
        return node if whole.ndim == 2 and whole.dtype == np.float32 and whole.shape[1] == size else None
    return None


def _constant(name: str | None, draft: Draft) -> Array:
    assert name is not None
    return draft.constants[name]


def _bias(node: Node, size: int, draft: Draft) -> Array:
    return np.zeros(size, np.float32) if node.inputs[2] is None else _constant(node.inputs[2], draft).reshape(size)


def _columns(weights: Weights, name: str, start: int, end: int) -> Array:
    return np.ascontiguousarray(weights[name][:, start:end])
