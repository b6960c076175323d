"""Which weights a plan lets go of once its kernels have them in their own order, and which it copies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kmin.graph.ir import Graph, Node
from kmin.graph.mapped import mapped_file
from kmin.graph.weights import Weights
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import Array

if TYPE_CHECKING:
    from kmin.ops.kernels._packing import Differences
    from kmin.ops.kernels._tiers import Kernel

Make = Callable[[], Array]
# Ops whose kernels copy their weights in another order.
PACKED = frozenset({"conv", "conv_transpose", "dense", "depthwise_conv", "gru", "lstm", "simple_rnn"})
# Those whose second input the first kernel may give back.
RELEASED = frozenset({"conv", "conv_pool", "dense", "gated", "pooled"})
# Weights of fewer values stay as they are.
LEAST_RELEASED = 1 << 12


def copy_unpacked(graph: Graph, weights: Weights) -> None:
    """Copies the weights that kernels read where they lie; those of dense layers and convolutions are packed."""
    for node in graph.nodes:
        if node.op not in PACKED:
            for tensor in node.inputs:
                if tensor is not None and tensor in weights:
                    weights.own(tensor)


def release_packed(node: Node, bound: Bound, graph: Graph) -> None:
    """Lets go of weights that the node's first kernel can give back, and of the pages of those that a file has."""
    weights = graph.constants
    if not isinstance(weights, Weights):
        return
    kernel = bound.kernels[0] if bound.kernels and node.op in RELEASED else None
    name = node.inputs[1] if kernel is not None else None
    if kernel is not None and name is not None and name in weights:
        _release(weights, name, kernel)
    for tensor in node.inputs:
        if tensor is not None and tensor in weights:
            weights.forget(tensor)


def _release(weights: Weights, name: str, kernel: Kernel) -> None:
    lossy = kernel.packed is not None and len(kernel.packed) > 3
    if kernel.packed is None or (lossy and weights.released(name)):
        return  # what gives them back goes on doing so: to find what is lost takes as long as packing
    array = weights[name]
    if kernel.packed[0] * kernel.packed[1] != array.size or array.size < LEAST_RELEASED:
        return
    if lossy and mapped_file(array) is not None:
        if not weights.mapped:  # when all are packed, so that nothing is kept beside the largest until then
            weights.release_late(name, partial(_giving_back, kernel))
    elif (make := _giving_back(kernel, array)) is not None:
        weights.release(name, make)


def _giving_back(kernel: Kernel, array: Array) -> Make | None:
    """What gives back an array that `kernel` has packed, with what it has lost; None where that were too much."""
    from kmin.ops.kernels._packing import differences

    lost = None
    if kernel.packed is not None and len(kernel.packed) > 3:
        lost = differences(kernel, array)
        if lost is None:
            return None
    return partial(_unpacked, kernel, lost, array.shape)


def _unpacked(kernel: Kernel, lost: Differences | None, shape: tuple[int, ...]) -> Array:
    from kmin.ops.kernels._packing import unpacked

    return unpacked(kernel, lost).reshape(shape)
