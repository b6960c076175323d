"""fold_batch_norm: a batch_norm that alone reads a dense or convolution becomes part of its weights."""

from __future__ import annotations

import numpy as np

from kmin.graph.ir import Graph, Node
from kmin.graph.mapped import forget
from kmin.graph.rewrite import Draft
from kmin.ops.batch_norm import batch_norm_scale
from kmin.ops.tensor import Array

HOSTS = frozenset({"conv", "conv_transpose", "dense", "depthwise_conv"})


def fold_batch_norm(graph: Graph) -> Graph:
    """Same outputs up to rounding; computed in float64, then rounded once to the kernel's dtype.

    A kernel used by several nodes is folded only when all of them are followed by the same batch_norm. Half precision
    is left alone: rounding scaled kernels to half would cost digits that batch_norm itself does not lose.
    """
    draft = Draft(graph)
    for node in draft:
        host = draft.maker(node.inputs[0]) if node.op == "batch_norm" else None
        if host is None or not _foldable(draft, host, node):
            continue
        kernel = host.inputs[1]
        users = draft.readers(kernel) if kernel is not None else []
        if all(_same_fold(draft, host, node, user) for user in users):
            _fold(draft, host, node)
    return draft.finish()


def _foldable(draft: Draft, host: Node, norm: Node) -> bool:
    if host.op not in HOSTS or host.attrs.activation != "linear":
        return False
    if draft.only_reader(host.outputs[0]) is not norm:
        return False
    spec = draft.specs[host.outputs[0]]
    known = all(name is None or name in draft.constants for name in (*host.inputs[1:], *norm.inputs[1:]))
    return known and norm.attrs.axis % spec.rank == spec.rank - 1 and spec.dtype in ("float32", "float64")


def _same_fold(draft: Draft, host: Node, norm: Node, user: Node) -> bool:
    """Whether `user`, a reader of the host's kernel, has the host's weights and would be folded alike."""
    if user is host:
        return True
    other = draft.only_reader(user.outputs[0])
    if user.op != host.op or other is None or other.op != "batch_norm" or not _foldable(draft, user, other):
        return False
    return user.inputs[1:] == host.inputs[1:] and other.inputs[1:] == norm.inputs[1:] and other.attrs == norm.attrs


def _fold(draft: Draft, host: Node, norm: Node) -> None:
    _, kernel_name, bias_name = host.inputs
    _, gamma, beta, mean, variance = (None if name is None else draft.constants.get(name) for name in norm.inputs)
    if kernel_name is None or mean is None or variance is None:
        return
    kernel = draft.constants[kernel_name]
    bias = None if bias_name is None else draft.constants[bias_name].astype(np.float64)
    scale = batch_norm_scale(gamma, variance, norm.attrs.epsilon)
    shift = (0.0 if bias is None else bias) - mean.astype(np.float64)
    with np.errstate(all="ignore"):
        folded = np.empty(kernel.shape, kernel.dtype)
        np.multiply(kernel, _along_results(scale, host.op, kernel), folded, dtype=np.float64, casting="same_kind")
        offset = (shift * scale + (0.0 if beta is None else beta)).astype(kernel.dtype)
    forget(kernel)
    if not (_finite(folded) and _finite(offset)):
        return
    stem = kernel_name.removesuffix(".kernel")
    inputs = (
        host.inputs[0],
        draft.constant(f"{stem}.kernel_folded", folded),
        draft.constant(f"{stem}.bias_folded", offset),
    )
    draft.remove(norm)
    draft.update(host, inputs=inputs, outputs=norm.outputs)


def _along_results(scale: Array, op: str, kernel: Array) -> Array:
    """One value per result channel, shaped to multiply a kernel."""
    if op == "conv_transpose":  # [*window, F, C]
        return scale[:, None]
    return scale.reshape(kernel.shape[-2:]) if op == "depthwise_conv" else scale  # [*window, C, M], [..., F]


def _finite(array: Array) -> bool:
    return bool(np.all(np.isfinite(array)))
