"""What importing kmin costs: NumPy and nothing else that is heavy; and what a bundle needs: NumPy alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import kmin
from graph.toy import Toy
from kmin.export.bundle import write_bundle

ROOT = Path(kmin.__file__).parents[1]
HEAVY = (
    "click",
    "h5py",
    "keras",
    "matplotlib",
    "rich",
    "scipy",
    "tabulate",
    "tensorflow",
    "tf_keras",
)
BLOCK = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {HEAVY!r}:
            raise ImportError(f"{{name}} is blocked")
sys.meta_path.insert(0, Blocked())
"""


def python(code: str, folder: Path) -> str:
    """What `code` prints in a fresh interpreter that finds this kmin; warnings are errors."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def loaded(code: str, folder: Path) -> set[str]:
    """The modules that are there after `code`."""
    return set(json.loads(python(f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))", folder)))


def test_import_kmin_is_light(tmp_path: Path) -> None:
    extra = loaded("import kmin", tmp_path) - loaded("import numpy", tmp_path)
    assert {name for name in extra if name.split(".")[0] == "kmin"} == {"kmin", "kmin.errors"}
    assert not {name.split(".")[0] for name in extra} & set(HEAVY)


def test_the_model_class_loads_no_file_readers(tmp_path: Path) -> None:
    extra = loaded("from kmin import Model", tmp_path)
    assert not {name for name in extra if name.startswith(("kmin.formats.h5", "kmin.layers", "kmin.export"))}
    assert not {name.split(".")[0] for name in extra} & set(HEAVY)


def test_a_file_loads_only_the_layers_and_ops_that_it_needs(tmp_path: Path) -> None:
    file = Path(__file__).parents[1] / "sample_models" / "konverter_net" / "model.h5"
    extra = loaded(f"import kmin\nkmin.load({str(file)!r})", tmp_path) - loaded("import numpy", tmp_path)
    assert {"kmin.layers.core", "kmin.ops.dense"} <= extra
    assert not {name for name in extra if name.startswith("kmin.layers.operations")}
    assert not {"kmin.layers.preprocessing", "kmin.ops.eigen", "kmin.ops.split_text", "difflib", "zipfile"} & extra


def test_a_bundle_predicts_with_numpy_alone(tmp_path: Path) -> None:
    toy = Toy()
    graph = toy.graph(toy.dense(toy.input(5), 4, activation="tanh"))
    write_bundle(graph, tmp_path / "net.npz")
    np.save(tmp_path / "x.npy", toy.feed(graph)[0])
    code = "import numpy, kmin\nnumpy.save('y.npy', kmin.load('net.npz').predict(numpy.load('x.npy')))"
    names = loaded(BLOCK + code, tmp_path)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), toy.run(graph)[0], rtol=1e-5, atol=1e-6)
    assert not {name for name in names if name.startswith(("kmin.formats.h5", "kmin.layers"))}
    assert not {"ast", "inspect"} & (names - loaded("import numpy, dataclasses, typing", tmp_path))


def test_the_version_is_said_by_python_dash_m(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "kmin", "--version"]
    said = subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout
    assert kmin.__version__ in said
