"""--plugin: the user's own code on every command, from the current folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from formats.files import input_layer, sequential, weights_h5, write_keras
from kmin.cli import COMMANDS, main
from kmin.layers import extensions

PLUGIN = """
import kmin

LAYERS = {"Twice": lambda x: 2 * x}
NOTHING = 3

def register():
    kmin.register_layer("Twice", LAYERS["Twice"])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    first = input_layer()
    first["config"]["batch_shape"] = [None, 3]
    custom = {"class_name": "Twice", "module": "mine", "registered_name": "mine>Twice", "config": {"name": "twice"}}
    write_keras(tmp_path / "m.keras", sequential(first, custom), weights_h5({}))
    np.save(tmp_path / "x.npy", np.ones((2, 3), "f4"))
    (tmp_path / "my_layers.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    extensions.REGISTERED.clear()


@pytest.mark.parametrize("attribute", ["LAYERS", "register"])
def test_predict(folder: Path, attribute: str) -> None:
    arguments = ["predict", "m.keras", "--input", "x.npy", "--output", "y.npy"]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "kmin.register_layer" in refused.output
    result = CliRunner().invoke(main, [*arguments, "--plugin", f"my_layers:{attribute}"])
    assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(np.load(folder / "y.npy"), np.full((2, 3), 2, "f4"))
    shown = CliRunner().invoke(main, ["inspect", "m.keras", "--plugin", f"my_layers:{attribute}"])
    assert "kmin can run this model" in shown.output


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        ("my_layers", "must be MODULE:ATTR"),
        ("nowhere:LAYERS", "cannot import 'nowhere'"),
        ("my_layers:NOTHING", "must be a dict"),
        ("my_layers:missing", "must be a dict"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_usage(plugin: str, reason: str) -> None:
    result = CliRunner().invoke(main, ["inspect", "m.keras", "--plugin", plugin])
    assert result.exit_code == 2
    assert reason in result.output


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_it(command: str) -> None:
    assert "--plugin MODULE:ATTR" in CliRunner().invoke(main, [command, "--help"]).output
