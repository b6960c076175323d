"""The worker: one runtime and one model in a process of its own, answering requests until its parent goes away."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from kmin.engines.protocol import read_message, write_message
from kmin.engines.session import Opening
from kmin.errors import EngineError, KminError

Request = Callable[[dict[str, Any], list[Any]], tuple[dict[str, Any], list[Any]]]


class Worker:
    """Answers one request at a time; each method named after a request returns (header, arrays)."""

    def __init__(self) -> None:
        self.name = "engine"
        self.session: Any = None
        self.stateful = False
        self.held: list[Any] = []
        self.singles: list[Any] = []

    def answer(self, request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """The reply to a request; an error becomes a reply too."""
        try:
            return self.requests()[request["do"]](request, arrays)
        except KminError as error:
            return {"error": str(error), "kind": type(error).__name__}, []
        except MemoryError:
            return {"error": "not enough memory", "kind": "EngineError"}, []
        except Exception as error:
            return {"error": f"{self.name} failed: {first_sentence(error)}", "kind": "EngineError"}, []

    def requests(self) -> dict[str, Request]:
        """Request name -> method."""
        return {
            "hold": self.hold,
            "layers": self.layers,
            "memory": self.memory,
            "open": self.open,
            "predict": self.predict,
            "reset": self.reset,
            "time_batch": self.time_batch,
            "time_singles": self.time_singles,
        }

    def open(self, request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Imports the runtime and loads the model; says how long each took."""
        self.name = request["name"]
        inputs = tuple(request["opening"].pop("inputs"))
        opening = Opening(inputs=inputs, **request["opening"])
        self.stateful = opening.batch_size is not None
        before = time.perf_counter()
        adapter = importlib.import_module(request["module"])
        version = adapter.start(opening)
        started = time.perf_counter()
        self.session = adapter.open_session(opening)
        seconds = time.perf_counter() - started
        timings = {"import_seconds": started - before, "load_seconds": seconds}
        return {"version": version, "kernels": self.session.kernels, **timings}, []

    def predict(self, request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Predictions in the way `how` (`batch` or `single`), and how long they took."""
        run = self.session.single if request["how"] == "single" else self.session.batch
        x = self.session.prepare(arrays)
        before = time.perf_counter()
        result = run(x)
        seconds = time.perf_counter() - before
        leaves = self.session.flatten(result)
        return {"places": list(leaves), "seconds": seconds}, list(leaves.values())

    def reset(self, _request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Sets the states of a stateful model to zeros; nothing for any other."""
        self._begin()
        return {}, []

    def layers(self, _request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """What every layer returns."""
        found = self.session.layers(self.session.prepare(arrays))
        counts = [[path, len(tensors)] for path, tensors in found.items()]
        return {"counts": counts}, [tensor for tensors in found.values() for tensor in tensors]

    def hold(self, request: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Keeps arrays for the timings to come; the first `singles` pieces of `rows` rows also one by one."""
        self.held = arrays
        size = int(request.get("rows", 1))
        starts = range(0, int(request["singles"]) * size, size)
        self.singles = [self.session.prepare([array[at : at + size].copy() for array in arrays]) for at in starts]
        return {}, []

    def time_batch(self, _request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Seconds that all held rows take together."""
        x = self.session.prepare(self.held)
        self._begin()
        before = time.perf_counter()
        self.session.batch(x)
        return {"seconds": time.perf_counter() - before}, []

    def time_singles(self, request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Seconds per single prediction over held pieces `start` onwards, until `budget` seconds are used up.

        Calls too short for the clock are timed in blocks; a block's seconds are shared out evenly.
        """
        run, clock = self.session.single, time.perf_counter
        rows = self.singles[request["start"] : request["stop"]]
        self._begin()
        begin = clock()
        run(rows[0])
        block = max(1, min(64, int(20e-6 / max(clock() - begin, 1e-9))))
        begin = clock()
        seconds: list[float] = []
        counts: list[int] = []
        for at in range(0, len(rows), block):
            part = rows[at : at + block]
            before = clock()
            for row in part:
                run(row)
            after = clock()
            seconds.append((after - before) / len(part))
            counts.append(len(part))
            if after - begin > request["budget"]:
                break
        import numpy as np

        return {}, [np.asarray(seconds), np.asarray(counts)]

    def _begin(self) -> None:
        if self.stateful:
            self.session.reset()

    def memory(self, _request: dict[str, Any], _arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Most bytes of physical memory that this process has had, None where the system does not tell."""
        return {"peak_bytes": peak_memory()}, []


def peak_memory() -> int | None:
    """See `Worker.memory`. Linux's VmHWM is this process's own; ru_maxrss would include the parent's."""
    try:
        with Path("/proc/self/status").open(encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def first_sentence(error: BaseException) -> str:
    """What a foreign error says first, short enough for one sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    lead = 2 if lines and lines[0].startswith("Exception encountered when calling") else 1  # Keras: the cause follows
    text = " ".join(lines[:lead]) if lines else type(error).__name__
    return text if len(text) <= 300 else f"{text[:297]}..."


def serve(worker: Worker, requests: BinaryIO, replies: BinaryIO) -> None:
    """Lets `worker` answer until `requests` ends."""
    while (message := read_message(requests)) is not None:
        header, arrays = worker.answer(*message)
        try:
            write_message(replies, header, arrays)
        except ValueError as error:  # a dtype that .npy cannot hold
            write_message(replies, {"error": first_sentence(error), "kind": EngineError.__name__})


def main(worker: Worker | None = None) -> None:
    """Entry point: requests on stdin, replies on what was stdout; anything that prints goes to stderr instead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        serve(worker if worker is not None else Worker(), requests, replies)
    os._exit(0)  # a runtime's own shutdown can take seconds and has nothing left to save


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
