"""Row and Timing: what was measured, and the arithmetic of medians, ratios and means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Timing:
    """What one engine took for one row; seconds and bytes.

    Attributes:
        engine: key of ENGINES.
        reason: why it was not run, else empty.
        version, kernels: of the runtime.
        load: loading the model, without importing the runtime.
        first: the first prediction.
        error: the largest difference from Keras as a share of the output's magnitude.
        times: seconds per call.
        peak: the most physical memory of its process.
    """

    engine: str
    reason: str = ""
    version: str = ""
    kernels: str = ""
    load: float | None = None
    first: float | None = None
    error: float | None = None
    times: list[float] = field(default_factory=list)
    peak: int | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        return min(self.times)


@dataclass
class Row:
    """One model with one batch size and one number of threads.

    Attributes:
        model: key of MODELS.
        batch, threads: rows of a call; threads of every engine.
        timings: one per engine.
    """

    model: str
    batch: int
    threads: int
    timings: list[Timing]

    def find(self, engine: str) -> Timing | None:
        """The timing of an engine that was run."""
        return next((timing for timing in self.timings if timing.engine == engine and timing.times), None)

    def best(self, engines: Iterable[str]) -> Timing | None:
        """The one with the smallest median among `engines`, None when none of them was run."""
        found = [timing for name in engines if (timing := self.find(name)) is not None]
        return min(found, key=lambda timing: timing.median, default=None)

    def ratio(self, engine: str, peers: Iterable[str]) -> float | None:
        """Median of the best peer / median of `engine`: above 1 where `engine` is faster than all of them."""
        own, best = self.find(engine), self.best(peers)
        return best.median / own.median if own is not None and best is not None else None

    def as_dict(self) -> dict[str, Any]:
        """Plain values under stable keys; the single times as `times`."""
        timings = [
            {**asdict(timing), "median": timing.median, "min": timing.least} if timing.times else asdict(timing)
            for timing in self.timings
        ]
        return {"model": self.model, "batch": self.batch, "threads": self.threads, "timings": timings}


def row_from(values: dict[str, Any]) -> Row:
    """The Row that `as_dict` turned into plain values."""
    timings = [
        Timing(**{key: value for key, value in timing.items() if key not in ("median", "min")})
        for timing in values["timings"]
    ]
    return Row(values["model"], values["batch"], values["threads"], timings)


def geometric_mean(values: Sequence[float]) -> float | None:
    """The n-th root of the product; None of no values."""
    return math.exp(statistics.fmean(math.log(value) for value in values)) if values else None


def thinned(times: Sequence[float], most: int) -> list[float]:
    """At most `most` times, evenly picked from the sorted ones, the smallest and the largest among them."""
    if len(times) <= most:
        return list(times)
    ordered = sorted(times)
    return [ordered[round(place * (len(ordered) - 1) / (most - 1))] for place in range(most)]
