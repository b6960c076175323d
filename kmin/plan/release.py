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
    packed = (
        bound.kernels[0].packed
        if bound.kernels and node.op in ("conv", "conv_pool", "dense", "gated", "pooled")
        else None
    )
    kernel = node.inputs[1] if packed is not None else None
    if packed is not None and kernel is not None and kernel in weights:
        array = weights[kernel]
        fit = packed[0] * packed[1] == array.size >= LEAST_RELEASED
        if fit and len(packed) > 3 and mapped_file(array) is not None:
            if not weights.mapped:  # when all are packed, so that nothing is kept beside the largest until then
                weights.release_late(kernel, partial(_giving_back, bound.kernels[0]))
        elif fit and (make := _giving_back(bound.kernels[0], array)) is not None:
            weights.release(kernel, make)
    for tensor in node.inputs:
        if tensor is not None and tensor in weights:
            weights.forget(tensor)


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
