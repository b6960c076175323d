"""Model files that other people published: read or refused by name, run, and compared with what Keras recorded."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from keras1_inputs import inputs_for as first_inputs
from sweep_real_models import FLOOR, FOLDER, fixed_rows, flat, inputs_for, rows, vocabularies, worst

import kmin
from kmin.cli import main
from kmin.formats import read
from kmin.formats.source import Source

if not (FOLDER / "INDEX.csv").exists():
    pytest.skip("the folder of real models is not here", allow_module_level=True)

ROWS = rows()
# Layers that every release promises to run; a file made of these alone must not be refused.
PROMISED = """
Activation Add AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization Bidirectional Concatenate
Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Cropping1D Cropping2D Cropping3D Dense
DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU Embedding Flatten Functional GRU GaussianDropout GaussianNoise
GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D
GlobalMaxPooling3D InputLayer LSTM LayerNormalization LeakyReLU MaxPooling1D MaxPooling2D MaxPooling3D Maximum
Convolution2D Minimum Model Multiply Normalization PReLU Permute ReLU RepeatVector Rescaling Reshape SeparableConv1D
SeparableConv2D Sequential SimpleRNN Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D Subtract
TimeDistributed UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""


def promised(row: dict[str, str]) -> bool:
    classes = {part.rsplit(":", 1)[0] for part in row["layers"].split(";")}
    return (
        row["kind"] == "model"
        and row["keras_version"][:1] in ("1", "2", "3")
        and row["has_lambda_or_custom"] == "False"
        and classes <= set(PROMISED.split())
    )


def references() -> list[tuple[Path, Path]]:
    """Models with the file that holds Keras' predictions for them."""
    pairs = []
    for path in (Path(row["path"]) for row in ROWS if promised(row)):
        recorded = path.with_name(path.name.replace("_model.h5", "_inputs_and_outputs.h5"))
        if recorded != path and recorded.exists():
            with h5py.File(recorded, "r") as file:
                if "predictions" in file:
                    pairs.append((path, recorded))
    return pairs


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_read_or_refused(row: dict[str, str]) -> None:
    if row["kind"] == "model":
        assert read(row["path"]).layers
        return
    with contextlib.suppress(kmin.KminError):
        assert read(row["path"]).layers


def pairs() -> list[dict[str, str]]:
    """Weights files that come with their architecture."""
    return [row for row in ROWS if row["arch"] and (FOLDER / "files" / row["arch"]).exists()]


@pytest.mark.parametrize("row", pairs(), ids=lambda row: row["file"])
def test_weights_with_their_architecture(row: dict[str, str]) -> None:
    source = Source(FOLDER / "files" / row["arch"], row["path"])
    assert read(source).layers
    result = CliRunner().invoke(main, ["inspect", "--json", str(source.path), "--weights", row["path"]])
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    strange = {"SpikeDense", "QConv2DBatchnorm"}
    assert shown["runs"] != any(name in problem for name in strange for problem in shown["problems"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["kind"] != "model"], ids=lambda row: row["file"])
def test_named_for_what_it_is(row: dict[str, str]) -> None:
    """Halves of models, TensorFlow.js models, arrays."""
    result = CliRunner().invoke(main, ["inspect", row["path"]])
    assert result.exit_code == 1
    kind = {
        "json-arch": "architecture as JSON, without weights",
        "tfjs-layers": "TensorFlow.js",
        "other": "not a Keras",
    }
    assert kind.get(row["kind"], "holds weights only") in result.stderr


@pytest.mark.parametrize("row", [row for row in ROWS if promised(row)], ids=lambda row: row["file"])
def test_promised_layers_run(row: dict[str, str]) -> None:
    model = kmin.load(row["path"])
    count = fixed_rows(read(row["path"]))
    arrays = inputs_for(model, row["file"], count if count is not None else 3)
    outputs = flat(model.predict(arrays))
    for info, array in zip(model.outputs, outputs, strict=True):
        assert len(info.shape) == array.ndim
        assert all(size is None or size == got for size, got in zip(info.shape, array.shape, strict=True))
        assert len(array) == len(arrays[0])
        assert np.isfinite(array).all()


@pytest.mark.parametrize("row", [row for row in ROWS if row["kind"] == "model"], ids=lambda row: row["file"])
def test_inspected_whether_or_not_it_runs(row: dict[str, str]) -> None:
    result = CliRunner().invoke(main, ["inspect", "--json", row["path"]])
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    if promised(row) or "Lambda:" in row["layers"]:
        assert bool(shown["problems"]) == ("Lambda:" in row["layers"])


@pytest.mark.parametrize("pair", references(), ids=lambda pair: pair[0].name)
def test_recorded_predictions(pair: tuple[Path, Path]) -> None:
    path, recorded = pair
    with h5py.File(recorded, "r") as file:
        given = {key: file["inputs"][key][()] for key in file["inputs"]}
        wanted = {key: file["predictions"][key][()] for key in file["predictions"]}
    model = kmin.load(path)
    names = [info.name for info in model.outputs]
    assert set(names) == set(wanted)
    outputs = flat(model.predict(list(given.values()) if len(given) == 1 else given))
    error = worst(outputs, [wanted[name] for name in names])
    assert math.isfinite(error)
    assert error <= 1e-5


def first_outputs() -> dict[str, dict[str, list[np.ndarray]]]:
    """File -> precision -> what Keras 1.2.2 predicted (make_keras1_outputs.py)."""
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    with np.load(Path(__file__).with_name("real_models.keras1.npz")) as archive:
        for key in archive.files:
            name, precision, _ = key.split("|")
            found.setdefault(name, {}).setdefault(precision, []).append(archive[key])
    return found


FIRST = first_outputs()


@pytest.mark.parametrize("row", [row for row in ROWS if row["file"] in FIRST], ids=lambda row: row["file"])
def test_keras_1_predictions(row: dict[str, str]) -> None:
    """As Keras 1.2.2 on the file's backend, and as near to float64 as that was."""
    wanted = FIRST[row["file"]]
    source = Source(FOLDER / "files" / row["arch"], row["path"]) if row["arch"] else row["path"]
    model = kmin.load(source)
    words = min(vocabularies(model.graph).values(), default=0)
    arrays = first_inputs(row["file"], [info.shape for info in model.inputs], words)
    got = flat(model.predict(arrays))
    exact = flat(kmin.load(source, dtype="float64").predict(arrays))
    if "float64" in wanted:  # not where Keras 1 kept convolutions on TensorFlow in float32
        assert worst(exact, wanted["float64"]) <= 1e-10
    assert worst(got, wanted["float32"]) <= 1e-5
    assert worst(got, exact) <= 2 * worst(wanted["float32"], exact) + FLOOR
