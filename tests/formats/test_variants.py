"""Files that Keras 1.2 (on Theano, on TensorFlow), 2.12, 2.15 and 3.15 wrote, in every form: all predict as it did."""

from __future__ import annotations

import functools
import io
import json
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import kmin
from kmin.errors import FormatError
from kmin.formats import read
from kmin.formats.source import Source
from kmin.layers.fitting import read_spec

GOLDENS = Path(__file__).parent / "goldens"
TOLERANCE = 2e-6


@functools.cache
def archive(label: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(GOLDENS / f"variants.{label}.zip")


def unpack(label: str, folder: Path, *names: str) -> list[Path]:
    """Members of a golden archive, by their names or the beginnings of them."""
    for name in names:
        for member in archive(label).namelist():
            if member == name or member.startswith(f"{name}/"):
                (folder / member).parent.mkdir(parents=True, exist_ok=True)
                (folder / member).write_bytes(archive(label).read(member))
    return [folder / name for name in names]


def check(label: str, name: str, model: kmin.Model) -> None:
    with np.load(io.BytesIO(archive(label).read(f"{name}.npz")), allow_pickle=False) as arrays:
        x, y = arrays["x"], arrays["y"]
    error = float(np.max(np.abs(model.predict(x) - y)) / max(1.0, float(np.max(np.abs(y)))))
    assert error <= TOLERANCE, f"{label} {name}: {error}"


FIRST = ["1.2-tensorflow", "1.2-theano"]
SECOND = ["2.12", "2.15"]
ALL = [*SECOND, "3.15"]


@pytest.mark.parametrize("name", ["image", "text"])
@pytest.mark.parametrize("label", FIRST)
def test_keras_1_whole_model(tmp_path: Path, label: str, name: str) -> None:
    (path,) = unpack(label, tmp_path, f"{name}.h5")
    assert read(path).dialect == 1
    check(label, name, kmin.load(path))


@pytest.mark.parametrize("name", ["image", "text"])
@pytest.mark.parametrize("label", FIRST)
def test_keras_1_architecture_and_weights(tmp_path: Path, label: str, name: str) -> None:
    path, weights = unpack(label, tmp_path, f"{name}.json", f"{name}_weights.h5")
    check(label, name, kmin.load(path, weights=weights))


def test_theano_pads_otherwise(tmp_path: Path) -> None:
    """For an even kernel Theano's `same` adds the odd row at the start, TensorFlow's at the end."""
    (path,) = unpack("1.2-tensorflow", tmp_path, "even.h5")
    check("1.2-tensorflow", "even", kmin.load(path))
    (path,) = unpack("1.2-theano", tmp_path, "even.h5")
    check("1.2-theano", "even", kmin.load(path))


@pytest.mark.parametrize("label", FIRST)
def test_weights_from_before_keras_1(tmp_path: Path, label: str) -> None:
    """They name neither layers nor the backend, whose convolutions differ: only other layers are safe."""
    path, weights = unpack(label, tmp_path, "image.json", "image_oldest.h5")
    with pytest.raises(FormatError, match="does not say whether Theano or TensorFlow trained it"):
        kmin.load(path, weights=weights)
    config = {"name": "dense", "output_dim": 2, "batch_input_shape": [None, 3], "bias": True, "activation": "linear"}
    layer = {"class_name": "Dense", "config": {**config, "init": "uniform"}}
    dense = {"class_name": "Sequential", "config": [layer], "keras_version": "1.2.2"}
    path.write_text(json.dumps(dense))
    kernel, bias = np.arange(6, dtype=np.float32).reshape(3, 2), np.array([0.5, -1], np.float32)
    with h5py.File(weights, "w") as file:
        file.attrs["nb_layers"] = 1
        file["layer_0/param_0"], file["layer_0/param_1"] = kernel, bias
        file["layer_0"].attrs["nb_params"] = 2
    x = np.ones((1, 3), np.float32)
    np.testing.assert_allclose(kmin.load(path, weights=weights)(x), x @ kernel + bias)


@pytest.mark.parametrize("name", ["pictures", "words"])
@pytest.mark.parametrize("extension", ["h5", "keras"])
@pytest.mark.parametrize("label", ALL)
def test_whole_model(tmp_path: Path, label: str, extension: str, name: str) -> None:
    (path,) = unpack(label, tmp_path, f"{name}.{extension}")
    check(label, name, kmin.load(path))


@pytest.mark.parametrize("name", ["pictures", "words"])
@pytest.mark.parametrize("extension", ["h5", "keras"])
def test_the_extension_may_lie(tmp_path: Path, extension: str, name: str) -> None:
    (path,) = unpack("3.15", tmp_path, f"{name}.{extension}")
    check("3.15", name, kmin.load(path.rename(tmp_path / f"{name}.pkl")))


@pytest.mark.parametrize("name", ["pictures", "words"])
def test_hdf5_that_keras_called_keras(tmp_path: Path, name: str) -> None:
    """Keras 2.12 writes HDF5 into a file named .keras unless it is asked for the new format."""
    (path,) = unpack("2.12", tmp_path, f"{name}_misnamed.keras")
    assert path.read_bytes().startswith(b"\x89HDF")
    check("2.12", name, kmin.load(path))


@pytest.mark.parametrize("name", ["pictures", "words"])
@pytest.mark.parametrize("ending", ["_weights.h5", ".weights.h5", ".h5", ".keras"])
@pytest.mark.parametrize("label", ALL)
def test_architecture_and_weights(tmp_path: Path, label: str, ending: str, name: str) -> None:
    """Weights alone in both layouts, and those of a whole model."""
    path, weights = unpack(label, tmp_path, f"{name}.json", f"{name}{ending}")
    model = kmin.load(path, weights=weights)
    check(label, name, model)
    assert model.loading == ()


@pytest.mark.parametrize("name", ["pictures", "words"])
def test_sharded_weights(tmp_path: Path, name: str) -> None:
    members = [member for member in archive("3.15").namelist() if member.startswith(f"{name}_sharded")]
    assert len(members) > 3
    path, *_ = unpack("3.15", tmp_path, f"{name}.json", *members)
    weights = tmp_path / f"{name}_sharded.weights.json"
    table = json.loads(weights.read_text())["weight_map"]
    assert any(isinstance(shards, list) for shards in table.values()), "no layer straddles shards"
    check("3.15", name, kmin.load(path, weights=weights))


@pytest.mark.parametrize("name", ["pictures", "words"])
@pytest.mark.parametrize("label", ALL)
def test_unpacked_archive(tmp_path: Path, label: str, name: str) -> None:
    (path,) = unpack(label, tmp_path, f"{name}.keras")
    shutil.unpack_archive(path, tmp_path / "folder", "zip")
    check(label, name, kmin.load(tmp_path / "folder"))
    (path,) = unpack(label, tmp_path, f"{name}.json")
    check(label, name, kmin.load(path, weights=tmp_path / "folder"))


@pytest.mark.parametrize("name", ["pictures", "words"])
@pytest.mark.parametrize("label", ALL)
def test_by_name(tmp_path: Path, label: str, name: str) -> None:
    path, weights = unpack(label, tmp_path, f"{name}.json", f"{name}_weights.h5")
    model = kmin.load(path, weights=weights, by_name=True)
    check(label, name, model)
    assert {row.outcome for row in model.loading} == {"loaded"}


def test_weights_replace_those_of_a_whole_model(tmp_path: Path) -> None:
    path, weights = unpack("3.15", tmp_path, "pictures.h5", "pictures.weights.h5")
    with h5py.File(path, "r+") as file:
        for name in ("kernel", "bias"):
            file[f"model_weights/head/pictures/head/{name}"][...] = 0
    check("3.15", "pictures", kmin.load(path, weights=weights))
    assert not kmin.load(path).predict(np.ones((1, 6, 6, 2), np.float32)).any()


def test_groups_of_other_classes_than_convolutions_are_accepted(tmp_path: Path) -> None:
    """Keras 2 writes `groups: 1` for them, which Keras 3 refuses to read."""
    (path,) = unpack("2.15", tmp_path, "pictures.h5")
    layers = {layer.class_name: layer.config for layer in read(path).layers}
    assert layers["DepthwiseConv2D"]["groups"] == layers["Conv2DTranspose"]["groups"] == 1
    check("2.15", "pictures", kmin.load(path))


def test_keras_1_and_later_weights_do_not_mix(tmp_path: Path) -> None:
    (path,) = unpack("2.15", tmp_path, "pictures.json")
    (weights,) = unpack("1.2-theano", tmp_path, "image_weights.h5")
    with pytest.raises(FormatError, match="both must be of one generation"):
        read(Source(path, weights))


def test_saved_model(tmp_path: Path) -> None:
    (path,) = unpack("2.15", tmp_path, "words_saved")
    assert (path / "saved_model.pb").exists()
    for place in (path, path / "saved_model.pb", path / "keras_metadata.pb"):
        with pytest.raises(FormatError, match=r"SavedModel.*tf_keras.models.load_model.*model.save\('model.keras'\)"):
            read(place)


@pytest.mark.parametrize("ending", ["_weights.h5", ".weights.h5"])
@pytest.mark.parametrize("label", ["2.15", "3.15"])
def test_misfits_inside_other_layers_are_named(tmp_path: Path, label: str, ending: str) -> None:
    (path, weights) = unpack(label, tmp_path, "pictures.json", f"pictures{ending}")
    config = json.loads(path.read_text())
    (inner,) = [layer for layer in config["config"]["layers"] if layer["config"]["name"] == "inner"]
    inner["config"]["layers"][-2]["config"]["units"] = 5
    path.write_text(json.dumps(config))
    rows = {row.layer: row for row in read_spec(Source(path, weights, skip_mismatch=True)).loading}
    skipped = [layer for layer, row in rows.items() if row.outcome == "skipped"]
    assert skipped == ["inner/inner_a", "inner/inner_b"]
    assert rows["head"].outcome == "loaded"
    path, weights = unpack(label, tmp_path, "words.json", f"words{ending}")
    config = json.loads(path.read_text())
    (both,) = [layer for layer in config["config"]["layers"] if layer["config"]["name"] == "both"]
    for key in ("layer", "backward_layer"):
        if key in both["config"]:
            both["config"][key]["config"]["units"] = 4
    path.write_text(json.dumps(config))
    rows = {row.layer: row for row in read_spec(Source(path, weights, skip_mismatch=True)).loading}
    skipped = [layer for layer, row in rows.items() if row.outcome == "skipped"]
    assert len(skipped) == 3
    assert skipped[0].startswith("both/forward_")
    assert skipped[1].startswith("both/backward_")
    assert skipped[2] == "gru"
