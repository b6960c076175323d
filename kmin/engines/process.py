"""EngineProcess: the caller's side of a worker."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from kmin import errors
from kmin.engines import ENGINES, Engine
from kmin.engines.protocol import read_message, write_message
from kmin.engines.session import Opening
from kmin.errors import EngineError
from kmin.ops.tensor import Array

# The child gets this process's import path as it is, so that no folder is searched that the caller did not search.
START = "import sys; sys.path[:] = sys.argv[1:]; from kmin.engines.worker import main; main()"
THREADS = ("KMIN_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class EngineProcess:
    """One engine in a process of its own; a context manager that ends the process.

    Args:
        name: key of ENGINES, or any name for an `engine` that is not in it.
        threads: see `Opening.threads`.
        command: what starts a worker, where that is not the Python of this process.

    Attributes:
        version, kernels, import_seconds, load_seconds: known after `open`.
    """

    def __init__(
        self,
        name: str,
        threads: int | None = None,
        engine: Engine | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        self.engine = engine if engine is not None else ENGINES[name]
        self.threads = threads
        self.version = self.kernels = ""
        self.import_seconds = self.load_seconds = 0.0
        environment = {**os.environ, **self.engine.environment}
        if threads is not None:
            environment.update(dict.fromkeys(THREADS, str(threads)))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        try:
            self._process = subprocess.Popen(
                command if command is not None else [sys.executable, "-c", START, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=environment,
            )
        except OSError:
            self._log.close()
            raise

    def open(self, opening: Opening) -> None:
        """Imports the runtime and loads the model.

        Raises:
            DependencyError: the runtime is not installed.
            EngineError: it cannot open the file.
        """
        fields = dataclasses.asdict(dataclasses.replace(opening, way=self.engine.way, threads=self.threads))
        reply, _ = self.ask({"do": "open", "name": self.name, "module": self.engine.module, "opening": fields})
        self.version, self.kernels = reply["version"], reply["kernels"]
        self.import_seconds, self.load_seconds = reply["import_seconds"], reply["load_seconds"]

    @property
    def pid(self) -> int:
        """Of the worker."""
        return self._process.pid

    def predict(self, arrays: Sequence[Array], how: str = "batch") -> dict[str, Array]:
        """Predictions by their place in the result (see `Session.flatten`)."""
        self.send_predict(arrays, how)
        return self.receive_predictions()

    def send_predict(self, arrays: Sequence[Array], how: str = "batch") -> None:
        """Asks for predictions without waiting; `receive_predictions` must follow."""
        self._send({"do": "predict", "how": how}, arrays)

    def receive_predictions(self) -> dict[str, Array]:
        """The answer to `send_predict`."""
        reply, arrays = self._receive()
        return dict(zip(reply["places"], arrays, strict=True))

    def layers(self, arrays: Sequence[Array]) -> dict[str, list[Array]]:
        """What each layer returns, by the layer's path."""
        reply, flat = self.ask({"do": "layers"}, arrays)
        rest = iter(flat)
        return {path: [next(rest) for _ in range(count)] for path, count in reply["counts"]}

    def ask(self, request: dict[str, Any], arrays: Sequence[Array] = ()) -> tuple[dict[str, Any], list[Array]]:
        """Sends a request and waits for its reply.

        Raises:
            KminError: what went wrong in the worker, or that it has died.
        """
        self._send(request, arrays)
        return self._receive()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._log.close()

    def _send(self, request: dict[str, Any], arrays: Sequence[Array]) -> None:
        assert self._process.stdin is not None
        try:
            write_message(self._process.stdin, request, arrays)
        except BrokenPipeError:
            raise self._died() from None

    def _receive(self) -> tuple[dict[str, Any], list[Array]]:
        assert self._process.stdout is not None
        message = read_message(self._process.stdout)
        if message is None:
            raise self._died()
        reply, arrays = message
        if "error" in reply:
            raise getattr(errors, reply["kind"], EngineError)(reply["error"])
        return reply, arrays

    def _died(self) -> EngineError:
        code = self._process.wait()
        self._log.seek(0)
        lines = [line.strip() for line in self._log.read().decode(errors="replace").splitlines() if line.strip()]
        last = f": {lines[-1][:300]}" if lines else ""
        how = f"was killed by signal {-code} (out of memory?)" if code < 0 else f"ended with code {code}"
        return EngineError(f"the process of engine {self.name} {how}{last}")

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
