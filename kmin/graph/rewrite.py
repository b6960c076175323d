"""Draft: a graph being rewritten, with its makers and readers at hand; the tool every pass is written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.graph.ir import Graph, Node, TensorSpec
from kmin.graph.weights import Weights
from kmin.ops.tensor import Array, dtype_name


class Draft:
    """A graph that can be changed node by node.

    Inputs, outputs and states of the graph keep their names, order and specs whatever is done here; where this speaks
    of outputs, next values of states are among them. `finish` hands back the original Graph object when nothing was
    changed, which is how `simplify` knows that it is done.

    Attributes:
        graph: the graph as it was.
        nodes: by name, in running order.
        constants: arrays by tensor name.
        specs: shape and dtype by tensor name.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = {node.name: node for node in graph.nodes}
        self.constants = Weights(graph.constants)
        self.specs = dict(graph.specs)
        self._outputs = frozenset(graph.results)
        self._changed = False
        self._makers: dict[str, str] = {}
        self._readers: dict[str, list[str]] = {}
        for node in graph.nodes:
            self._link(node)

    def __iter__(self) -> Iterator[Node]:
        """The nodes in running order; nodes may be changed or removed on the way."""
        for name in list(self.nodes):
            if name in self.nodes:
                yield self.nodes[name]

    def maker(self, tensor: str | None) -> Node | None:
        """The node that makes `tensor`; None for inputs, constants and absent tensors."""
        name = None if tensor is None else self._makers.get(tensor)
        return None if name is None else self.nodes[name]

    def readers(self, tensor: str) -> list[Node]:
        """The nodes that read `tensor`, one entry per input that does."""
        return [self.nodes[name] for name in self._readers.get(tensor, [])]

    def is_output(self, tensor: str) -> bool:
        """Whether `tensor` is an output of the graph."""
        return tensor in self._outputs

    def only_reader(self, tensor: str) -> Node | None:
        """The node that alone reads `tensor`, through one input; None when anything else needs it too."""
        readers = self._readers.get(tensor, [])
        return self.nodes[readers[0]] if len(readers) == 1 and tensor not in self._outputs else None

    def update(self, node: Node, **changes: Any) -> Node:
        """`node` with fields replaced, in its old place."""
        fresh = replace(node, **changes)
        self._unlink(node)
        self.nodes[node.name] = fresh
        self._link(fresh)
        self._changed = True
        return fresh

    def remove(self, node: Node) -> None:
        """The graph without `node`; what read its outputs must be changed too."""
        self._unlink(node)
        del self.nodes[node.name]
        self._changed = True

    def bypass(self, node: Node, tensor: str) -> bool:
        """Removes the one-output `node`, `tensor` taking the place of its output; False when an output forbids it."""
        (old,) = node.outputs
        if old not in self._outputs:
            for reader in dict.fromkeys(self._readers.get(old, [])):
                inputs = tuple(tensor if name == old else name for name in self.nodes[reader].inputs)
                self.update(self.nodes[reader], inputs=inputs)
            self.remove(node)
            return True
        maker = self.maker(tensor)
        if maker is None or tensor in self._outputs or self.specs[tensor] != self.specs[old]:
            return False
        self.remove(node)
        for reader in dict.fromkeys(self._readers.get(tensor, [])):
            inputs = tuple(old if name == tensor else name for name in self.nodes[reader].inputs)
            self.update(self.nodes[reader], inputs=inputs)
        self.update(maker, outputs=tuple(old if name == tensor else name for name in maker.outputs))
        return True

    def constant(self, name: str, array: Array) -> str:
        """A new constant tensor; returns its name, which is `name` unless that is taken by something else."""
        tensor, count = name, 0
        while tensor in self.specs:
            if tensor in self.constants and same_array(self.constants[tensor], array):
                return tensor
            count += 1
            tensor = f"{name}:{count}"
        self.constants[tensor] = array
        self.specs[tensor] = TensorSpec(tuple(array.shape), dtype_name(array))
        return tensor

    def finish(self) -> Graph:
        """The rewritten graph without the names nobody uses; the original object when nothing was changed."""
        return rebuilt(self.graph, self.nodes.values(), self.constants, self.specs) if self._changed else self.graph

    def _link(self, node: Node) -> None:
        for tensor in node.outputs:
            self._makers[tensor] = node.name
        for source in node.inputs:
            if source is not None:
                self._readers.setdefault(source, []).append(node.name)

    def _unlink(self, node: Node) -> None:
        for tensor in node.outputs:
            if self._makers.get(tensor) == node.name:
                del self._makers[tensor]
        for source in node.inputs:
            if source is not None:
                self._readers[source].remove(node.name)


def rebuilt(graph: Graph, nodes: Any, constants: Any, specs: Any) -> Graph:
    """`graph` with other nodes; constants, specs and layer entries that nothing mentions are left out."""
    kept = tuple(nodes)
    named = {*graph.sources, *graph.results}
    for node in kept:
        named.update(node.outputs)
        named.update(tensor for tensor in node.inputs if tensor is not None)
    return replace(
        graph,
        nodes=kept,
        constants=Weights(constants).only(named),
        specs={name: spec for name, spec in specs.items() if name in named},
        layers={path: tensors for path, tensors in graph.layers.items() if named.issuperset(tensors)},
    )


def same_array(one: Array, other: Array) -> bool:
    """Whether two arrays hold the same bits in the same shape."""
    if one is other:
        return True
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    bits: list[Array] = [np.asarray(array, order="C").reshape(-1).view(np.uint8) for array in (one, other)]
    return bool(np.array_equal(bits[0], bits[1]))
