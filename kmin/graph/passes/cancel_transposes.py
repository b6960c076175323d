"""cancel_transposes: transposes move towards the outputs, past whatever lets them, until they meet and cancel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kmin.errors import KminError
from kmin.graph.axes import BROADCASTS, JOINS, Perm, compose, inverse, move
from kmin.graph.ir import UNSUPPORTED, Graph, Node
from kmin.graph.rewrite import Draft, rebuilt
from kmin.ops import OPS
from kmin.ops.tensor import TensorSpec
from kmin.ops.transpose import TransposeAttrs


def cancel_transposes(graph: Graph) -> Graph:
    """Same outputs with no more transposes than before; models written channels-first compute channels-last inside."""
    before = _count(graph)
    if before == 0:
        return graph
    for moving in (True, False):
        result = _Sweep(graph, moving).run()
        if result.nodes == graph.nodes:
            return graph
        if _count(result) <= before:
            return result
    return graph


def _count(graph: Graph) -> int:
    return sum(node.op == "transpose" and not _is_identity(node.attrs.perm) for node in graph.nodes)


def _is_identity(perm: Perm) -> bool:
    return perm == tuple(range(len(perm)))


class _Sweep:
    """One walk in running order. A transpose is put off: its result is remembered as (tensor, perm) and made only
    for a reader that cannot take the tensor itself.
    """

    def __init__(self, graph: Graph, moving: bool) -> None:
        self.graph = graph
        self.moving = moving
        self.draft = Draft(graph)  # for constants and specs only
        self.nodes: list[Node] = []
        self.owed: dict[str, tuple[str, Perm]] = {}
        self.source: dict[str, Node] = {}
        self.names = {node.name for node in graph.nodes}
        self.made: dict[tuple[str, Perm], str] = {}

    def run(self) -> Graph:
        for node in self.graph.nodes:
            if node.op == "transpose" and node.inputs[0] is not None:
                base, first = self.look(node.inputs[0], len(node.attrs.perm))
                self.owe(node.outputs[0], base, compose(first, node.attrs.perm), node)
            elif not (self.moving and self.moved(node)):
                inputs = tuple(None if tensor is None else self.need(tensor) for tensor in node.inputs)
                self.nodes.append(node if inputs == node.inputs else replace(node, inputs=inputs))
        for tensor in dict.fromkeys(self.graph.results):
            if tensor in self.owed:
                self.make(tensor)
        return rebuilt(self.graph, self.nodes, self.draft.constants, self.draft.specs)

    def look(self, tensor: str, rank: int) -> tuple[str, Perm]:
        return self.owed.get(tensor, (tensor, tuple(range(rank))))

    def owe(self, tensor: str, base: str, perm: Perm, node: Node) -> None:
        self.owed[tensor] = (base, perm)
        self.source[tensor] = node

    def need(self, tensor: str) -> str:
        """`tensor` for a reader that insists; made if it is not there yet."""
        if tensor not in self.owed:
            return tensor
        base, perm = self.owed[tensor]
        if _is_identity(perm):
            return base
        if self.owed[tensor] not in self.made:
            self.make(tensor)
        return self.made[base, perm]

    def make(self, tensor: str) -> None:
        base, perm = self.owed[tensor]
        if self.made.get((base, perm)) == tensor:
            return
        node = self.source[tensor]
        name = node.name if node.op == "transpose" else self.fresh_name(f"{node.name}/transpose")
        self.nodes.append(Node(name, "transpose", TransposeAttrs(perm), (base,), (tensor,), node.layer))
        self.made.setdefault((base, perm), tensor)

    def fresh_name(self, name: str) -> str:
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def moved(self, node: Node) -> bool:
        """Puts `node` before the transposes that its inputs wait for; False when that cannot be."""
        if node.op == UNSUPPORTED or len(node.outputs) != 1:
            return False
        carriers = node.inputs if node.op in JOINS | BROADCASTS else node.inputs[:1]
        perms = {self.owed[tensor][1] for tensor in carriers if tensor in self.owed}
        if len(perms) != 1:
            return False
        (perm,) = perms
        result = move(node, perm)
        inputs = None if result is None else self.untransposed(node, carriers, perm)
        if result is None or inputs is None:
            return False
        specs = [None if tensor is None else self.draft.specs[tensor] for tensor in inputs]
        try:
            (spec,) = OPS[result.op].infer(specs, result.attrs)
        except KminError:
            return False
        (output,) = node.outputs
        wanted = self.draft.specs[output]
        if TensorSpec(tuple(spec.shape[axis] for axis in result.perm), spec.dtype) != wanted:
            return False
        name = output
        if not _is_identity(result.perm):
            name = self.fresh_tensor(f"{output}/untransposed")
            self.owe(output, name, result.perm, node)
        self.draft.specs[name] = spec
        self.nodes.append(replace(node, op=result.op, attrs=result.attrs, inputs=inputs, outputs=(name,)))
        return True

    def fresh_tensor(self, name: str) -> str:
        while name in self.draft.specs:
            name += "_"
        return name

    def untransposed(self, node: Node, carriers: tuple[str | None, ...], perm: Perm) -> tuple[str | None, ...] | None:
        """The node's inputs as they were before the transpose; None when one of them never met it."""
        inputs: list[str | None] = []
        for position, tensor in enumerate(node.inputs):
            if tensor is None or position >= len(carriers):
                inputs.append(None if tensor is None else self.need(tensor))
            elif tensor in self.owed:
                inputs.append(self.owed[tensor][0])
            elif tensor in self.draft.constants and (node.op in BROADCASTS or self.rank(tensor) == len(perm)):
                inputs.append(self.constant(tensor, perm))
            else:
                return None
        ranks = [self.rank(tensor) for tensor in inputs if tensor is not None and tensor not in self.draft.constants]
        return tuple(inputs) if node.op not in BROADCASTS or max(ranks) == len(perm) else None

    def rank(self, tensor: str) -> int:
        return self.draft.specs[tensor].rank

    def constant(self, tensor: str, perm: Perm) -> str:
        """A constant operand with its axes where the untransposed operands have theirs."""
        array = self.draft.constants[tensor]
        if array.size == 1 or array.ndim > len(perm):
            return tensor
        full = array.reshape((1,) * (len(perm) - array.ndim) + array.shape)
        turned = np.asarray(np.transpose(full, inverse(perm)), order="C")
        return self.draft.constant(f"{tensor}_untransposed", turned)
