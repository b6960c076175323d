"""What a user gets to read after a mistake: one sentence that says where, what is required and what came."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result
from engines.models import MLP, TWO, doctored

import kmin
from kmin.cli import main

MLP_X, TWO_X = MLP.parent / "input.npz", TWO.parent / "input.npz"


def weights_only(model: Path, path: Path) -> None:
    with h5py.File(model) as whole, h5py.File(path, "w") as file:
        file.attrs.update(whole["model_weights"].attrs)
        for name in whole["model_weights"]:
            whole.copy(f"model_weights/{name}", file)


def layer_class(name: str) -> Callable[[list[dict[str, Any]]], None]:
    return lambda layers: layers[-1].update(class_name=name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder full of files that are not what the user takes them for."""
    folder = tmp_path_factory.mktemp("mistakes")
    whole = MLP.read_bytes()
    contents = {
        "array.h5": b"\x93NUMPY\x01\x00",
        "cut.h5": whole[: len(whole) // 2],
        "damaged.h5": whole[:512] + bytes(len(whole) - 512),
        "empty.h5": b"",
        "graph.onnx": b"\x08\x07\x12\x07pytorch",
        "lfs.h5": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "lite.tflite": b"\x1c\x00\x00\x00TFL3",
        "model.pkl": pickle.dumps({"a": 1}),
        "text.h5": b"hello\n",
        "words.csv": b"a,b\nc,d\n",
        "zip.keras": b"PK\x03\x04",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"")
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    weights_only(MLP, folder / "weights.h5")
    weights_only(TWO, folder / "other_weights.h5")
    with h5py.File(MLP) as file:
        (folder / "model.json").write_text(file.attrs["model_config"])
    with h5py.File(folder / "data.h5", "w") as file:
        file["x"] = np.zeros(3)
    shutil.move(doctored(folder, layer_class("Lambda")), folder / "lambda.h5")
    shutil.move(doctored(folder, layer_class("Mystery")), folder / "mystery.h5")
    assert CliRunner().invoke(main, ["extract", str(MLP), "-o", str(folder / "bundle.npz")]).exit_code == 0
    bundle = (folder / "bundle.npz").read_bytes()
    (folder / "cut.npz").write_bytes(bundle[: len(bundle) // 2])
    rng = np.random.default_rng(0)
    arrays = {
        "five": rng.random((4, 5), np.float32),
        "flat": rng.random((4, 64), np.float32),
        "four": rng.random((4, 10), np.float32),
        "three": rng.random((3, 10), np.float32),
        "good": rng.random((4, 8, 8), np.float32),
        "large": rng.random((4, 9, 9), np.float32),
        "scalar": np.float32(1),
        "strings": np.array(["a", "b"]),
        "complex": np.zeros((4, 8, 8), np.complex64),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    np.save(folder / "objects.npy", np.array([{}, None]), allow_pickle=True)
    np.savez(folder / "names.npz", mean=arrays["four"], eror=arrays["four"])
    return folder


def fill(text: str, place: Path) -> str:
    return text.format(mlp=MLP, mlp_x=MLP_X, two=TWO, two_x=TWO_X, d=place)


def run(command: str, place: Path) -> Result:
    return CliRunner().invoke(main, [fill(word, place) for word in command.split()])


# (command, what stderr says)
REFUSALS = [
    ("inspect {d}/nowhere.h5", "{d}/nowhere.h5: no such file"),
    ("inspect {d}/folder", "{d}/folder: this is a directory, not a Keras model file"),
    (
        "inspect {d}/saved",
        "{d}/saved: this is a TensorFlow SavedModel directory, which only TensorFlow runs; load it with "
        "tf_keras.models.load_model (Keras 2; Keras 3 no longer reads it) and save it with "
        "model.save('model.keras')",
    ),
    ("inspect {d}/empty.h5", "{d}/empty.h5: the file is empty"),
    ("inspect {d}/text.h5", "{d}/text.h5: must be a Keras .h5 or .keras file; this is a text file"),
    ("inspect {d}/cut.h5", "{d}/cut.h5: it is cut short: 173608 of 347216 bytes are there"),
    ("inspect {d}/damaged.h5", "{d}/damaged.h5: this HDF5 file is not a Keras model: it has no model_config"),
    ("inspect {d}/zip.keras", "{d}/zip.keras: the zip archive is damaged or truncated (File is not a zip file)"),
    ("inspect {d}/other.zip", "{d}/other.zip: this is a zip archive, but not a Keras model: it has no config.json"),
    ("inspect {d}/data.h5", "{d}/data.h5: this HDF5 file is not a Keras model: it has no model_config"),
    ("inspect {d}/array.h5", "{d}/array.h5: must be a Keras .h5 or .keras file; this is a NumPy .npy array"),
    (
        "inspect {d}/lfs.h5",
        "{d}/lfs.h5: must be a Keras .h5 or .keras file; this is a Git LFS pointer, not the file itself; fetch it "
        "with `git lfs pull`",
    ),
    (
        "inspect {d}/model.pkl",
        "{d}/model.pkl: must be a Keras .h5 or .keras file; this is a Python pickle, which kmin never opens; load "
        "it where it was made and save it with model.save('model.keras')",
    ),
    (
        "inspect {d}/lite.tflite",
        "{d}/lite.tflite: must be a Keras .h5 or .keras file; this is a TensorFlow Lite model; use the Keras model "
        "that it was converted from",
    ),
    (
        "inspect {d}/graph.onnx",
        "{d}/graph.onnx: must be a Keras .h5 or .keras file; this is an ONNX model; use the Keras model that it "
        "was converted from",
    ),
    (
        "predict {d}/weights.h5 -i {mlp_x}",
        "{d}/weights.h5: this file holds weights only; give the architecture (model.to_json() in Keras) as the model "
        "and this file as its weights (--weights)",
    ),
    (
        "predict {d}/model.json -i {mlp_x}",
        "{d}/model.json: this is a model's architecture as JSON, without weights; give its weights file, too "
        "(--weights)",
    ),
    (
        "inspect {d}/model.json --weights {d}/data.h5",
        "{d}/data.h5: this HDF5 file holds no Keras weights: it lists no layers",
    ),
    (
        "predict {d}/model.json --weights {d}/nowhere.h5 -i {mlp_x}",
        "{d}/nowhere.h5: no such file",
    ),
    (
        "predict {d}/model.json --weights {d}/other_weights.h5 -i {mlp_x}",
        "{d}/other_weights.h5: the weights of 'scale_mean' belong to no layer of the model, and 7 layers with weights "
        "in the file cannot be matched in order with 3",
    ),
    (
        "predict {mlp} --weights {d}/lite.tflite -i {mlp_x}",
        "{d}/lite.tflite: must be a Keras .h5 or .keras file; this is a TensorFlow Lite model; use the Keras model "
        "that it was converted from",
    ),
    (
        "predict {d}/bundle.npz --weights {d}/weights.h5 -i {mlp_x}",
        "{d}/bundle.npz: a bundle has its own weights; give the model that it was made from",
    ),
    (
        "predict {d}/lambda.h5 -i {mlp_x}",
        "layer 'digit' (Lambda): holds Python code, which kmin never runs; build the model with Keras layers in "
        "its place, or supply its function with kmin.register_layer",
    ),
    (
        "extract {d}/mystery.h5 -o {d}/out.npz",
        "layer 'digit' (Mystery): this class is not supported; kmin.register_layer takes a function for it",
    ),
    ("predict {d}/cut.npz -i {mlp_x}", "'{d}/cut.npz': the archive is damaged or cut short (File is not a zip file)"),
    ("predict {mlp_x} -i {mlp_x}", "{mlp_x}: this is a NumPy .npz file, not a Keras model"),
    (
        "verify {d}/bundle.npz",
        "{d}/bundle.npz: Keras cannot open a bundle; give the .h5 or .keras file that it was made from, or time "
        "the bundle alone with kmin bench --engines kmin",
    ),
    (
        "bench {d}/bundle.npz",
        "{d}/bundle.npz: Keras cannot open a bundle; give the .h5 or .keras file that it was made from, or time "
        "the bundle alone with kmin bench --engines kmin",
    ),
    ("predict {mlp} -i {d}/nowhere.npy", "input {d}/nowhere.npy: no such file"),
    ("predict {mlp} -i {d}/folder", "input {d}/folder: is a directory; an .npy, .npz or .csv file is required"),
    ("predict {mlp} -i {d}/flat.npy", "input 'image' must have shape (any, 8, 8); received (4, 64)"),
    ("predict {mlp} -i {d}/large.npy", "input 'image' must have shape (any, 8, 8); received (4, 9, 9)"),
    ("predict {mlp} -i {d}/scalar.npy", "input 'image' must have a batch axis; received a single number"),
    ("predict {mlp} -i {d}/strings.npy", "input 'image' must be numeric (float32); received dtype <U1"),
    ("predict {mlp} -i {d}/complex.npy", "input 'image' must be numeric (float32); received dtype complex64"),
    (
        "predict {mlp} -i {d}/objects.npy",
        "input {d}/objects.npy: cannot be read as .npy, .npz or .csv numbers: it holds Python objects",
    ),
    (
        "predict {mlp} -i {d}/text.h5",
        "input {d}/text.h5: cannot be read as .npy, .npz or .csv numbers: it is another kind of file",
    ),
    (
        "predict {mlp} -i {d}/other.zip",
        "input {d}/other.zip: cannot be read as .npy, .npz or .csv numbers: it is another kind of zip archive",
    ),
    (
        "predict {mlp} -i {d}/words.csv",
        "input {d}/words.csv: cannot be read as .npy, .npz or .csv numbers: could not convert string 'a' to "
        "float32 at row 0, column 1.",
    ),
    ("predict {mlp} -i {d}/good.npy -i {d}/good.npy", "needs 1 input (image); received 2"),
    ("predict {mlp} -i picture={d}/good.npy", "inputs must be named image; received picture"),
    ("predict {mlp} -i {d}/names.npz", "inputs must be named image; received mean, eror"),
    ("predict {two} -i {d}/four.npy", "needs 2 inputs (mean, error); received 1"),
    ("predict {two} -i {d}/names.npz", "inputs must be named mean, error; received mean, eror"),
    ("predict {two} -i mean={d}/four.npy", "inputs must be named mean, error; received mean"),
    ("predict {two} -i mean={d}/four.npy -i mean={d}/four.npy", "input 'mean' is given twice"),
    ("predict {two} -i mean={d}/four.npy -i {d}/four.npy", "give all inputs by name (mean, error) or none"),
    (
        "predict {two} -i mean={d}/four.npy -i error={d}/three.npy",
        "all inputs must have the same number of rows; received 'mean' 4, 'error' 3",
    ),
    (
        "predict {two} -i mean={d}/four.npy -i error={d}/five.npy",
        "input 'error' must have shape (any, 10); received (4, 5)",
    ),
    (
        "predict {two} -i {two_x} -o {d}/out.npy",
        "output {d}/out.npy: must end in .npz, because the model has 2 outputs (malignant, worst)",
    ),
    ("predict {mlp} -i {mlp_x} -o {d}/out.txt", "output {d}/out.txt: must end in .npy or .npz"),
    (
        "predict {mlp} -i {mlp_x} -o {d}/nowhere/out.npy",
        "output {d}/nowhere/out.npy: the folder {d}/nowhere does not exist",
    ),
    (
        "extract {mlp} -o {d}/out.onnxx",
        "cannot tell what to write from 'out.onnxx': its name must end in .npz (a bundle for kmin) or .py (a "
        "standalone Python file)",
    ),
    (
        "extract {mlp} -o {d}/nowhere/out.npz",
        "cannot write '{d}/nowhere/out.npz': the folder {d}/nowhere does not exist",
    ),
    (
        "extract {mlp} -o {d}/folder",
        "cannot tell what to write from 'folder': its name must end in .npz (a bundle for kmin) or .py (a "
        "standalone Python file)",
    ),
    ("bench {mlp} --plot {d}/out.jpeg", "plot {d}/out.jpeg: must end in .pdf, .png or .svg"),
    (
        "bench {mlp} --engines kmim",
        "engines are keras-call, keras-predict, kmin-native, kmin-numpy, or a family such as kmin; received 'kmim'",
    ),
]
# (command, part of what stderr says after the usage; click words it)
USAGE = [
    ("predict {mlp}", "'--input'"),
    ("predict {mlp} -i {mlp_x} --batch-size 0", "'--batch-size': 0 is not in the range"),
    ("predict {mlp} -i {mlp_x} --batch-size -3", "'--batch-size': -3 is not in the range"),
    (
        "predict {mlp} -i {mlp_x} --skip-mismatch",
        "--by-name and --skip-mismatch are about the file given with --weights",
    ),
    ("predict {mlp} -i {mlp_x} --batchsize 3", "--batchsize"),
    ("predict -i {mlp_x}", "'MODEL'"),
    ("inspect", "'MODEL'"),
    ("inspect {mlp} --stage graf", "'graf' is not one of 'spec', 'graph', 'simplified', 'plan'"),
    ("inspect {mlp} --audit --kernels", "--stage, --kernels and --audit print different things; give one of them"),
    ("inspect {mlp} --stage plan --json", "--stage prints text; the summary, --kernels and --audit have --json"),
    ("bench {mlp} --format xml", "'xml' is not one of 'rich', 'plain', 'markdown', 'csv', 'json'"),
    ("verify {mlp} --samples 0", "'--samples': 0 is not in the range"),
    ("verify {mlp} --tolerance -1", "'--tolerance': -1.0 is not in the range"),
    ("extract {mlp}", "'--output'"),
    ("convert {mlp}", "'convert'"),
]


@pytest.mark.parametrize(("command", "sentence"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refusals(command: str, sentence: str, place: Path) -> None:
    before = sorted(place.rglob("*"))
    result = run(command, place)
    assert result.stderr == f"Error: {fill(sentence, place)}\n"
    assert (result.exit_code, result.stdout) == (1, "")
    assert sorted(place.rglob("*")) == before, "something was left behind"


@pytest.mark.parametrize(("command", "sentence"), USAGE, ids=[row[0] for row in USAGE])
def test_usage(command: str, sentence: str, place: Path) -> None:
    result = run(command, place)
    assert result.stderr.startswith("Usage: ")
    assert sentence in result.stderr.splitlines()[-1]
    assert (result.exit_code, result.stdout) == (2, "")


X = np.zeros((3, 8, 8), np.float32)
TEN = np.zeros((3, 10), np.float32)
# (model, argument of predict, sentence)
CALLS = [
    (MLP, "x.npy", "input 'image' must be numeric (float32); received 'x.npy'"),
    (MLP, None, "input 'image' must be numeric (float32); received None"),
    (MLP, 7, "input 'image' must have shape (any, 8, 8); received ()"),
    (MLP, X[0], "input 'image' must have shape (any, 8, 8); received (8, 8)"),
    (MLP, X.reshape(3, 64), "input 'image' must have shape (any, 8, 8); received (3, 64)"),
    (MLP, [X, X], "input 'image' must have shape (any, 8, 8); received (2, 3, 8, 8)"),
    (MLP, [], "input 'image' must have shape (any, 8, 8); received (0,)"),
    (MLP, [[1, 2], [3]], "input 'image' must be an array of numbers; received list with rows of unequal length"),
    (MLP, [["a"]], "input 'image' must be numeric (float32); received list of dtype <U1"),
    (MLP, {"img": X}, "inputs must be named image; received img"),
    (MLP, {}, "inputs must be named image; received none"),
    (MLP, X.astype(object), "input 'image' must be numeric (float32); received dtype object"),
    (MLP, X.astype(complex), "input 'image' must be numeric (float32); received dtype complex128"),
    (TWO, TEN, "needs 2 inputs (mean, error) as a list or dict; received an array of shape (3, 10)"),
    (TWO, None, "needs 2 inputs (mean, error) as a list or dict; received NoneType"),
    (TWO, [TEN], "needs 2 inputs (mean, error) as a list or dict; received 1 in a list"),
    (TWO, (TEN, TEN, TEN), "needs 2 inputs (mean, error) as a list or dict; received 3 in a tuple"),
    (TWO, [TEN, TEN[:2]], "all inputs must have the same number of rows; received 'mean' 3, 'error' 2"),
    (TWO, [TEN, TEN[:, :5]], "input 'error' must have shape (any, 10); received (3, 5)"),
    (TWO, {"mean": TEN}, "inputs must be named mean, error; received mean"),
    (TWO, {"mean": TEN, "eror": TEN}, "inputs must be named mean, error; received mean, eror"),
    (TWO, {"mean": TEN, "error": None}, "input 'error' must be numeric (float32); received None"),
]


@pytest.mark.parametrize(("path", "x", "sentence"), CALLS, ids=[row[2] for row in CALLS])
def test_calls(path: Path, x: Any, sentence: str) -> None:
    model = kmin.load(path)
    for call in (model, model.predict):
        with pytest.raises(kmin.KminError) as caught:
            call(x)
        assert str(caught.value) == sentence


@pytest.mark.parametrize("size", [0, -1, 2.5, "8", True])
def test_batch_sizes(size: Any) -> None:
    with pytest.raises(kmin.KminError) as caught:
        kmin.load(MLP).predict(X, batch_size=size)
    assert str(caught.value) == f"batch_size must be a positive integer or None; received {size!r}"


@pytest.mark.parametrize(
    ("path", "options", "sentence"),
    [
        ("nowhere.h5", {}, "nowhere.h5: no such file"),
        ("", {}, "the path of a model file is required; received ''"),
        (MLP, {"dtype": "float63"}, "dtype must be one of float16, float32, float64; received 'float63'"),
    ],
)
def test_loading(path: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(kmin.KminError) as caught:
        kmin.load(path, **options)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("command", "missing", "sentence"),
    [
        ("verify {mlp} --samples 9", "tensorflow", "install both with: pip install 'kmin[tensorflow]'"),
        (
            "bench {mlp} --samples 9",
            "tensorflow",
            "install both with: pip install 'kmin[tensorflow]'; or time kmin alone with --engines kmin",
        ),
        (
            "bench {mlp} --samples 9 --plot {d}/out.png",
            "matplotlib",
            "--plot needs matplotlib; install it with: pip install 'kmin[plot]'",
        ),
    ],
)
def test_missing_extras(
    command: str, missing: str, sentence: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('no {missing}', name={missing!r})")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    result = run(command, place)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1 and result.stderr.strip().endswith(sentence)
    assert not (place / "out.png").exists()


def test_kernels_misspelt() -> None:
    environment = {**os.environ, "KMIN_KERNELS": "avx3", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "kmin", "predict", str(MLP), "-i", str(MLP_X)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"Error: KMIN_KERNELS must be one of numpy(, \w+)* on this machine; received 'avx3'\n", done.stderr
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", ["predict {mlp} -i {mlp_x} -o {d}/y.npy", "extract {mlp} -o {d}/y.npz"])
def test_folders_that_cannot_be_written(command: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run(command, tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ") and result.stderr.endswith("Permission denied\n")
    assert list(tmp_path.iterdir()) == []
