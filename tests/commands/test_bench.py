"""kmin bench: its formats, its picture and its refusals."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from engines.models import MLP

from kmin import bench as bench_module
from kmin.cli import main

COLUMNS = [
    "engine",
    "version",
    "kernels",
    "batch_samples",
    "batch_min_s",
    "batch_median_s",
    "batch_speedup",
    "singles",
    "single_min_s",
    "single_median_s",
    "single_speedup",
    "import_s",
    "load_s",
    "first_s",
    "peak_bytes",
    "scaled_error",
]


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["bench", str(MLP), "--samples", "20", "--budget", "0.2", *map(str, arguments)])


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work for a part of the waiting."""
    monkeypatch.setattr(bench_module, "ROUNDS", 2)


def test_plain_tables_in_a_pipe() -> None:
    result = run("--engines", "kmin-numpy")
    assert result.exit_code == 0, result.output
    for title in ("20 samples at once", "one sample at a time", "start-up"):
        assert title in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 110


def test_markdown() -> None:
    result = run("--engines", "kmin-numpy", "--format", "markdown")
    assert result.exit_code == 0, result.output
    assert "| engine " in result.stdout and "|:--" in result.stdout


def test_rich_even_in_a_pipe() -> None:
    assert "─" in run("--engines", "kmin-numpy", "--format", "rich").stdout


def test_csv_has_one_row_per_engine() -> None:
    result = run("--engines", "kmin-numpy", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert list(row) == COLUMNS and row["engine"] == "kmin-numpy" and float(row["batch_min_s"]) > 0


def test_json_has_stable_keys() -> None:
    result = run("--engines", "kmin-numpy", "--format", "json")
    found = json.loads(result.stdout)
    assert list(found) == [
        "samples",
        "requested",
        "rounds",
        "single_rows",
        "threads",
        "reference",
        "skipped",
        "engines",
    ]
    assert [list(row) for row in found["engines"]] == [COLUMNS]


def test_fewer_samples_are_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "HELD_BYTES", 1)
    result = run("--engines", "kmin-numpy")
    assert "1 samples instead of 20" in result.stderr or "1 sample instead of 20" in result.stderr


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_a_picture(tmp_path: Path) -> None:
    result = run("--engines", "kmin-numpy", "--plot", tmp_path / "b.png")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_needs_matplotlib(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run("--engines", "kmin-numpy", "--plot", tmp_path / "b.png")
    assert result.exit_code == 1
    assert result.stderr == "Error: --plot needs matplotlib; install it with: pip install 'kmin[plot]'\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engines", "torch"], "Error: engines are keras-call, keras-predict, kmin-native, kmin-numpy"),
        (["--engines", "kmin-numpy", "--plot", "b.txt"], "Error: plot b.txt: must end in .pdf, .png or .svg"),
    ],
)
def test_refusals(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(message) and result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_without_keras_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "raise ModuleNotFoundError('No module named tensorflow', name='tensorflow')"
    (tmp_path / "tensorflow.py").write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    result = run()
    assert result.exit_code == 1
    assert "pip install 'kmin[tensorflow]'" in result.stderr and "--engines kmin" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("style", ["plain", "markdown", "rich"])
def test_steps_of_the_plan(style: str) -> None:
    result = run("--steps", "--format", style)
    assert result.exit_code == 0, result.output
    assert "dense" in result.output
    assert "100.0%" in result.output


def test_steps_for_programs() -> None:
    rows = json.loads(run("--steps", "--format", "json").stdout)
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert all(row["seconds"] >= 0 for row in rows)
    table = list(csv.DictReader(io.StringIO(run("--steps", "--format", "csv").stdout)))
    assert [(row["layer"], row["kernel"]) for row in table] == [(row["layer"], row["kernel"]) for row in rows]


def test_steps_are_not_drawn() -> None:
    result = run("--steps", "--plot", "x.png")
    assert result.exit_code == 2
    assert "--steps" in result.output
