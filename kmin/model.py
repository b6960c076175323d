"""Model: the only place that walks the whole flow, from a path to predictions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmin.errors import InputError
from kmin.graph.aliases import aliased_outputs
from kmin.graph.feeds import TensorInfo, bind_inputs, checked_batch_size, run_mixed, run_rows, structured
from kmin.graph.ir import Graph
from kmin.graph.states import States
from kmin.graph.weights import Weights
from kmin.ops.tensor import Array, TensorSpec, item_bytes
from kmin.plan.caller import Caller
from kmin.plan.compile import compile_plan
from kmin.plan.shaped import ShapedPlans, has_free_axes

if TYPE_CHECKING:
    from kmin.formats.spec import FileFacts, LayerWeights

# A chunk of `predict` is sized so that its two largest tensors together take about this many bytes.
CHUNK_BYTES = 64 << 20


def read_graph(path: str | os.PathLike[str]) -> tuple[Graph, FileFacts | None]:
    """The graph of a Keras file as lowered, or that of a bundle, and what the file says about itself.

    Raises:
        KminError: the file cannot be read (FormatError) or run (UnsupportedError).
    """
    from kmin.export.bundle_mark import is_bundle

    if is_bundle(path):
        from kmin.export.bundle import read_bundle, read_facts

        if not isinstance(path, (str, Path)):
            from kmin.formats.source import refuse_weights

            refuse_weights(path)
        return read_bundle(path), read_facts(path)
    from kmin.layers.fitting import read_spec
    from kmin.layers.lower import lower

    spec = read_spec(path)
    return lower(spec), spec.file


class Model(Caller):
    """A model that predicts. Any number of Python threads may call it at once.

    A model is immutable unless it is stateful (has Keras layers with stateful=True): then every call goes on from the
    states that the call before left, calls from several threads wait for one another, and `reset_states` starts anew.
    A copy, and a pickle, of a stateful model begins with fresh states.

    Attributes:
        name: the Keras model's name.
        inputs: TensorInfo per input, in the model's order.
        outputs: TensorInfo per output, in the model's order.
        graph: the simplified graph.
        plan: the graph bound to this machine; one with axes of any size runs on plans for the sizes of its calls.
        batch_size: the number of rows that a stateful model's input layers fix; None for any other model.
        mixes_samples: whether results of a row depend on the rows beside it (a mean over the batch, time before the
            batch); then nothing is cut into batches unless the caller says so.
        loading: what became of each layer's weights, when `by_name` or `skip_mismatch` allowed to leave any out.
    """

    def __init__(self, graph: Graph, threads: int | None = None, *, mapped: bool = False) -> None:
        self.graph = graph = replace(graph, constants=Weights(graph.constants))
        self.plan = compile_plan(graph, threads=threads, mapped=mapped)
        self.mixes_samples = graph.mixes_samples
        shaped = self.mixes_samples or has_free_axes(graph)
        self._run = ShapedPlans(graph, self.plan, threads).run if shaped else self.plan.run
        self.name = graph.name
        self.inputs = _infos(graph, graph.input_names, graph.inputs)
        self.outputs = _infos(graph, graph.output_names, graph.outputs)
        self.loading: tuple[LayerWeights, ...] = ()
        self._aliased = aliased_outputs(graph)
        self.batch_size = graph.batch_size if graph.states else None
        self._states: States | None = None
        if self.batch_size is not None:
            self._states = States([graph.specs[state.input] for state in graph.states], self.batch_size)
        direct = graph.output_structure == 0 and not self._aliased and self._states is None
        self._call = self.plan.call if direct else None
        self.call_straight(self.plan.program if direct else None)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        weights: str | os.PathLike[str] | None = None,
        by_name: bool = False,
        skip_mismatch: bool = False,
        dtype: str | None = None,
        threads: int | None = None,
    ) -> Model:
        """Reads `path` and compiles it for this machine.

        Args:
            path: a Keras `.h5` or `.keras` file (or one unpacked), a bundle written by `kmin extract`, or with
                `weights` an architecture as JSON; the content decides what it is, not the extension.
            weights: a file with the weights, instead of those in `path`: `.h5`, `.weights.h5`, `.weights.json` with
                its shards beside it, or `.keras`.
            by_name: match weights and layers by name instead of in order; only for legacy `.h5` files.
            skip_mismatch: leave out the weights that do not fit. A layer that goes without must be one that Keras
                starts with fixed values (zeros, ones, a constant) and keeps those; any other makes the model
                unsupported, because it would predict at random. `loading` tells what became of each layer.
            dtype: `float64` runs the whole model in double precision, whatever the file says.
            threads: most threads that the compiled kernels use for one call; None takes the environment variable
                KMIN_NUM_THREADS, or else OMP_NUM_THREADS, or else as many as this process has cores. The result does
                not depend on it.

        Raises:
            KminError: the file cannot be read (FormatError) or run (UnsupportedError).
        """
        from kmin.graph.passes import simplify

        rows: list[LayerWeights] = []
        if weights is not None or by_name or skip_mismatch:
            from kmin.formats.source import Source

            path = Source(path, weights, by_name, skip_mismatch, rows.extend)
        graph, facts = read_graph(path)
        if dtype is not None:  # before weights are folded, so that what is folded is rounded to this dtype only
            from kmin.graph.precision import with_precision

            graph = with_precision(graph, dtype)
        graph = simplify(graph)
        model = cls(graph, threads, mapped=facts is not None and facts.container == "bundle")
        model.loading = tuple(rows)
        return model

    def call_checked(self, x: Any) -> Any:
        """Predictions for the whole of `x` in one go, as by `model(x)`; see `predict` for what `x` may be.

        Raises:
            InputError: `x` does not fit; for a stateful model, it has any other number of rows than `batch_size`.
        """
        arrays = self.bind(x)
        rows = len(arrays[0])
        if self.batch_size is not None and rows not in (0, self.batch_size):
            raise InputError(
                f"a call needs {self.batch_size} rows, because the model is stateful and its input layers fix that "
                f"batch size; received {rows}; `predict` takes multiples of it"
            )
        return self._pack(self.run_arrays(arrays))

    def predict(self, x: Any, batch_size: int | None = None) -> Any:
        """Predictions for every row of `x`.

        Args:
            x: an array (or nested lists of numbers) for one input; a list in input order or a dict by
                input name for several. Axis 0 is the batch.
            batch_size: rows computed at a time; None chooses by memory. The result does not depend on it
                beyond rounding. A stateful model computes its own `batch_size` rows at a time, its states running on
                from each batch to the next and from call to call, as in Keras. A model that mixes samples
                computes all rows at once for None, as Keras' `model(x)` does; Keras' own `predict` then takes 32.

        Returns:
            One array for one output, otherwise the structure of the Keras model (list or dict).

        Raises:
            InputError: names, number, rank, size or dtype of `x` do not fit, or batch_size is not positive; for a
                stateful model, the rows do not fill whole batches, or batch_size is not its own.
        """
        if batch_size is None and self._call is not None and (result := self._call(x)) is not None:
            return result
        arrays = self.bind(x)
        if self.mixes_samples and self._states is None:
            return self._pack(run_mixed(self._run, arrays, batch_size))
        step = self.chunk_rows(arrays, batch_size)
        return self._pack(run_rows(self._run, arrays, step) if self._states is None else self.run_arrays(arrays))

    def reset_states(self) -> None:
        """Sets the states of a stateful model to zeros, as when it was loaded; does nothing to any other model."""
        if self._states is not None:
            self._states.reset()

    def run_arrays(self, arrays: list[Array]) -> list[Array]:
        """Flat outputs for all rows of bound arrays in one go, or batch after batch for a stateful model.

        Raises:
            InputError: the rows do not fill whole batches of a stateful model.
        """
        if self._states is not None:
            return self._states.run(self.plan.run, arrays)
        if self.mixes_samples:
            return run_mixed(self._run, arrays, None)
        return run_rows(self._run, arrays, max(1, len(arrays[0])))

    def check_rows(self, rows: int) -> None:
        """Refuses a number of rows that a stateful model cannot cut into batches.

        Raises:
            InputError: that it is so.
        """
        if self._states is not None:
            self._states.check_rows(rows)

    def chunk_rows(self, arrays: list[Array], batch_size: int | None = None) -> int:
        """How many rows to compute at a time: `batch_size`, or by memory for None; whole batches of a stateful model,
        and all rows of one that mixes samples.

        Raises:
            InputError: batch_size is not positive, or not that of a stateful model.
        """
        sizes = sorted(_row_bytes(spec, arrays) for spec in self.graph.specs.values())
        rows = int(max(1, min(1 << 20, CHUNK_BYTES // max(1, sum(sizes[-2:])))))
        if self._states is not None:
            fixed = self._states.checked_batch_size(batch_size)
            return max(fixed, rows // fixed * fixed)
        return checked_batch_size(batch_size, max(1, len(arrays[0])) if self.mixes_samples else rows)

    def bind(self, x: Any) -> list[Array]:
        """`x` as one checked array per input, in order and in the input's dtype."""
        return bind_inputs(x, self.inputs, same_rows=not self.mixes_samples)

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
    size = item_bytes(spec.dtype)
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
        yield model.run_arrays(arrays)
