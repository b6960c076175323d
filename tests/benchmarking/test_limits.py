"""The other measures: that each runs and prints what it should; no time is asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.limits import busy_machine, busy_process, call_overhead, cold_start, python_threads, throughput


def test_call_overhead() -> None:
    assert call_overhead(0.005).startswith("one call of MLP 10-10-20-10-1: median ")


@pytest.mark.parametrize("count", [1, 2])
def test_throughput_counts_the_calls_of_all_threads(count: int) -> None:
    calls: list[int] = []
    assert 0 < throughput(lambda: calls.append(0), count, 0.01) < 1e9
    assert calls


def test_a_busy_process_ends() -> None:
    with busy_process() as process:
        assert process.poll() is None
    assert process.poll() is not None


def test_tables(cache: Path) -> None:
    assert [line.split()[0] for line in python_threads(cache, ["mlp"], 0.05).splitlines()] == ["calls", "-" * 16, "mlp"]
    lines = cold_start(cache, "mlp", ["model.h5"], rounds=1).splitlines()
    assert lines[2].startswith("mlp/model.h5") and lines[2].count(" s") == 4
    assert busy_machine(cache, ["mlp"], 0.01, {}).splitlines()[2].startswith("mlp")


def test_the_command_line(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["limits", "mlp", "--cold", "mlp", "--seconds", "0.01", "--cache", str(cache)])
    said = capsys.readouterr().out
    assert "mlp/model.npz" in said and "gain when busy" in said
