"""Workers: what they answer, how they fail, and that they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kmin.engines import ENGINES, Engine
from kmin.engines.process import EngineProcess
from kmin.engines.session import Opening
from kmin.errors import DependencyError, EngineError

OPENING = Opening("nowhere", "", 3, "h5", ("x",), 10)
X = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(ENGINES, "fake", Engine("engines.fake", getattr(request, "param", "")))
    return "fake"


def test_predictions_come_back_by_place(engine: str) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        assert (process.version, process.kernels) == ("fake 1.0", "fake")
        found = process.predict([X])
    assert list(found) == ["b", "a/0", "a/1"]
    np.testing.assert_array_equal(found["b"], X * 2)
    np.testing.assert_array_equal(found["a/1"], X + 1)


@pytest.mark.parametrize(
    "array", [np.zeros((0, 3), "f4"), np.float64(2.5), np.arange(6).reshape(2, 3).T, np.ones((2, 2), bool)], ids=repr
)
def test_arrays_travel_unchanged(engine: str, array: np.ndarray) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        first = process.layers([array])["first"][0]
    np.testing.assert_array_equal(first, array)
    assert first.dtype == np.asarray(array).dtype and first.shape == np.shape(array)


def test_held_rows_are_timed(engine: str) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        process.ask({"do": "hold", "singles": 4}, [X])
        assert process.ask({"do": "time_batch"})[0]["seconds"] > 0
        _, (seconds, counts) = process.ask({"do": "time_singles", "start": 0, "stop": 4, "budget": 1.0})
        assert counts.sum() == 4 and (seconds > 0).all()
        assert process.ask({"do": "memory"})[0]["peak_bytes"] > 1_000_000


@pytest.mark.parametrize("engine", ["missing"], indirect=True)
def test_a_missing_runtime_is_a_dependency_error(engine: str) -> None:
    with EngineProcess(engine) as process, pytest.raises(DependencyError, match="fake is not installed"):
        process.open(OPENING)


@pytest.mark.parametrize("engine", ["raises"], indirect=True)
def test_a_foreign_exception_becomes_its_first_line(engine: str) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        with pytest.raises(EngineError, match=r"^fake failed: first line$"):
            process.predict([X])


@pytest.mark.parametrize("engine", ["dies"], indirect=True)
def test_a_worker_that_dies_is_reported_with_its_last_words(engine: str) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        with pytest.raises(EngineError, match="ended with code 3: last words"):
            process.predict([X])


@pytest.mark.parametrize("engine", ["objects"], indirect=True)
def test_objects_are_never_pickled(engine: str) -> None:
    with EngineProcess(engine) as process:
        process.open(OPENING)
        with pytest.raises(EngineError):
            process.predict([X])


def test_close_ends_the_process(engine: str) -> None:
    with EngineProcess(engine) as process:
        pid = process.pid
        assert _alive(pid)
    assert not _alive(pid)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX only")
def test_a_worker_leaves_when_its_parent_is_killed() -> None:
    code = "from kmin.engines.process import EngineProcess as E; e = E('kmin-numpy'); print(e.pid, flush=True); input()"
    path = os.pathsep.join(sys.path)
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert parent.stdin is not None and parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    for _ in range(100):
        if not _alive(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its parent")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with Path(f"/proc/{pid}/stat").open(encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True
