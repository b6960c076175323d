"""bench: how long engines take for the same model, each in its own process, checked before it is timed."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from kmin.difference import Difference, default_tolerance
from kmin.engines import ENGINES, choose_engines
from kmin.engines.kmin import has_compiled_kernels
from kmin.engines.process import EngineProcess
from kmin.engines.session import Opening, by_place
from kmin.engines.subject import PIECE_BYTES, Subject, read_subject, whole_rows
from kmin.errors import DependencyError, EngineError
from kmin.ops.tensor import Array
from kmin.random_inputs import draw_chunks, recipes_of

ROUNDS = 5
CHECK_ROWS = 64
HELD_BYTES = 512 << 20
Progress = Callable[[int, int], None]


@dataclass
class Timing:
    """What one engine took; times in seconds.

    Attributes:
        engine: key of ENGINES.
        version: of the runtime.
        kernels: what computes.
        import_seconds, load_seconds: importing the runtime; loading the model.
        first_seconds: the first prediction of one sample, which may compile things.
        scaled_error: largest error against the reference as a share of the output's magnitude; None for the reference.
        batch_seconds: all samples together, once per round.
        single_seconds, single_counts: mean seconds per call of blocks of single predictions, and the blocks' calls.
        peak_bytes: most physical memory the process had, its samples included.
    """

    engine: str
    version: str = ""
    kernels: str = ""
    import_seconds: float = 0.0
    load_seconds: float = 0.0
    first_seconds: float = 0.0
    scaled_error: float | None = None
    batch_seconds: list[float] = field(default_factory=list)
    single_seconds: list[float] = field(default_factory=list)
    single_counts: list[int] = field(default_factory=list)
    peak_bytes: int | None = None

    @property
    def singles(self) -> int:
        """How many single predictions were timed."""
        return sum(self.single_counts)

    @property
    def batch_min(self) -> float:
        return min(self.batch_seconds)

    @property
    def batch_median(self) -> float:
        return statistics.median(self.batch_seconds)

    @property
    def single_min(self) -> float:
        return min(self.single_seconds)

    @property
    def single_median(self) -> float:
        return statistics.median(self.single_seconds)


@dataclass(frozen=True)
class Benchmark:
    """What `bench` measured.

    Attributes:
        samples: rows of the batch that every engine was timed with.
        requested: rows that were asked for; memory or the time budget may allow fewer.
        single_rows: rows of a single prediction: 1, or the batch size that a stateful model insists on.
        rounds: interleaved rounds.
        threads: threads asked for, None when left to each runtime.
        reference: the engine that the others were checked against.
        timings: one per engine.
        skipped: engines of a family asked for that this installation cannot offer.
    """

    samples: int
    requested: int
    rounds: int
    threads: int | None
    reference: str
    timings: tuple[Timing, ...]
    skipped: tuple[str, ...] = ()
    single_rows: int = 1

    def baseline(self) -> Timing | None:
        """The timing that ratios refer to: keras-predict, None when it was not run."""
        return next((timing for timing in self.timings if timing.engine == "keras-predict"), None)

    def rows(self) -> list[dict[str, Any]]:
        """One flat row of plain values per engine, under stable keys; ratios are times faster than keras-predict."""
        base = self.baseline()
        return [
            {
                "engine": timing.engine,
                "version": timing.version,
                "kernels": timing.kernels,
                "batch_samples": self.samples,
                "batch_min_s": timing.batch_min,
                "batch_median_s": timing.batch_median,
                "batch_speedup": base.batch_min / timing.batch_min if base is not None else None,
                "singles": timing.singles,
                "single_min_s": timing.single_min,
                "single_median_s": timing.single_median,
                "single_speedup": base.single_min / timing.single_min if base is not None else None,
                "import_s": timing.import_seconds,
                "load_s": timing.load_seconds,
                "first_s": timing.first_seconds,
                "peak_bytes": timing.peak_bytes,
                "scaled_error": timing.scaled_error,
            }
            for timing in self.timings
        ]


def bench(
    path: str | os.PathLike[str],
    *,
    samples: int = 10_000,
    engines: Sequence[str] = ("keras", "kmin"),
    threads: int | None = None,
    budget: float = 10.0,
    seed: int = 0,
    trust: bool = False,
    progress: Progress | None = None,
) -> Benchmark:
    """Times engines on the same random samples, one engine after the other in each of a few rounds.

    A stateful model is timed in batches of its own size, a single prediction being one of them, and begins every timing
    with fresh states.

    Args:
        path: a Keras file, or a bundle for kmin's own engines.
        samples: rows of the batch, and single predictions per engine; fewer when the slowest engine would need more
            than the budget for them, or when they would not fit in 512 MB.
        engines: names or families of ENGINES. The first reference among them, else the first, is what the others must
            agree with before anything is timed.
        threads: for every engine; None leaves it to each runtime.
        budget: seconds that an engine may spend on the batches, and again on the single predictions.
        seed: of the samples.
        trust: hand the file to Keras whatever the audit finds in it.
        progress: called with rounds done and rounds in all.

    Raises:
        DependencyError: a runtime is not installed.
        EngineError: an engine cannot open the file, or its predictions differ.
        KminError: kmin cannot read or run the file, or the audit finds something.
    """
    names = choose_engines(engines)
    subject = read_subject(path)
    skipped = [name for name in names if name not in engines and not _offered(name, subject)]
    names = [name for name in names if name not in skipped]
    for name in names:
        subject.allow(name, trust)
    recipes = recipes_of(subject.model, subject.graph)
    row_bytes = sum(array.nbytes for array in next(draw_chunks(recipes, 1, 1, seed)))
    held = whole_rows(min(samples, HELD_BYTES // max(1, row_bytes)), subject.unit_rows)
    (data,) = draw_chunks(recipes, held, held, seed)
    timings = [Timing(name) for name in names]
    reference = next((name for name in names if ENGINES[name].reference), names[0])
    with ExitStack() as stack:
        processes = [stack.enter_context(EngineProcess(name, threads)) for name in names]
        opening = subject.opening(_piece_rows(subject, data), threads)
        for process, timing in zip(processes, timings, strict=True):
            _open(process, opening)
            timing.version, timing.kernels = process.version, process.kernels
            timing.import_seconds, timing.load_seconds = process.import_seconds, process.load_seconds
        _check(subject, processes, timings, reference, data)
        unit = subject.unit_rows
        count = min(_affordable(process, data, budget / ROUNDS, unit) for process in processes)
        data = [array[:count] for array in data]
        for process in processes:
            process.ask({"do": "hold", "singles": count // unit, "rows": unit}, data)
        if progress is not None:
            progress(0, ROUNDS)
        for position in range(ROUNDS):
            for process, timing in zip(processes, timings, strict=True):
                _time_round(process, timing, position, count // unit, budget)
            if progress is not None:
                progress(position + 1, ROUNDS)
        for process, timing in zip(processes, timings, strict=True):
            timing.peak_bytes = process.ask({"do": "memory"})[0]["peak_bytes"]
    return Benchmark(count, samples, ROUNDS, threads, reference, tuple(timings), tuple(skipped), unit)


def _open(process: EngineProcess, opening: Opening) -> None:
    try:
        process.open(opening)
    except DependencyError as error:
        raise DependencyError(f"{error}; or time kmin alone with --engines kmin") from None


def _offered(engine: str, subject: Subject) -> bool:
    """Whether kmin has the kernels that the engine stands for."""
    return engine != "kmin-native" or has_compiled_kernels(subject.model)


def _check(
    subject: Subject, processes: list[EngineProcess], timings: list[Timing], reference: str, data: list[Array]
) -> None:
    """Compares all engines on a few rows.

    Raises:
        EngineError: an engine's predictions differ from the reference's.
    """
    unit = subject.unit_rows
    rows = [array[: whole_rows(CHECK_ROWS, unit)] for array in data]
    tolerance = default_tolerance({spec.dtype for spec in subject.graph.specs.values()})
    results: dict[str, dict[str, Array]] = {}
    for process, timing in zip(processes, timings, strict=True):
        reply, _ = process.ask({"do": "predict", "how": "single"}, [array[:unit] for array in data])
        timing.first_seconds = reply["seconds"]
        process.ask({"do": "reset"})
        results[process.name] = process.predict(rows)
    places = list(by_place(subject.model.graph.output_structure))
    expected = results[reference]
    for timing in timings:
        if timing.engine == reference:
            continue
        found = results[timing.engine]
        if len(found) == len(expected) == 1:
            found = dict.fromkeys(expected, next(iter(found.values())))
        if set(found) != set(expected):
            raise EngineError(f"{timing.engine} returned outputs {', '.join(found)}, {reference} {', '.join(expected)}")
        timing.scaled_error = 0.0
        for place in expected:
            difference = Difference()
            if found[place].shape != expected[place].shape:
                raise EngineError(
                    f"{timing.engine} returned shape {found[place].shape}, {reference} {expected[place].shape}"
                )
            difference.add(found[place], expected[place])
            timing.scaled_error = max(timing.scaled_error, difference.scaled)
        if not timing.scaled_error <= tolerance:
            where = f" ({len(places)} outputs)" if len(places) > 1 else ""
            raise EngineError(
                f"not timed, because {timing.engine} and {reference} disagree{where}: the largest error is "
                f"{timing.scaled_error:.2g} of the output's magnitude, {tolerance:g} is allowed; see kmin verify"
            )


def _affordable(process: EngineProcess, data: list[Array], seconds: float, unit: int) -> int:
    """How many rows, a multiple of `unit`, the engine predicts in so many seconds, judged by growing pieces.

    Small pieces are no measure of large ones (Keras traces every new shape), so only a piece that takes too long is.
    """
    total = len(data[0])
    rows = min(whole_rows(CHECK_ROWS, unit), total)
    while True:
        reply, _ = process.ask({"do": "predict", "how": "batch"}, [array[:rows] for array in data])
        if rows == total and reply["seconds"] <= seconds:
            return total
        if reply["seconds"] > seconds:
            return whole_rows(int(rows * seconds / reply["seconds"]), unit)
        rows = min(total, 4 * rows)


def _time_round(process: EngineProcess, timing: Timing, position: int, count: int, budget: float) -> None:
    timing.batch_seconds.append(process.ask({"do": "time_batch"})[0]["seconds"])
    start, stop = count * position // ROUNDS, max(1, count * (position + 1) // ROUNDS)
    start = min(start, stop - 1)
    request = {"do": "time_singles", "start": start, "stop": stop, "budget": budget / ROUNDS}
    _, (seconds, counts) = process.ask(request)
    timing.single_seconds += [float(value) for value in seconds]
    timing.single_counts += [int(value) for value in counts]


def _piece_rows(subject: Subject, data: list[Array]) -> int:
    """Rows whose tensors together stay within PIECE_BYTES, for engines that would compute all rows in one piece."""
    if subject.model.mixes_samples:
        return subject.unit_rows
    rows = subject.model.chunk_rows([array[:1] for array in data])
    return max(1, rows * (PIECE_BYTES // (64 << 20)))
