"""Whole-model .h5 files: attribute flavours, split name lists, facts, and weights that do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from formats.files import BIAS, KERNEL, MODEL, dense, input_layer, sequential, write_h5
from kmin.errors import FormatError
from kmin.formats import read


@pytest.mark.parametrize("as_bytes", [True, False])
@pytest.mark.parametrize("version", ["2.15.0", b"2.15.0", np.bytes_(b"2.15.0"), np.array("2.15.0", dtype=object)])
@pytest.mark.parametrize("chunks", [1, 2])
def test_attributes_of_every_flavour(tmp_path: Path, as_bytes: bool, version: Any, chunks: int) -> None:
    spec = read(write_h5(tmp_path / "m.h5", version=version, as_bytes=as_bytes, chunks=chunks))
    assert spec.dialect == 2
    assert spec.file is not None
    assert (spec.file.container, spec.file.keras_version) == ("h5", "2.15.0")
    layer = spec.layers[1]
    assert list(layer.weights) == ["kernel", "bias"]
    np.testing.assert_array_equal(layer.weights["kernel"], KERNEL)
    np.testing.assert_array_equal(layer.weights["bias"], BIAS)


def test_facts(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file["optimizer_weights/adam/m"] = np.zeros(100, np.float32)
        file.attrs["training_config"] = "{}"
        file.attrs["backend"] = b"tensorflow"
    facts = read(path).file
    assert facts is not None
    assert facts.optimizer_size == 400
    assert facts.training_config
    assert facts.backend == "tensorflow"
    assert facts.size == path.stat().st_size


def test_the_extension_does_not_matter(tmp_path: Path) -> None:
    assert read(write_h5(tmp_path / "m.keras")).file.container == "h5"  # type: ignore[union-attr]


def test_config_inside_another_tools_group(tmp_path: Path) -> None:
    inner = write_h5(tmp_path / "inner.h5")
    with h5py.File(inner) as source, h5py.File(tmp_path / "m.h5", "w") as file:
        target = file.create_group("model/kerasmodel")
        source.copy("model_weights", target)
        for key, value in source.attrs.items():
            target.attrs[key] = value
    assert read(tmp_path / "m.h5").parameters() == 8


def test_arrays_keep_their_dtype_and_byte_order_becomes_native(tmp_path: Path) -> None:
    for dtype in ("<f2", ">f4", ">f8"):
        weights = {"dense": [("dense/kernel", KERNEL.astype(dtype)), ("dense/bias", BIAS.astype(dtype))]}
        layer = read(write_h5(tmp_path / "m.h5", weights=weights)).layers[1]
        assert layer.weights["kernel"].dtype == np.dtype(dtype).newbyteorder("=")
        np.testing.assert_array_equal(layer.weights["kernel"], KERNEL)


def test_layers_are_paired_by_order_when_the_names_differ(tmp_path: Path) -> None:
    weights = {"other": [("other/kernel:0", KERNEL), ("other/bias:0", BIAS)]}
    np.testing.assert_array_equal(read(write_h5(tmp_path / "m.h5", weights=weights)).layers[1].weights["bias"], BIAS)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"dense": [("dense/kernel", KERNEL)]}, "layer 'dense' (Dense): needs 2 weights; the file has 1"),
        ({}, "layer 'dense' (Dense): needs 2 weights; the file has 0"),
        ({"other": [], "more": [("k", KERNEL)], "still": [("k", KERNEL)]}, "the weights of 'more' belong to no layer"),
        ({"dense": [("d/gamma", KERNEL), ("d/beta", BIAS)]}, "expected 'kernel' of 'dense', found 'd/gamma'"),
    ],
)
def test_weights_that_do_not_fit(tmp_path: Path, weights: Any, message: str) -> None:
    with pytest.raises(FormatError) as error:
        read(write_h5(tmp_path / "m.h5", weights=weights))
    assert message in str(error.value)


def test_weights_out_of_order_are_put_right_by_name(tmp_path: Path) -> None:
    weights = {"dense": [("dense/bias:0", BIAS), ("dense/kernel:0", KERNEL)]}
    np.testing.assert_array_equal(read(write_h5(tmp_path / "m.h5", weights=weights)).layers[1].weights["bias"], BIAS)


def test_unknown_layers_keep_their_weights(tmp_path: Path) -> None:
    config = sequential(input_layer(), {"class_name": "Custom>Odd", "config": {"name": "odd"}}, dense())
    weights = {"odd": [("odd/w", KERNEL), ("odd/v", BIAS)], "dense": [("dense/kernel", KERNEL), ("dense/bias", BIAS)]}
    odd = read(write_h5(tmp_path / "m.h5", config, weights)).layers[1]
    assert odd.class_name == "Custom>Odd"
    assert list(odd.weights) == ["odd/w", "odd/v"]


def test_operations_are_not_taken_for_layers(tmp_path: Path) -> None:
    """Keras 3 writes `x + 1` into .h5 files as a class_name Add without a module."""
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    add = {"class_name": "Add", "config": {"name": "add"}, "name": "add"}
    add["inbound_nodes"] = [{"args": [tensor, 1.0], "kwargs": {}}]
    layers = [{**input_layer(), "name": "x", "inbound_nodes": []}, add]
    config = {"layers": layers, "input_layers": ["x", 0, 0], "output_layers": ["add", 0, 0], "name": "m"}
    spec = read(write_h5(tmp_path / "m.h5", {"class_name": "Functional", "config": config}, {}))
    assert spec.layers[1].class_name == "ops.Add"
    assert spec.layers[1].calls[0].args[1] == 1.0


def test_version_decides_the_dialect(tmp_path: Path) -> None:
    versions = {"1.2.2": 1, "2.0.6": 2, "2.2.4-tf": 2, "3.9.2": 3}
    for version, dialect in versions.items():
        weights = {"dense": [("kernel", KERNEL), ("bias", BIAS)]}
        assert read(write_h5(tmp_path / "m.h5", MODEL, weights, version)).dialect == dialect
