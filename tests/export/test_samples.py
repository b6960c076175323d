"""Every sample model, extracted both ways and run where NumPy is all there is, against what Keras predicted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kmin
from kmin.export import export

SAMPLES = Path(__file__).parents[2] / "sample_models"
FOLDERS = sorted(path.parent for path in SAMPLES.glob("*/expected.npz"))
BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names}:
            raise ImportError(f"{{name}} is blocked")
sys.meta_path.insert(0, Blocked())
"""
FOREIGN = ("click", "h5py", "keras", "rich", "scipy", "tabulate", "tensorflow", "tf_keras")


def run(code: str, folder: Path, *path: Path) -> None:
    """Runs `code` in a fresh interpreter with warnings as errors and `path` as the only way to modules of ours."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=folder, env=env, check=True)


def assert_like_keras(got: Path, folder: Path) -> None:
    with np.load(got) as results, np.load(folder / "expected.npz") as expected:
        assert sorted(results.files) == sorted(expected.files)
        for name in expected.files:
            assert results[name].dtype == expected[name].dtype
            scale = np.abs(expected[name]).max()
            np.testing.assert_allclose(results[name], expected[name], rtol=0, atol=1e-5 * scale)


def test_there_are_samples() -> None:
    assert len(FOLDERS) >= 8


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_standalone(folder: Path, tmp_path: Path) -> None:
    (model,) = folder.glob("model.*")
    export(kmin.load(model).graph, tmp_path / "net.py")
    arguments = ["net.py", str(folder / "input.npz"), "y.npz"]
    start = f"import runpy; sys.argv = {arguments}; runpy.run_path('net.py', run_name='__main__')"
    run(BLOCK.format(names=("kmin", *FOREIGN)) + start, tmp_path)
    assert_like_keras(tmp_path / "y.npz", folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_bundle(folder: Path, tmp_path: Path) -> None:
    (model,) = folder.glob("model.*")
    (written,) = export(kmin.load(model).graph, tmp_path / "net.npz")
    assert written.size < model.stat().st_size
    code = f"""{BLOCK.format(names=FOREIGN)}
import kmin, numpy
with numpy.load({str(folder / "input.npz")!r}) as given:
    results = kmin.load("net.npz").predict(dict(given))
results = list(results.values()) if isinstance(results, dict) else results if isinstance(results, list) else [results]
numpy.savez("y.npz", **dict(zip([info.name for info in kmin.load("net.npz").outputs], results)))
"""
    run(code, tmp_path, Path(kmin.__file__).parents[1])
    assert_like_keras(tmp_path / "y.npz", folder)
