"""limits: what single rows do not show: call overhead, a busy machine, Python threads on one model, cold starts."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare import ROOT, burster, check, opening_of, start_engine, take_turns
from benchmarks.kernels import timed
from benchmarks.models import SAMPLES
from benchmarks.prepare import read_facts
from benchmarks.results import Timing
from benchmarks.table import OURS, grid, milliseconds
from kmin.model import Model

BUSY = "while True: pass"
START_UP = """
import sys, time
begin = time.perf_counter()
sys.path[:] = [*sys.path[1:], sys.argv[1]]
import numpy
with numpy.load(sys.argv[3]) as arrays:
    x = arrays["x"]
before = time.perf_counter()
import kmin
model = kmin.load(sys.argv[2])
loaded = time.perf_counter()
model(x)
done = time.perf_counter()
import json
print(json.dumps([before - begin, loaded - before, done - loaded]))
"""


def call_overhead(seconds: float) -> str:
    """One call of the sample MLP with 551 parameters."""
    model = Model.load(SAMPLES / "diabetes_mlp" / "model.h5")
    with np.load(SAMPLES / "diabetes_mlp" / "input.npz") as arrays:
        (x,) = arrays.values()
    times = timed(model, x[:1], seconds)
    return (
        f"one call of MLP 10-10-20-10-1: median {statistics.median(times) * 1e9:.0f} ns, min {min(times) * 1e9:.0f} ns"
    )


def busy_machine(folder: Path, models: Sequence[str], seconds: float, pythons: Mapping[str, str] | None = None) -> str:
    """Medians on one and on two threads, in turns, while another process keeps one core busy."""
    body = []
    for model in models:
        quiet, busy = (_one_and_two(folder, model, seconds, pythons or {}, others) for others in (0, 1))
        body.append([model, *(milliseconds(value) for value in (*quiet, *busy)), f"{busy[0] / busy[1]:.2f}"])
    head = ["milliseconds", "1 thread", "2 threads", "1 thread, busy", "2 threads, busy", "gain when busy"]
    return "\n".join(grid(head, body))


def _one_and_two(
    folder: Path, model: str, seconds: float, pythons: Mapping[str, str], others: int
) -> tuple[float, float]:
    facts = read_facts(folder, model, 1)
    with np.load(folder / model / "reference_1.npz") as arrays:
        x, expected = arrays["x"], arrays["y"]
    timings = [Timing(OURS), Timing(OURS)]
    with ExitStack() as stack:
        turns = []
        for threads, timing in enumerate(timings, 1):
            process = stack.enter_context(start_engine(OURS, threads, pythons))
            call = check(process, timing, opening_of(OURS, folder / model, 1, threads, facts), x, expected)
            turns.append((call, burster(process, timing, call)))
        for _ in range(others):
            stack.enter_context(busy_process())
        take_turns(turns, seconds)
    return timings[0].median, timings[1].median


@contextmanager
def busy_process() -> Iterator[subprocess.Popen[bytes]]:
    """Keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def python_threads(folder: Path, models: Sequence[str], seconds: float) -> str:
    """Predictions per second of one Python thread and of two on the same model, which uses one thread per call."""
    body = []
    for name in models:
        model = Model.load(folder / name / "model.h5", threads=1)
        with np.load(folder / name / "reference_1.npz") as arrays:
            x = arrays["x"]
        model(x)
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(5):
            for count, found in rates.items():
                found.append(throughput(partial(model, x), count, seconds / 10))
        one, two = statistics.median(rates[1]), statistics.median(rates[2])
        body.append([name, f"{one:.4g}", f"{two:.4g}", f"{two / one:.2f}"])
    return "\n".join(grid(["calls per second", "1 Python thread", "2 Python threads", "gain"], body))


def throughput(call: Callable[[], Any], count: int, seconds: float) -> float:
    """Calls per second of `count` Python threads together."""
    done = [0] * count
    gate = threading.Barrier(count + 1)
    stop = threading.Event()

    def work(place: int) -> None:
        gate.wait()
        calls = 0
        while not stop.is_set():
            call()
            calls += 1
        done[place] = calls

    workers = [threading.Thread(target=work, args=(place,)) for place in range(count)]
    for worker in workers:
        worker.start()
    gate.wait()
    before = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for worker in workers:
        worker.join()
    return sum(done) / (time.perf_counter() - before)


def cold_start(folder: Path, model: str, files: Sequence[str], rounds: int = 5) -> str:
    """Fresh processes: importing NumPy, `import kmin` and loading, the first prediction."""
    body = []
    for file in files:
        command = [sys.executable, "-c", START_UP, str(ROOT), str(folder / model / file)]
        command.append(str(folder / model / "reference_1.npz"))
        runs = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(rounds)]
        numpy_seconds, load, first = (statistics.median(column) for column in zip(*runs, strict=True))
        body.append([f"{model}/{file}", *(f"{value:.3f} s" for value in (numpy_seconds, load, first, load + first))])
    return "\n".join(grid(["cold start", "import numpy", "import kmin, load", "first call", "both"], body))
