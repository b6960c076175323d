"""`--weights`, `--by-name` and `--skip-mismatch`, which every command that takes MODEL has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from formats.test_variants import unpack
from kmin.cli import COMMANDS, main


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    path, weights = unpack("2.15", tmp_path, "pictures.json", "pictures_weights.h5")
    return [str(path), "--weights", str(weights)]


def test_every_command_has_them() -> None:
    for command in COMMANDS:
        text = CliRunner().invoke(main, [command, "--help"]).stdout
        assert all(option in text for option in ("--weights", "--by-name", "--skip-mismatch")), command


def test_inspect_and_extract_and_predict(tmp_path: Path, pair: list[str]) -> None:
    shown = CliRunner().invoke(main, ["inspect", *pair])
    assert shown.exit_code == 0
    assert "kmin can run this model" in shown.stdout
    assert shown.stderr == ""
    bundle = str(tmp_path / "m.npz")
    written = CliRunner().invoke(main, ["extract", *pair, "-o", bundle])
    assert written.exit_code == 0, written.output
    np.save(tmp_path / "x.npy", np.ones((2, 6, 6, 2), np.float32))
    results = []
    for number, model in enumerate((pair, [bundle])):
        output = str(tmp_path / f"y{number}.npy")
        done = CliRunner().invoke(main, ["predict", *model, "-i", str(tmp_path / "x.npy"), "-o", output])
        assert done.exit_code == 0, done.output
        results.append(np.load(output))
    np.testing.assert_array_equal(results[0], results[1])


def test_what_was_skipped_is_a_table_on_stderr(pair: list[str]) -> None:
    path = Path(pair[0])
    config = json.loads(path.read_text())
    config["config"]["layers"][-1]["config"]["units"] = 5
    path.write_text(json.dumps(config))
    refused = CliRunner().invoke(main, ["inspect", *pair])
    assert "weight 'kernel' must have shape (4, 5); received (4, 2)" in refused.stdout
    shown = CliRunner().invoke(main, ["inspect", *pair, "--by-name", "--skip-mismatch", "--json"])
    assert shown.exit_code == 0
    assert not json.loads(shown.stdout)["runs"]
    rows = [line.split() for line in shown.stderr.splitlines()]
    assert ["conv", "Conv2D", "loaded"] in rows
    assert any(row[:3] == ["head", "Dense", "skipped"] for row in rows)
    assert "weight 'kernel' must have shape (4, 5); received (4, 2)" in shown.stderr
    assert "6 loaded, 1 skipped" in shown.stderr


def test_usage(pair: list[str], tmp_path: Path) -> None:
    alone = CliRunner().invoke(main, ["inspect", pair[0], "--skip-mismatch"])
    assert (alone.exit_code, "about the file given with --weights" in alone.stderr) == (2, True)
    nothing = CliRunner().invoke(main, ["inspect", *pair[1:]])
    assert (nothing.exit_code, "Missing argument 'MODEL'" in nothing.stderr) == (2, True)
    bundle = str(tmp_path / "m.npz")
    CliRunner().invoke(main, ["extract", *pair, "-o", bundle])
    for command in ("inspect", "predict -i x.npy", "verify", "bench"):
        refused = CliRunner().invoke(main, [*command.split(), bundle, *pair[1:]])
        assert refused.exit_code == 1
        assert "a bundle has its own weights" in refused.stderr, command


def test_audit_looks_at_both_files(pair: list[str]) -> None:
    assert CliRunner().invoke(main, ["inspect", *pair, "--audit"]).exit_code == 0
    path = Path(pair[0])
    config = json.loads(path.read_text())
    config["config"]["layers"].append(
        {"class_name": "Lambda", "config": {"name": "l", "function": ["4wE=", None, None]}}
    )
    for text in (json.dumps(config), json.dumps(json.dumps(config))):
        path.write_text(text)
        found = CliRunner().invoke(main, ["inspect", *pair, "--audit"])
        assert found.exit_code == 1
        assert "Lambda" in found.stdout
