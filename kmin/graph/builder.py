"""GraphBuilder: adds nodes one by one, infers their shapes and keeps names unique."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from kmin.errors import UnsupportedError
from kmin.graph.ir import UNSUPPORTED, Graph, Node, State
from kmin.ops import OPS
from kmin.ops.tensor import Array, Shape, TensorSpec, dtype_name

# Layer path -> weight -> the shape that the layer asks for and the one that it has (None for none).
Asked = dict[str, dict[str, tuple[tuple[int, ...], tuple[int, ...] | None]]]


# Values of one sample that a tensor may have: more than any model's, less than an address space.
MAX_VALUES = 1 << 34


def check_sizes(specs: Sequence[TensorSpec]) -> None:
    """Refuses tensors of which one sample alone would have more than MAX_VALUES values.

    Raises:
        UnsupportedError: one of them has.
    """
    for spec in specs:
        if prod(size for size in spec.shape[1:] if size is not None) > MAX_VALUES:
            raise UnsupportedError(f"a tensor must have at most {MAX_VALUES} values per sample; this one is {spec}")


class GraphBuilder:
    """Grows a Graph; every added node has its output specs inferred at once."""

    def __init__(self, name: str = "model", dialect: int = 3) -> None:
        self.name = name
        self.dialect = dialect
        self.nodes: list[Node] = []
        self.specs: dict[str, TensorSpec] = {}
        self.constants: dict[str, Array] = {}
        self.inputs: list[str] = []
        self.layers: dict[str, tuple[str, ...]] = {}
        self.states: list[State] = []
        self.sizes: dict[str, list[Any]] = {}  # tensors that hold sizes: a number, (tensor, axis) or None for each
        self.attended: set[str] = set()  # tensors whose mask Keras 3's MultiHeadAttention has taken off them
        self.rounded: set[str] = set()  # tensors of float32 whose values are all bfloat16
        self.blocks: dict[str, tuple[str, tuple[int, ...]]] = {}  # blocks of a tensor, and their sizes
        self.stateful: dict[str, list[str]] = {}  # paths of the layers that keep states, and those
        self.batch_sizes: set[int] = set()  # that the model's input layers insist on
        self.mixes_samples = False  # whether any result of a row depends on other rows
        self.asked: Asked | None = None  # collects what layers ask for, when weights may be missing or misfit
        self._counts: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """`name`, or `name:1`, `name:2`, ... when it is taken."""
        found, count = name, self._counts.get(name, 0)
        while found in self._counts:
            found, count = f"{name}:{count}", count + 1
        self._counts[found] = 1
        if found != name:
            self._counts[name] = count
        return found

    def input(self, name: str, shape: Shape, dtype: str) -> str:
        """A new graph input; returns its tensor name."""
        tensor = self.unique(name)
        self.specs[tensor] = TensorSpec(shape, dtype)
        check_sizes([self.specs[tensor]])
        self.inputs.append(tensor)
        return tensor

    def state(self, name: str, shape: Shape, dtype: str) -> str:
        """A new tensor that a state begins a batch with; `keep` must tell its next value."""
        tensor = self.unique(name)
        self.specs[tensor] = TensorSpec(shape, dtype)
        return tensor

    def keep(self, state: str, tensor: str) -> None:
        """Carries `tensor` to the next batch, where it is the value of `state`, or of what became `state` so far."""
        for at, known in enumerate(self.states):
            if known.output == state:
                self.states[at] = State(known.input, tensor)
                return
        self.states.append(State(state, tensor))

    def constant(self, name: str, array: Array) -> str:
        """A new constant tensor; returns its name."""
        tensor = self.unique(name)
        self.constants[tensor] = array
        self.specs[tensor] = TensorSpec(tuple(array.shape), dtype_name(array))
        return tensor

    def add(self, op: str, inputs: Sequence[str | None], attrs: Any, layer: str) -> tuple[str, ...]:
        """A new node; returns the names of its outputs.

        Raises:
            KminError: when the op's `infer` refuses the inputs.
        """
        specs = [None if tensor is None else self.specs[tensor] for tensor in inputs]
        outputs = OPS[op].infer(specs, attrs)
        check_sizes(outputs)
        name = self.unique(f"{layer}/{op}" if layer else op)
        names = (name,) if len(outputs) == 1 else tuple(f"{name}#{i}" for i in range(len(outputs)))
        self.specs.update(zip(names, outputs, strict=True))
        self.nodes.append(Node(name, op, attrs, tuple(inputs), names, layer))
        return names

    def add_unsupported(self, inputs: Sequence[str], reason: str, layer: str, outputs: int) -> tuple[str, ...]:
        """A node that says why a layer cannot run; its outputs have unknown rank (shape `()`)."""
        name = self.unique(f"{layer}/{UNSUPPORTED}")
        names = tuple(f"{name}#{i}" for i in range(outputs))
        self.specs.update(dict.fromkeys(names, TensorSpec((), "unknown")))
        self.nodes.append(Node(name, UNSUPPORTED, reason, tuple(inputs), names, layer))
        return names

    def graph(
        self,
        outputs: Sequence[str],
        input_names: Sequence[str],
        output_names: Sequence[str],
        output_structure: Any,
    ) -> Graph:
        """The finished Graph."""
        return Graph(
            nodes=tuple(self.nodes),
            inputs=tuple(self.inputs),
            outputs=tuple(outputs),
            constants=self.constants,
            specs=self.specs,
            input_names=tuple(input_names),
            output_names=tuple(output_names),
            output_structure=output_structure,
            layers=self.layers,
            dialect=self.dialect,
            name=self.name,
            states=tuple(self.states),
            batch_size=min(self.batch_sizes) if self.states else None,
            mixed=self.mixes_samples,
        )
