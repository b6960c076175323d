"""Graph, Node and the symbolic tensors between them: the one form every later stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kmin.ops.tensor import Array, TensorSpec, sample_size

__all__ = ["UNSUPPORTED", "Graph", "Node", "State", "TensorSpec"]

UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Node:
    """One op applied to named tensors.

    Attributes:
        name: unique in the graph.
        op: key of OPS, or UNSUPPORTED for a layer that could not be lowered.
        attrs: the op's frozen attribute dataclass (for UNSUPPORTED: the reason, a str).
        inputs: tensor names; None where an optional input (bias, mask, state) is absent.
        outputs: tensor names this node defines.
        layer: path of the Keras layer it came from (`nested/dense_1`), for messages and tables.
    """

    name: str
    op: str
    attrs: Any
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    layer: str = ""


@dataclass(frozen=True)
class State:
    """What a stateful layer carries from one batch to the next.

    Attributes:
        input: tensor that holds it when a batch begins; made by no node, zeros at first.
        output: tensor that holds it when the batch is done.
    """

    input: str
    output: str


@dataclass(frozen=True)
class Graph:
    """A model as ops over named tensors, in an order in which it can run.

    Attributes:
        nodes: every input of a node is a graph input, a constant or an output of an earlier node.
        inputs: names of the input tensors, in the model's order.
        outputs: names of the output tensors, in the model's order (a name may appear twice).
        constants: weights and other known arrays by tensor name.
        specs: shape and dtype of every tensor.
        input_names: public name per input (the Keras input layer's name).
        output_names: public name per output (the Keras output layer's name).
        output_structure: how outputs are handed back: an index, or a list/dict of structures.
        layers: layer path -> names of the tensors that its last call returned (for tables).
        dialect: Keras generation of the file.
        name: the model's name.
        states: what stateful layers carry from batch to batch.
        batch_size: the only number of rows that the states fit; None when there are no states.
        mixed: whether a layer or an operation brings samples together; see `mixes_samples`.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, Array]
    specs: Mapping[str, TensorSpec]
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    output_structure: Any = 0
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dialect: int = 3
    name: str = "model"
    states: tuple[State, ...] = ()
    batch_size: int | None = None
    mixed: bool = False

    @property
    def mixes_samples(self) -> bool:
        """Whether a batch must not be cut: results of a row depend on the rows beside it, or have no rows.

        A transpose or a reshape that moves the batch counts too, for what comes after it.
        """
        if self.mixed or any(not self.specs[tensor].shape or self.specs[tensor].shape[0] for tensor in self.outputs):
            return True
        parts: dict[str | None, int | None] = dict.fromkeys(self.sources, 1)  # rows of a sample; None where not known
        for node in self.nodes:
            given = next((tensor for tensor in node.inputs if tensor in parts), None)
            if given is None:
                continue
            rows = parts[given]
            if node.op == "transpose" and node.attrs.perm[0] != 0:
                return True
            if node.op == "reshape" and node.attrs.target[:1] != (("x", 0),):
                rows = self._reshaped_rows(node, parts)
                if rows == 0:
                    return True
            parts.update((tensor, rows) for tensor in node.outputs if self.specs[tensor].shape[:1] == (None,))
        return False

    def _reshaped_rows(self, node: Node, parts: Mapping[str | None, int | None]) -> int | None:
        """Rows of a sample in what a reshape makes; 0 where they are not its own."""
        x, *like = node.inputs
        before, after = self.specs[str(x)], self.specs[node.outputs[0]]
        if after.shape[:1] != (None,):
            return 0
        if node.attrs.target[0] == ("like", 0):
            return parts.get(like[0])
        rows, had, has = parts.get(x), sample_size(before), sample_size(after)
        if rows is None or had is None or not has:
            return None
        return 0 if rows * had % has else rows * had // has

    @property
    def sources(self) -> tuple[str, ...]:
        """Every tensor that a run is given: the inputs, then the states."""
        return self.inputs + tuple(state.input for state in self.states)

    @property
    def results(self) -> tuple[str, ...]:
        """Every tensor that a run hands back: the outputs, then the states' next values."""
        return self.outputs + tuple(state.output for state in self.states)

    def __str__(self) -> str:
        fixed = "" if self.batch_size is None else f", stateful, batches of {self.batch_size}"
        mixed = ", samples mixed" if self.mixes_samples else ""
        lines = [f"graph {self.name} (Keras {self.dialect} meaning{fixed}{mixed})"]
        lines += [f"  input  {tensor}: {self.specs[tensor]}" for tensor in self.inputs]
        lines += [f"  state  {s.input}: {self.specs[s.input]}, next {s.output}" for s in self.states]
        for node in self.nodes:
            arguments = ", ".join("-" if tensor is None else tensor for tensor in node.inputs)
            results = ", ".join(f"{tensor}: {self.specs[tensor]}" for tensor in node.outputs)
            lines.append(f"  {results} = {node.op}({arguments}) {node.attrs}")
        lines += [f"  output {tensor}: {self.specs[tensor]}" for tensor in self.outputs]
        return "\n".join(lines)
