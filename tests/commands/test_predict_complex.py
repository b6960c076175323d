"""kmin predict on models with complex results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from click.testing import CliRunner

import kmin
from kmin.cli import main
from kmin.commands._predictions import print_predictions
from kmin.export.bundle import write_bundle
from layers.test_goldens import graph_of, numbered, stored


def test_files_and_tables(tmp_path: Path) -> None:
    parts = stored("eigen", 3)["general_real"]
    write_bundle(graph_of(parts, 3), tmp_path / "m.npz")
    np.save(tmp_path / "x.npy", numbered(parts, "x")[0])
    given = ["predict", str(tmp_path / "m.npz"), "--input", str(tmp_path / "x.npy")]
    assert CliRunner().invoke(main, [*given, "-o", str(tmp_path / "y.npz")]).exit_code == 0
    with np.load(tmp_path / "y.npz") as found:
        assert [array.dtype for array in found.values()] == [np.complex64, np.complex64]
        for array, wanted in zip(found.values(), numbered(parts, "y"), strict=True):
            np.testing.assert_allclose(array, wanted, atol=1e-4)
    table = CliRunner().invoke(main, given)
    assert table.exit_code == 0, table.output
    assert "magnitudes" in table.output
    assert kmin.load(tmp_path / "m.npz").outputs[0].dtype == "complex64"


def test_a_wide_table_of_magnitudes(capsys: object) -> None:
    print_predictions(["y"], [1], [np.array([[3 + 4j] + [0j] * 9], "c8")])
    assert "0: 5" in capsys.readouterr().out  # type: ignore[attr-defined]
