"""Model: the only place that walks the whole flow, from a path to predictions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from kmin.formats.spec import FileFacts
from kmin.graph.aliases import aliased_outputs
from kmin.graph.feeds import TensorInfo, bind_inputs, checked_batch_size, run_rows, structured
from kmin.graph.ir import Graph
from kmin.ops.tensor import Array, TensorSpec
from kmin.plan.compile import compile_plan

# A chunk of `predict` is sized so that its two largest tensors together take about this many bytes.
CHUNK_BYTES = 64 << 20


def read_graph(path: str | os.PathLike[str]) -> tuple[Graph, FileFacts | None]:
    """The graph of a Keras file as lowered, or that of a bundle, and what the file says about itself.

    Raises:
        KminError: the file cannot be read (FormatError) or run (UnsupportedError).
    """
    from kmin.export.bundle import is_bundle, read_bundle, read_facts

    if is_bundle(path):
        return read_bundle(path), read_facts(path)
    from kmin.formats import read
    from kmin.layers.lower import lower

    spec = read(path)
    return lower(spec), spec.file


class Model:
    """A model that predicts. Immutable; any number of Python threads may call it at once.

    Attributes:
        name: the Keras model's name.
        inputs: TensorInfo per input, in the model's order.
        outputs: TensorInfo per output, in the model's order.
        graph: the simplified graph.
        plan: the graph bound to this machine.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.plan = compile_plan(graph)
        self.name = graph.name
        self.inputs = _infos(graph, graph.input_names, graph.inputs)
        self.outputs = _infos(graph, graph.output_names, graph.outputs)
        self._aliased = aliased_outputs(graph)
        self._call = self.plan.call if graph.output_structure == 0 and not self._aliased else None

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, dtype: str | None = None) -> Model:
        """Reads `path` and compiles it for this machine.

        Args:
            path: a Keras `.h5` or `.keras` file or a bundle written by `kmin extract`; the content
                decides what it is, not the extension.
            dtype: `float64` runs the whole model in double precision, whatever the file says.

        Raises:
            KminError: the file cannot be read (FormatError) or run (UnsupportedError).
        """
        from kmin.graph.passes import simplify

        graph, _ = read_graph(path)
        if dtype is not None:  # before weights are folded, so that what is folded is rounded to this dtype only
            from kmin.graph.precision import with_precision

            graph = with_precision(graph, dtype)
        return cls(simplify(graph))

    def __call__(self, x: Any) -> Any:
        """Predictions for the whole of `x` in one go; see `predict` for what `x` may be."""
        if self._call is not None and (result := self._call(x)) is not None:
            return result
        arrays = self.bind(x)
        return self._pack(run_rows(self.plan.run, arrays, max(1, len(arrays[0]))))

    def predict(self, x: Any, batch_size: int | None = None) -> Any:
        """Predictions for every row of `x`.

        Args:
            x: an array (or nested lists of numbers) for one input; a list in input order or a dict by
                input name for several. Axis 0 is the batch.
            batch_size: rows computed at a time; None chooses by memory. The result does not depend on it
                beyond rounding.

        Returns:
            One array for one output, otherwise the structure of the Keras model (list or dict).

        Raises:
            InputError: names, number, rank, size or dtype of `x` do not fit, or batch_size is not positive.
        """
        if batch_size is None and self._call is not None and (result := self._call(x)) is not None:
            return result
        arrays = self.bind(x)
        step = checked_batch_size(batch_size, self.chunk_rows(arrays))
        return self._pack(run_rows(self.plan.run, arrays, step))

    def chunk_rows(self, arrays: list[Array]) -> int:
        """How many rows `predict` computes at a time when the caller does not say."""
        sizes = sorted(_row_bytes(spec, arrays) for spec in self.graph.specs.values())
        return int(max(1, min(1 << 20, CHUNK_BYTES // max(1, sum(sizes[-2:])))))

    def bind(self, x: Any) -> list[Array]:
        """`x` as one checked array per input, in order and in the input's dtype."""
        return bind_inputs(x, self.inputs)

    def _pack(self, results: list[Array]) -> Any:
        for position in self._aliased:  # what the caller gets is the caller's alone
            results[position] = results[position].copy()
        return structured(self.graph.output_structure, results)

    def __reduce__(self) -> tuple[type[Model], tuple[Graph]]:
        """Pickles as its graph: plans are for one machine and are made again where it is unpickled."""
        return Model, (self.graph,)

    def __repr__(self) -> str:
        sides = ["; ".join(f"{i.name} {TensorSpec(i.shape, i.dtype)}" for i in s) for s in (self.inputs, self.outputs)]
        return f"<kmin.Model '{self.name}': {sides[0]} -> {sides[1]}>"


def _infos(graph: Graph, names: tuple[str, ...], tensors: tuple[str, ...]) -> tuple[TensorInfo, ...]:
    specs = [graph.specs[tensor] for tensor in tensors]
    return tuple(TensorInfo(name, spec.shape, spec.dtype) for name, spec in zip(names, specs, strict=True))


def _row_bytes(spec: TensorSpec, arrays: list[Array]) -> int:
    if not spec.shape or spec.shape[0] is not None or spec.dtype == "unknown":
        return 0
    unknown = max((max(array.shape[1:], default=1) for array in arrays), default=1)
    size = np.dtype(spec.dtype).itemsize
    for axis in spec.shape[1:]:
        size *= unknown if axis is None else axis
    return int(size)


def predict_chunks(model: Model, chunks: Iterator[list[Array]]) -> Iterator[list[Array]]:
    """Flat outputs for each chunk of flat inputs: the streaming form of `predict`.

    Raises:
        InputError: a chunk does not fit the model.
    """
    for chunk in chunks:
        arrays = model.bind(chunk if len(chunk) > 1 else chunk[0])
        yield model.plan.run(arrays)
