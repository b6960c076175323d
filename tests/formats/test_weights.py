"""Weights files that fit a model in part or not at all: what is skipped, kept and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kmin
from formats.files import ARRAYS, BIAS, KERNEL, dense, input_layer, sequential, weights_h5, write_names
from kmin.errors import FormatError, UnsupportedError
from kmin.formats import read
from kmin.formats.source import Source
from kmin.layers.fitting import read_spec

HEAD = {"kernel_initializer": {"class_name": "Zeros", "config": {}}, "bias_initializer": "ones"}
RANDOM = {"kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": 3}}, "bias_initializer": "zeros"}
X = np.ones((1, 3), np.float32)


def architecture(path: Path, *layers: dict[str, Any]) -> Path:
    path.write_text(json.dumps({**sequential(input_layer(), *layers), "keras_version": "2.15.0"}))
    return path


def legacy(path: Path, weights: dict[str, list[np.ndarray]]) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        write_names(file, "layer_names", list(weights), 1)
        for layer, arrays in weights.items():
            names = [f"{layer}/{name}:0" for name in ("kernel", "bias", "extra")[: len(arrays)]]
            write_names(file.require_group(layer), "weight_names", names, 1)
            for name, array in zip(names, arrays, strict=True):
                file[layer][name] = array
    return path


def outcomes(path: Path, weights: Path, **how: bool) -> dict[str, str]:
    return {row.layer: row.outcome for row in read_spec(Source(path, weights, **how)).loading}


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ([np.zeros((4, 2), np.float32), BIAS], r"weight 'kernel' must have shape \(3, 2\); received \(4, 2\)"),
        ([np.zeros((3, 2, 1), np.float32), BIAS], r"weight 'kernel' must have shape \(3, 2\); received \(3, 2, 1\)"),
        ([KERNEL, np.zeros(3, np.float32)], r"weight 'bias' must have shape \(2,\); received \(3,\)"),
        ([KERNEL], "needs 2 weights; the file has 1"),
        ([KERNEL, BIAS, BIAS], "needs 2 weights; the file has 3"),
    ],
    ids=["size", "rank", "bias", "too-few", "too-many"],
)
@pytest.mark.parametrize("by_name", [True, False])
def test_skip_mismatch(tmp_path: Path, arrays: list[np.ndarray], reason: str, by_name: bool) -> None:
    """Sizes, ranks and numbers of weights alike; the layers after it are still checked."""
    square = np.eye(2, dtype=np.float32)
    weights = legacy(tmp_path / "w.h5", {"dense": arrays, "next": [square, BIAS]})
    fixed = architecture(tmp_path / "fixed.json", dense(**HEAD), dense("next"))
    loose = architecture(tmp_path / "loose.json", dense(**RANDOM), dense("next"))
    with pytest.raises(kmin.KminError, match=reason):
        kmin.load(fixed, weights=weights, by_name=by_name)
    model = kmin.load(fixed, weights=weights, by_name=by_name, skip_mismatch=True)
    assert [(row.layer, row.outcome) for row in model.loading] == [("dense", "initial"), ("next", "loaded")]
    np.testing.assert_array_equal(model(X), np.ones((1, 2), np.float32) + BIAS)
    assert outcomes(loose, weights, by_name=by_name, skip_mismatch=True) == {"dense": "skipped", "next": "loaded"}
    with pytest.raises(UnsupportedError, match=f"'dense'.*its weights were skipped.*{reason}.*random"):
        kmin.load(loose, weights=weights, by_name=by_name, skip_mismatch=True)


def test_every_misfit_is_found_at_once(tmp_path: Path) -> None:
    weights = legacy(tmp_path / "w.h5", {"a": [KERNEL[:2], BIAS], "b": [KERNEL, BIAS], "c": [KERNEL[:2], BIAS]})
    path = architecture(tmp_path / "m.json", dense("a"), dense("b"), dense("c"))
    assert outcomes(path, weights, skip_mismatch=True) == {"a": "skipped", "b": "skipped", "c": "loaded"}


def test_by_name(tmp_path: Path) -> None:
    """Layers that the file does not name go without, and those that the model does not have are named."""
    weights = legacy(tmp_path / "w.h5", {"other": [KERNEL, BIAS], "dense": [KERNEL, BIAS], "empty": []})
    path = architecture(tmp_path / "m.json", dense(), dense("next", **HEAD))
    with pytest.raises(FormatError, match="needs 2 weights; the file has 0"):
        kmin.load(path, weights=legacy(tmp_path / "one.h5", {"dense": [KERNEL, BIAS]}))
    model = kmin.load(path, weights=weights, by_name=True)
    found = {row.layer: (row.outcome, row.reason) for row in model.loading}
    assert found == {
        "dense": ("loaded", ""),
        "next": ("initial", "the weights file has no layer of this name"),
        "other": ("unused", "the model has no layer of this name"),
    }
    np.testing.assert_array_equal(model(X), np.ones((1, 2), np.float32))


def test_by_order_when_the_names_differ(tmp_path: Path) -> None:
    square = np.array([[0, 1], [1, 0]], np.float32)
    weights = legacy(tmp_path / "w.h5", {"x": [], "dense_7": [KERNEL, BIAS], "dense_8": [square, 0 * BIAS]})
    path = architecture(tmp_path / "m.json", dense(), dense("next"))
    np.testing.assert_array_equal(kmin.load(path, weights=weights)(X), (X @ KERNEL + BIAS)[:, ::-1])


def test_other_numbers_of_layers_are_never_matched_in_order(tmp_path: Path) -> None:
    weights = legacy(tmp_path / "w.h5", {"dense_7": [KERNEL, BIAS]})
    path = architecture(tmp_path / "m.json", dense(), dense("next"))
    for skip_mismatch in (False, True):
        with pytest.raises(FormatError, match="1 layers with weights in the file cannot be matched in order with 2"):
            read(Source(path, weights, skip_mismatch=skip_mismatch))


def test_skip_mismatch_in_the_newer_layout(tmp_path: Path) -> None:
    weights = tmp_path / "w.weights.h5"
    weights.write_bytes(weights_h5({**ARRAYS, "layers/dense_1/vars/0": KERNEL}))
    path = architecture(tmp_path / "m.json", dense(), dense("next", **HEAD))
    with pytest.raises(FormatError, match=r"layer 'next' \(Dense\): needs 2 weights"):
        read(Source(path, weights))
    assert outcomes(path, weights, skip_mismatch=True) == {"dense": "loaded", "next": "initial"}
    with pytest.raises(FormatError, match=r"by_name needs a legacy \.h5 file"):
        read(Source(path, weights, by_name=True))


@pytest.mark.parametrize(
    ("initializer", "value"),
    [
        ("zeros", 0),
        ("ones", 1),
        ({"class_name": "Constant", "config": {"value": 2.5}}, 2.5),
        ({"class_name": "Zeros", "config": {}, "module": "keras.initializers", "registered_name": None}, 0),
        ({"class_name": "Zeros", "config": {}, "module": "mine", "registered_name": "mine>Zeros"}, None),
        ({"class_name": "Constant", "config": {"value": [1, 2]}}, None),
        ("glorot_uniform", None),
        (None, None),
    ],
)
def test_only_fixed_initial_values_count(tmp_path: Path, initializer: Any, value: float | None) -> None:
    settings = {"kernel_initializer": initializer, "use_bias": False}
    path = architecture(tmp_path / "m.json", dense(), dense("next", **settings))
    spec = read_spec(Source(path, legacy(tmp_path / "w.h5", {"dense": [KERNEL, BIAS]}), by_name=True))
    assert [row.outcome for row in spec.loading] == ["loaded", "skipped" if value is None else "initial"]
    kernel = spec.layers[2].weights.get("kernel")
    assert (kernel is None) == (value is None)
    if kernel is not None:
        np.testing.assert_array_equal(kernel, np.full((2, 2), value, np.float32))


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ("../w_00000.weights.h5", "must be a .h5 file beside it"),
        ("/etc/passwd", "must be a .h5 file beside it"),
        ("gone.weights.h5", "is not there"),
        ("link.weights.h5", "is not there"),
        (7, "must be a .h5 file beside it"),
    ],
)
def test_shards_are_files_beside_their_map(tmp_path: Path, shard: Any, message: str) -> None:
    path = architecture(tmp_path / "m.json", dense())
    (tmp_path / "real.h5").write_bytes(weights_h5(ARRAYS))
    (tmp_path / "link.weights.h5").symlink_to(tmp_path / "real.h5")
    table = tmp_path / "w.weights.json"
    table.write_text(json.dumps({"metadata": {}, "weight_map": {"/layers/dense/vars": shard}}))
    with pytest.raises(FormatError, match=message):
        read(Source(path, table))


def test_one_array_in_two_shards(tmp_path: Path) -> None:
    path = architecture(tmp_path / "m.json", dense())
    for i in range(2):
        (tmp_path / f"{i}.h5").write_bytes(weights_h5({"layers/dense/vars/0": KERNEL}))
    table = tmp_path / "w.weights.json"
    table.write_text(json.dumps({"weight_map": {"/layers/dense/vars": ["0.h5", "1.h5"]}}))
    with pytest.raises(FormatError, match="'layers/dense/vars/0' is in several shards"):
        read(Source(path, table))


def test_an_unpacked_archive_holds_no_links(tmp_path: Path) -> None:
    (tmp_path / "real.h5").write_bytes(weights_h5(ARRAYS))
    folder = tmp_path / "folder"
    folder.mkdir()
    architecture(folder / "config.json", dense())
    (folder / "model.weights.h5").symlink_to(tmp_path / "real.h5")
    with pytest.raises(FormatError, match=r"no model\.weights\.h5"):
        read(folder)


def test_json_inside_a_json_string(tmp_path: Path) -> None:
    path = architecture(tmp_path / "m.json", dense())
    path.write_text(json.dumps(path.read_text()))
    assert read(Source(path, legacy(tmp_path / "w.h5", {"dense": [KERNEL, BIAS]}))).parameters() == 8


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"weight_map": {}}', "map of a sharded weights file"),
        ('{"config": {}}', "not a model's architecture"),
        ('{"config": ', "not valid JSON"),
        ('{"layers": [], "name": "old"}', "has no class_name"),
        ('{"modelTopology": {"class_name": "Model"}}', "TensorFlow.js"),
        ("class_name: Sequential\nconfig: []\n", "as YAML"),
    ],
)
def test_not_an_architecture(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=message):
        read(Source(path, tmp_path / "w.h5"))


def test_each_half_says_that_it_needs_the_other(tmp_path: Path) -> None:
    path = architecture(tmp_path / "m.json", dense())
    weights = legacy(tmp_path / "w.h5", {"dense": [KERNEL, BIAS]})
    with pytest.raises(FormatError, match="architecture as JSON, without weights"):
        read(path)
    with pytest.raises(FormatError, match="holds weights only"):
        read(weights)
    with pytest.raises(FormatError, match="are about a weights file, and there is none"):
        read(Source(weights, skip_mismatch=True))
    with pytest.raises(FormatError, match=r"w.h5: no such file"):
        read(Source(path, tmp_path / "nothing" / "w.h5"))


def test_archives_hold_kernels_with_their_lora_factors(tmp_path: Path) -> None:
    """The config says that there were some; the file has the sum (Dense.save_own_variables of Keras 3.15)."""
    path = tmp_path / "m.json"
    adapted = dense(lora_rank=2, lora_alpha=3)
    path.write_text(json.dumps({**sequential(input_layer(), adapted), "keras_version": "3.15.1"}))
    weights = tmp_path / "m.weights.h5"
    weights.write_bytes(weights_h5(ARRAYS))
    np.testing.assert_allclose(kmin.load(path, weights=weights).predict(X), X @ KERNEL + BIAS, rtol=1e-6)
