"""time_steps: where a prediction's time goes, step by step of kmin's own plan."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from kmin.engines.subject import read_subject
from kmin.errors import InputError
from kmin.plan.compile import compile_plan
from kmin.plan.shaped import has_free_axes, sized
from kmin.random_inputs import draw_chunks, recipes_of

MOST_REPEATS, LEAST_REPEATS = 1000, 5


@dataclass(frozen=True)
class StepTime:
    """One step: the layers it computes, what runs it, the least time it took, in seconds, and its share of all."""

    layer: str
    kernel: str
    seconds: float
    share: float


def time_steps(
    path: str | os.PathLike[str], *, rows: int = 1, threads: int | None = None, budget: float = 2.0, seed: int = 0
) -> tuple[StepTime, ...]:
    """Times every step of the model's plan on `rows` random samples.

    Args:
        path: a Keras file or a bundle.
        rows: samples of a prediction.
        threads: most threads that native steps run on; None takes KMIN_NUM_THREADS, OMP_NUM_THREADS or all cores.
        budget: seconds that the timing takes, about; every step runs at least five times.
        seed: of the samples.

    Raises:
        InputError: the model is stateful: what its steps read depends on the calls before.
        KminError: kmin cannot read or run the file.
    """
    subject = read_subject(path)
    if subject.model.batch_size is not None:
        raise InputError("the steps of a stateful model are not timed: what they read depends on the calls before")
    (arrays,) = draw_chunks(recipes_of(subject.model, subject.graph), rows, rows, seed)
    graph = subject.model.graph
    if has_free_axes(graph):
        graph = sized(graph, arrays)
    plan = compile_plan(graph, threads=threads)
    begin = time.perf_counter()
    plan.run(arrays)
    once = time.perf_counter() - begin
    repeats = int(min(max(budget / max(once, 1e-9), LEAST_REPEATS), MOST_REPEATS))
    found = plan.step_times(arrays, repeats)
    total = sum(seconds for _, _, seconds in found) or 1.0
    return tuple(StepTime(layer, kernel, seconds, seconds / total) for layer, kernel, seconds in found)
