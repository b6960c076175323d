"""Toy: small graphs by hand, with seeded weights, and what they compute."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.graph.builder import GraphBuilder
from kmin.graph.ir import Graph
from kmin.ops import OPS
from kmin.plan.compile import compile_plan


class Toy:
    """A GraphBuilder with less typing: ops take attribute values, weights are drawn."""

    def __init__(self, dtype: str = "float32", batch: int = 3) -> None:
        self.builder = GraphBuilder("toy")
        self.dtype = dtype
        self.batch = batch
        self.rng = np.random.default_rng(7)

    def input(self, *shape: int | None, name: str = "x", dtype: str | None = None) -> str:
        return self.builder.input(name, (None, *shape), dtype if dtype is not None else self.dtype)

    def weight(self, *shape: int, name: str = "w", low: float | None = None) -> str:
        array = self.rng.normal(size=shape) if low is None else self.rng.uniform(low, low + 1, shape)
        return self.constant(array.astype(self.dtype), name)

    def constant(self, array: Any, name: str = "c") -> str:
        return self.builder.constant(name, np.asarray(array))

    def add(self, op: str, *inputs: str | None, layer: str | None = None, **attrs: Any) -> str:
        (output,) = self.builder.add(op, inputs, OPS[op].attrs(**attrs), layer if layer is not None else op)
        return output

    def dense(self, x: str, units: int, bias: bool = True, **attrs: Any) -> str:
        size = self.builder.specs[x].shape[-1] or 0
        return self.add("dense", x, self.weight(size, units), self.weight(units) if bias else None, **attrs)

    def pointwise(self, x: str, filters: int, activation: str = "linear") -> str:
        """A convolution of one tap, whose results are not much larger than what it reads."""
        channels = self.builder.specs[x].shape[-1] or 1
        kernel = self.constant((self.rng.normal(size=(1, 1, channels, filters)) / channels).astype(self.dtype))
        further = {"strides": (1, 1), "dilation": (1, 1), "padding": "same", "activation": activation}
        return self.add("conv", x, kernel, self.weight(filters), **further)

    def recurrent(
        self, op: str, x: str, units: int, mask: str | None = None, states: tuple[str, ...] = (), **attrs: Any
    ) -> tuple[str, ...]:
        """All outputs of a recurrent op: y, then the final states."""
        gates, count = {"gru": (3, 1), "lstm": (4, 2), "simple_rnn": (1, 1)}[op]
        size = self.builder.specs[x].shape[2] or 0
        bias = self.weight(2, gates * units) if op == "gru" else self.weight(gates * units)
        weights = (self.weight(size, gates * units), self.weight(units, gates * units), bias)
        begin = states if states else (None,) * count
        return tuple(self.builder.add(op, (x, *weights, mask, *begin), OPS[op].attrs(**attrs), op))

    def graph(self, *outputs: str, structure: Any = None, names: list[str] | None = None) -> Graph:
        if structure is None:
            structure = 0 if len(outputs) == 1 else list(range(len(outputs)))
        if names is None:
            names = [f"y{i}" if i else "y" for i in range(len(outputs))]
        return self.builder.graph(outputs, self.builder.inputs, names, structure)

    def feed(self, graph: Graph, free: int = 6) -> list[np.ndarray]:
        """Seeded inputs; `free` stands for axes of any size."""
        arrays = []
        for tensor in graph.inputs:
            spec = graph.specs[tensor]
            shape = [self.batch, *[free if axis is None else axis for axis in spec.shape[1:]]]
            rng = np.random.default_rng(11)
            array = rng.integers(0, 2, shape) if spec.dtype[0] in "biu" else rng.normal(size=shape)
            arrays.append(array.astype(spec.dtype))
        return arrays

    def run(self, graph: Graph) -> list[np.ndarray]:
        return compile_plan(graph).run(self.feed(graph))

    def assert_same(self, before: Graph, after: Graph, tolerance: float = 0.0) -> None:
        """Same outputs (up to `tolerance`), same promise about inputs and outputs, and a graph that holds together."""
        assert_sound(after)
        for field in ("inputs", "outputs", "input_names", "output_names", "output_structure", "dialect", "name"):
            assert getattr(before, field) == getattr(after, field), field
        for tensor in (*before.inputs, *before.outputs):
            assert before.specs[tensor] == after.specs[tensor]
        for wanted, got in zip(self.run(before), self.run(after), strict=True):
            assert wanted.dtype == got.dtype
            assert wanted.shape == got.shape
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


def assert_sound(graph: Graph) -> None:
    """Every tensor is made once, before it is read, and every spec is what `infer` says."""
    made = {*graph.inputs, *graph.constants}
    assert len({node.name for node in graph.nodes}) == len(graph.nodes)
    for name, array in graph.constants.items():
        assert graph.specs[name].shape == array.shape
        assert graph.specs[name].dtype == array.dtype.name
    for node in graph.nodes:
        assert all(tensor is None or tensor in made for tensor in node.inputs), node
        assert made.isdisjoint(node.outputs), node
        made.update(node.outputs)
        specs = [None if tensor is None else graph.specs[tensor] for tensor in node.inputs]
        assert OPS[node.op].infer(specs, node.attrs) == tuple(graph.specs[tensor] for tensor in node.outputs), node
    assert made.issuperset(graph.outputs)
    assert set(graph.specs) == made
    assert all(made.issuperset(tensors) for tensors in graph.layers.values())
