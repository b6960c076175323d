"""kmin predict, from files to files and to a short table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from engines.models import LOOKUP, MLP, SAMPLES, TWO

import kmin
from kmin.cli import main


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["predict", *map(str, arguments)])


def stored(model: Path) -> tuple[Path, np.ndarray]:
    with np.load(model.parent / "expected.npz") as archive:
        return model.parent / "input.npz", archive[archive.files[0]]


@pytest.mark.parametrize("model", [MLP, LOOKUP], ids=lambda path: path.parent.name)
def test_a_file_of_predictions(model: Path, tmp_path: Path) -> None:
    given, expected = stored(model)
    result = run(model, "--input", given, "--output", tmp_path / "y.npy", "--batch-size", 7)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert f"{len(expected)} rows" in result.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-4, atol=1e-5)


def test_the_number_of_threads_changes_nothing(tmp_path: Path) -> None:
    given, _ = stored(MLP)
    for threads in (1, 3):
        result = run(MLP, "--input", given, "--output", tmp_path / f"{threads}.npy", "--threads", threads)
        assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(np.load(tmp_path / "1.npy"), np.load(tmp_path / "3.npy"))
    assert run(MLP, "--input", given, "--threads", 0).exit_code == 2


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    with np.load(TWO.parent / "input.npz") as archive:
        mean, error = (archive[name] for name in archive.files)
    np.save(tmp_path / "mean.npy", mean)
    np.save(tmp_path / "error.npy", error)
    result = run(TWO, "-i", f"error={tmp_path}/error.npy", "-i", f"mean={tmp_path}/mean.npy", "-o", tmp_path / "y.npz")
    assert result.exit_code == 0, result.output
    with np.load(tmp_path / "y.npz") as found:
        for name, expected in zip(("malignant", "worst"), kmin.load(TWO).predict([mean, error]), strict=True):
            np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6)


def test_without_an_output_the_first_rows_are_shown() -> None:
    given, expected = stored(MLP)
    result = run(MLP, "--input", given)
    assert result.exit_code == 0, result.output
    assert "argmax" in result.stdout
    lines = [line.split() for line in result.stdout.splitlines() if line.strip().startswith(tuple("0123456789"))]
    assert [int(line[1]) for line in lines] == expected[:10].argmax(axis=1).tolist()
    assert f"{len(expected) - 10:,} more rows" in result.stdout


@pytest.mark.parametrize("name", sorted(folder.name for folder in SAMPLES.iterdir() if folder.is_dir()))
def test_every_sample_has_a_short_table(name: str) -> None:
    (model,) = (SAMPLES / name).glob("model.*")
    result = run(model, "--input", SAMPLES / name / "input.npz")
    assert result.exit_code == 0, result.output
    assert 10 < len(result.stdout.splitlines()) < 40
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("output", "message"),
    [("y.txt", "must end in .npy or .npz"), ("nowhere/y.npy", "does not exist"), ("taken.npy", "Is a directory")],
)
def test_outputs_that_cannot_be(tmp_path: Path, output: str, message: str) -> None:
    (tmp_path / "taken.npy").mkdir()
    given, _ = stored(MLP)
    result = run(MLP, "--input", given, "--output", tmp_path / output)
    assert result.exit_code == 1
    assert message in result.stderr and result.stderr.count("\n") == 1


def test_a_single_number_per_row_is_a_value() -> None:
    folder = SAMPLES / "diabetes_mlp"
    lines = run(folder / "model.h5", "--input", folder / "input.npz").stdout.splitlines()
    assert lines[0].startswith("progression (")
    assert lines[2].split() == ["row", "value"]


@pytest.mark.parametrize("name", ["diabetes_mlp", "digits_autoencoder", "digits_mlp"])
def test_no_rows_make_an_empty_table(name: str, tmp_path: Path) -> None:
    (model,) = (SAMPLES / name).glob("model.*")
    np.save(tmp_path / "x.npy", np.zeros((0, *kmin.load(model).inputs[0].shape[1:]), np.float32))
    result = run(model, "--input", tmp_path / "x.npy")
    assert result.exit_code == 0, result.output
    assert " (0, " in result.stdout.splitlines()[0]
    assert len(result.stdout.splitlines()) == 5
