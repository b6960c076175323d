"""kmin extract: files written, sizes printed, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner
from engines.models import MLP, doctored

import kmin
from kmin.cli import main


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["extract", *map(str, arguments)])


def test_a_bundle_and_its_size(tmp_path: Path) -> None:
    place = tmp_path / "model.npz"
    result = run(MLP, "-o", place)
    assert result.exit_code == 0, result.output
    first, second, last = result.stdout.splitlines()
    assert first.startswith(str(MLP)) and second.startswith(str(place))
    assert " before, " in last and last.endswith("% of the size")
    with np.load(MLP.parent / "input.npz") as archive:
        x = archive[archive.files[0]]
    np.testing.assert_allclose(kmin.load(place).predict(x), kmin.load(MLP).predict(x), rtol=1e-5, atol=1e-6)


def test_a_standalone_file_and_its_weights(tmp_path: Path) -> None:
    result = run(MLP, "-o", tmp_path / "model.py")
    assert result.exit_code == 0, result.output
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == 2 and all(name in result.stdout for name in written)


def test_what_cannot_run_is_not_extracted(tmp_path: Path) -> None:
    def change(layers: list[dict[str, Any]]) -> None:
        layers[-1]["class_name"] = "Mystery"

    result = run(doctored(tmp_path, change), "-o", tmp_path / "model.npz")
    assert result.exit_code == 1
    assert "(Mystery): this class is not supported" in result.stderr
    assert not (tmp_path / "model.npz").exists()


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    result = run(MLP, "-o", tmp_path / "model.txt")
    assert result.exit_code == 1
    assert ".npz" in result.stderr and ".py" in result.stderr and result.stderr.count("\n") == 1
