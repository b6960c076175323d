"""compare: one row of the table, every engine in its own process, all alive together, measured in turns."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engines import ENGINES, file_of
from benchmarks.prepare import bundle_of, read_facts
from benchmarks.results import Row, Timing, thinned
from kmin.difference import Difference
from kmin.engines.process import EngineProcess
from kmin.engines.session import Opening
from kmin.errors import DependencyError, EngineError

ROOT = Path(__file__).resolve().parents[1]
# Another Python brings its own packages; this project comes last, so that an installed kmin goes before it.
START = (
    "import sys; sys.path[:] = [*sys.path[1:], sys.argv[1]]; "
    "from benchmarks.worker import BurstWorker, main; main(BurstWorker())"
)
ROUNDS, LEAST_ROUNDS = 12, 3
PAUSE = 0.01  # seconds between two engines
TOLERANCE = 1e-4
MOST_TIMES = 400


def compare(
    folder: Path,
    model: str,
    batch: int,
    threads: int,
    engines: Sequence[str],
    pythons: Mapping[str, str],
    seconds: float,
) -> Row:
    """Times `engines` on one model; an engine that cannot run it, or answers wrongly, gets a reason instead of times.

    Args:
        folder: where `prepare` put the files.
        model: key of MODELS.
        batch: rows of a call.
        threads: of every engine.
        engines: keys of ENGINES.
        pythons: family of engines -> Python that has it; this one where it is not named.
        seconds: that every engine is timed for.
    """
    facts = read_facts(folder, model, batch)
    with np.load(folder / model / f"reference_{batch}.npz") as arrays:
        x, expected = arrays["x"], arrays["y"]
    timings = [Timing(name) for name in engines]
    with ExitStack() as stack:
        running: list[tuple[Timing, EngineProcess, float]] = []
        for timing in timings:
            try:
                opening = opening_of(timing.engine, folder / model, batch, threads, facts)
                process = stack.enter_context(start_engine(timing.engine, threads, pythons))
            except (EngineError, OSError) as error:
                timing.reason = str(error)
                continue
            try:
                call = check(process, timing, opening, x, expected)
            except (DependencyError, EngineError) as error:
                timing.reason = str(error)
                process.close()
            else:
                running.append((timing, process, call))
        take_turns([(call, burster(process, timing, call)) for timing, process, call in running], seconds)
        for timing, process, _ in running:
            timing.peak = process.ask({"do": "memory"})[0]["peak_bytes"]
            timing.times = thinned(timing.times, MOST_TIMES)
    return Row(model, batch, threads, timings)


def start_engine(name: str, threads: int, pythons: Mapping[str, str]) -> EngineProcess:
    """A process that can run the engine."""
    runtime = ENGINES[name]
    command = [pythons.get(runtime.family, sys.executable), "-c", START, str(ROOT)]
    return EngineProcess(name, threads, runtime.engine, command)


def opening_of(name: str, place: Path, batch: int, threads: int, facts: Mapping[str, Any]) -> Opening:
    """What the engine is told in order to open its file."""
    path = file_of(name, place, batch, facts["failed"])
    if path.suffix == ".npz":
        path = bundle_of(path.with_suffix(".h5"))
    return Opening(str(path), "", 3, path.suffix[1:], tuple(facts["inputs"]), max(1, batch), threads)


def check(process: EngineProcess, timing: Timing, opening: Opening, x: Any, expected: Any) -> float:
    """Opens the model, compares a prediction with that of Keras, and hands over the input of the timed calls.

    Returns:
        Seconds that a second prediction took.

    Raises:
        KminError: the engine cannot open or run the model, or its answer differs.
    """
    process.open(opening)
    timing.version, timing.kernels, timing.load = process.version, process.kernels, process.load_seconds
    reply, results = process.ask({"do": "predict", "how": "single"}, [x])
    timing.first = reply["seconds"]
    (found,) = results
    difference = Difference()
    try:
        difference.add(found[: len(expected)], expected)
    except ValueError as error:
        raise EngineError(f"differs from Keras: {error}") from None
    timing.error = difference.scaled
    if not timing.error <= TOLERANCE:
        raise EngineError(f"differs from Keras by {timing.error:.2g} of the output's size; {TOLERANCE:g} is allowed")
    process.ask({"do": "give"}, [x])
    return float(process.ask({"do": "predict", "how": "single"}, [x])[0]["seconds"])


def burster(process: EngineProcess, timing: Timing, call: float) -> Callable[[float], None]:
    """A function that lets the engine predict for so many seconds and notes the times."""

    def burst(seconds: float) -> None:
        _, (times,) = process.ask({"do": "burst", "seconds": seconds, "warm": call < seconds})
        timing.times += [float(value) for value in times]

    return burst


def take_turns(
    engines: Sequence[tuple[float, Callable[[float], None]]],
    seconds: float,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Lets engines run in turns, a short while each, so that whatever disturbs the machine hits all alike.

    Args:
        engines: seconds that one call takes, and what runs the engine for a given time.
        seconds: for every engine altogether; slow ones get fewer turns, but at least LEAST_ROUNDS calls.
        pause: sleeps between two turns.
    """
    slowest = max((call for call, _ in engines), default=0.0)
    rounds = max(LEAST_ROUNDS, min(ROUNDS, int(seconds / max(slowest, 1e-9))))
    for turn in range(rounds):
        for position in range(len(engines)):
            _, burst = engines[(position + turn) % len(engines)]
            pause(PAUSE)
            burst(seconds / rounds)
