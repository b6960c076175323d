"""verify: whether kmin answers like real Keras, on random or given samples."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from kmin.arrays import Rows, cut_chunks, read_inputs, rows_of_chunk
from kmin.difference import Difference, default_tolerance
from kmin.engines.process import EngineProcess
from kmin.engines.session import by_place
from kmin.engines.subject import Subject, read_subject, whole_rows
from kmin.errors import EngineError, InputError
from kmin.graph.states import zero_states
from kmin.model import Model
from kmin.ops.tensor import Array
from kmin.plan.compile import compile_plan
from kmin.random_inputs import draw_chunks, recipes_of

REFERENCE = "keras-call"
LAYER_SAMPLES = 8
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class OutputCheck:
    """One output, or one layer, compared.

    Attributes:
        name: the output's name or the layer's path.
        difference: the figures.
        passed: whether the largest scaled error is within the tolerance.
    """

    name: str
    difference: Difference
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values under stable keys."""
        figures = self.difference
        return {
            "name": self.name,
            "mae": figures.mae,
            "mse": figures.mse,
            "max_error": figures.largest,
            "scaled_error": figures.scaled,
            "same_argmax": figures.argmax_share,
            "passed": self.passed,
        }


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Attributes:
        samples: rows compared.
        reference: name and version of what kmin was compared with.
        tolerance: largest error accepted, as a share of the output's magnitude.
        outputs: one check per output.
        layers: one check per layer, in order of computation, when asked for.
    """

    samples: int
    reference: str
    tolerance: float
    outputs: tuple[OutputCheck, ...]
    layers: tuple[OutputCheck, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every output is within the tolerance."""
        return all(check.passed for check in self.outputs)

    @property
    def first_bad_layer(self) -> str | None:
        """Path of the first layer whose result differs, None when none does."""
        return next((check.name for check in self.layers if not check.passed), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values under stable keys."""
        return {
            "passed": self.passed,
            "samples": self.samples,
            "reference": self.reference,
            "tolerance": self.tolerance,
            "outputs": [check.as_dict() for check in self.outputs],
            "layers": [check.as_dict() for check in self.layers],
            "first_bad_layer": self.first_bad_layer,
        }


def verify(
    path: str | os.PathLike[str],
    *,
    samples: int = 10_000,
    inputs: Sequence[Rows] | None = None,
    sources: Sequence[str] = (),
    seed: int = 0,
    batch_size: int | None = None,
    tolerance: float | None = None,
    layers: bool = False,
    trust: bool = False,
    progress: Progress | None = None,
) -> Verification:
    """Compares kmin with the Keras that the file was written for.

    Args:
        path: a Keras file.
        samples: how many random samples to draw, cut to whole batches of a stateful model; ignored when `inputs` are
            given.
        inputs: real inputs, one array per input of the model, mapped into memory or not.
        sources: files with real inputs, see `kmin.arrays.read_inputs`; instead of `inputs`.
        seed: of the random samples.
        batch_size: rows compared at a time; None chooses by memory.
        tolerance: largest error accepted, as a share of the output's magnitude; None: 1e-5, or 2e-2 for models
            that compute in half precision.
        layers: compare every layer's result too, on the first few samples.
        trust: hand the file to Keras whatever the audit finds in it.
        progress: called with rows done and rows in all.

    Raises:
        DependencyError: Keras is not installed.
        EngineError: Keras cannot open the file.
        KminError: kmin cannot read or run it, the audit finds something, or the inputs do not fit.
    """
    subject = read_subject(path)
    subject.allow(REFERENCE, trust)
    if sources:
        inputs = read_inputs(subject.model, sources)
    chunks, total, rows = _chunks(subject, inputs, samples, seed, batch_size)
    if tolerance is None:
        tolerance = default_tolerance({spec.dtype for spec in subject.graph.specs.values()})
    with EngineProcess(REFERENCE) as reference:
        reference.open(subject.opening(rows))
        first = next(chunks)
        if progress is not None:
            progress(0, total)
        checks: tuple[OutputCheck, ...] = ()
        if layers:
            few = subject.model.batch_size if subject.model.batch_size is not None else LAYER_SAMPLES
            checks = compare_layers(subject, reference, [array[:few] for array in first], tolerance)
            reference.ask({"do": "reset"})
        differences = [Difference() for _ in subject.model.outputs]
        done = 0
        for arrays in _with_first(first, chunks):
            reference.send_predict(arrays)
            ours = subject.model.run_arrays(arrays)
            theirs = in_order(subject.model, reference.receive_predictions())
            for info, difference, one, other in zip(subject.model.outputs, differences, ours, theirs, strict=True):
                _add(difference, one, other, f"output '{info.name}'")
            done += len(arrays[0])
            if progress is not None:
                progress(done, total)
        version = reference.version
    outputs = tuple(
        OutputCheck(info.name, difference, difference.scaled <= tolerance)
        for info, difference in zip(subject.model.outputs, differences, strict=True)
    )
    return Verification(total, version, tolerance, outputs, checks)


def compare_layers(
    subject: Subject, reference: EngineProcess, arrays: list[Array], tolerance: float
) -> tuple[OutputCheck, ...]:
    """A check per layer that both sides have, in kmin's order of computation."""
    theirs = reference.layers(arrays)
    graph = subject.graph
    known = {path: tensors for path, tensors in graph.layers.items() if path in theirs}
    flat = tuple(tensor for tensors in known.values() for tensor in tensors)
    plan = compile_plan(replace(graph, outputs=flat), "numpy" if graph.mixes_samples else None)
    ours = iter(plan.run([*arrays, *zero_states([graph.specs[s.input] for s in graph.states], len(arrays[0]))]))
    checks = []
    for path, tensors in known.items():
        results = list(islice(ours, len(tensors)))
        difference = Difference()
        for result, expected in zip(results, theirs[path], strict=False):
            _add(difference, result, expected, f"layer '{path}'")
        checks.append(OutputCheck(path, difference, difference.scaled <= tolerance))
    return tuple(checks)


def in_order(model: Model, by_place_in_result: dict[str, Array]) -> list[Array]:
    """Another engine's results in the order of the model's outputs.

    Raises:
        EngineError: it returned other outputs than the model has.
    """
    places = by_place(model.graph.output_structure)
    if len(places) == 1 and len(by_place_in_result) == 1:
        return list(by_place_in_result.values())
    if set(places) != set(by_place_in_result):
        raise EngineError(f"the reference returned outputs {', '.join(by_place_in_result)}, kmin {', '.join(places)}")
    ordered = sorted(places, key=lambda place: int(places[place]))
    return [by_place_in_result[place] for place in ordered]


def _add(difference: Difference, result: Array, expected: Array, where: str) -> None:
    try:
        difference.add(*(array.reshape(array.shape or (1,)) for array in (result, expected)))
    except ValueError:
        raise EngineError(f"{where}: kmin returns shape {result.shape}, the reference {expected.shape}") from None


def _chunks(
    subject: Subject, inputs: Sequence[Rows] | None, samples: int, seed: int, batch_size: int | None
) -> tuple[Iterator[list[Array]], int, int]:
    """Pieces of the samples, their number of rows in all, and the rows of a piece."""
    model = subject.model
    if inputs is not None:
        total = len(inputs[0])
        if total == 0:
            raise InputError("verify needs at least one sample; received inputs without rows")
        model.check_rows(total)
        rows = min(total, rows_of_chunk(model, inputs, batch_size))
        return cut_chunks(model, inputs, rows), total, rows
    recipes = recipes_of(model, subject.graph)
    one = next(draw_chunks(recipes, 1, 1, seed))
    samples = whole_rows(samples, subject.unit_rows)
    wanted = subject.unit_rows if model.mixes_samples and batch_size is None else batch_size
    rows = min(samples, model.chunk_rows(one, wanted))
    return draw_chunks(recipes, samples, rows, seed), samples, rows


def _with_first(first: list[Array], rest: Iterator[list[Array]]) -> Iterator[list[Array]]:
    yield first
    yield from rest
