"""The worker of a benchmark: that of `kmin bench`, which also times calls in short bursts."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from kmin.engines.worker import Request, Worker, main

BLOCK_SECONDS = 50e-6
# Threads of the engine before may still wait for work, awake: 60 ms in ONNX Runtime.
SPINNING = 0.08


class BurstWorker(Worker):
    """Times the same call again and again, a short while at each request."""

    def requests(self) -> dict[str, Request]:
        return {**super().requests(), "burst": self.burst, "give": self.give}

    def give(self, _request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Keeps the arrays that every burst predicts."""
        self.held = self.session.prepare(arrays)
        return {}, []

    def burst(self, request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Seconds per call, for about `seconds` after a tenth of that, and SPINNING, to warm up; at least one call.

        Calls too short for the clock are timed in blocks, each of which counts as one time.
        """
        run, x, clock = self.session.single, self.held, time.perf_counter
        seconds, warm = request["seconds"], max(request["seconds"] / 10, SPINNING)
        calls, spent = 0, 0.0
        if request["warm"]:
            before = clock()
            while spent < warm or not calls:
                run(x)
                calls += 1
                spent = clock() - before
        per_call = spent / calls if calls else BLOCK_SECONDS
        block = range(max(1, min(1000, int(BLOCK_SECONDS / max(per_call, 1e-9)))))
        times: list[float] = []
        begin = before = clock()
        while not times or before - begin < seconds:
            for _ in block:
                run(x)
            after = clock()
            times.append((after - before) / len(block))
            before = after
        return {}, [np.asarray(times)]


if __name__ == "__main__":
    main(BurstWorker())
