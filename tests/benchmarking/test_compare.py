"""Measuring in turns, and one whole row with kmin's own engines, which need no other runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.__main__ import main, read_rows, write_rows
from benchmarks.compare import ROUNDS, compare, take_turns
from benchmarks.engines.fixed import FixedSession
from benchmarks.results import Row, Timing
from benchmarks.worker import SPINNING, BurstWorker
from kmin.errors import EngineError


def recorder(log: list[tuple[str, float]], name: str) -> Callable[[float], None]:
    return lambda seconds: log.append((name, seconds))


def test_engines_take_turns_and_none_is_always_first() -> None:
    log: list[tuple[str, float]] = []
    pauses: list[float] = []
    take_turns([(1e-6, recorder(log, name)) for name in "abc"], 6.0, pauses.append)
    names = "".join(name for name, _ in log)
    assert names == "abcbcacab" * (ROUNDS // 3)
    assert {seconds for _, seconds in log} == {6.0 / ROUNDS}
    assert len(pauses) == len(log)


@pytest.mark.parametrize(("call", "rounds"), [(0.5, 4), (100.0, 3), (0.0, ROUNDS)])
def test_slow_engines_get_fewer_turns(call: float, rounds: int) -> None:
    log: list[tuple[str, float]] = []
    take_turns([(call, recorder(log, "a")), (1e-6, recorder(log, "b"))], 2.0, lambda _: None)
    assert len(log) == 2 * rounds
    take_turns([], 2.0)


@pytest.mark.parametrize("warm", [True, False])
def test_a_burst_calls_at_least_once(warm: bool) -> None:
    calls: list[Any] = []
    worker = BurstWorker()
    worker.session = SimpleNamespace(single=calls.append, prepare=lambda arrays: arrays[0])
    worker.answer({"do": "give"}, [np.ones(3)])
    _, (times,) = worker.answer({"do": "burst", "seconds": 0.0, "warm": warm}, [])
    assert len(times) == 1 and len(calls) >= 1 + warm
    reply, _ = worker.answer({"do": "nothing"}, [])
    assert "error" in reply


def test_a_burst_warms_up_until_the_threads_of_others_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    worker = BurstWorker()
    worker.session = SimpleNamespace(single=calls.append, prepare=lambda arrays: arrays[0])
    worker.answer({"do": "give"}, [np.ones(3)])
    monkeypatch.setattr("benchmarks.worker.time.perf_counter", lambda: len(calls) / 100)
    _, (times,) = worker.answer({"do": "burst", "seconds": 0.05, "warm": True}, [])
    warming = round(100 * SPINNING)
    assert len(times) == 5 and len(calls) == warming + 5
    np.testing.assert_allclose(times, 0.01)


def test_a_fixed_batch_is_filled_up() -> None:
    session = FixedSession(lambda x: x, (3, 2), "none")
    np.testing.assert_array_equal(session.prepare([np.ones((2, 2), "f4")]), [[1, 1], [1, 1], [0, 0]])
    with pytest.raises(EngineError, match="takes 3 rows; received 4"):
        session.prepare([np.ones((4, 2))])


def test_a_row(cache: Path) -> None:
    row = compare(cache, "mlp", 1, 1, ["kmin-numpy", "onnxruntime"], {}, 0.01)
    ours, theirs = row.timings
    assert ours.times and ours.error is not None and ours.error < 1e-6 and ours.kernels == "numpy"
    assert ours.peak is None or ours.peak > 0
    assert theirs.reason == "conversion failed: no tf2onnx" and not theirs.times


def test_wrong_answers_and_missing_runtimes_are_not_timed(cache: Path) -> None:
    row = compare(cache, "mlp", 32, 1, ["kmin-numpy", "litert"], {}, 0.01)
    assert row.timings[0].reason.startswith("differs from Keras by")
    assert "litert" in row.timings[1].reason
    row = compare(cache, "mlp", 32, 1, ["litert"], {"litert": "no-such-python"}, 0.01)
    assert "no-such-python" in row.timings[0].reason


def test_the_command_line(cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.json"
    write_rows(path, [Row("cnn", 1, 1, [Timing("litert", times=[1.0])]), Row("mlp", 1, 1, [])])
    arguments = ["mlp", "--engines", "kmin-numpy", "--threads", "1", "--seconds", "0.01", "--cache", str(cache)]
    main([*arguments, "--json", str(path), "--costs"])
    assert "MLP 10-10-20-10-1" in capsys.readouterr().out
    rows = read_rows(path)
    assert [row.model for row in rows] == ["mlp", "cnn"] and rows[0].find("kmin-numpy") is not None
    main(["--show", str(path), "--plot", str(tmp_path / "rows.png")])
    assert (tmp_path / "rows.png").exists()
    with pytest.raises(SystemExit):
        main(["no-such-model"])
