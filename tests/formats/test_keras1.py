"""Keras 1 configs and weights, told in Keras 2's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats.files import write_h5
from kmin.formats import build, read
from kmin.formats.keras1 import translate
from kmin.formats.spec import LayerSpec

RNG = np.random.default_rng(0)


def only(class_name: str, config: dict[str, Any], arrays: list[tuple[str, np.ndarray]]) -> LayerSpec:
    """The one layer of a Keras 1 Sequential (its config is a list)."""
    layer = {"class_name": class_name, "config": {"name": "only", "batch_input_shape": [None, 4, 4, 2], **config}}
    return build({"class_name": "Sequential", "config": [layer]}, 1, {"only": arrays}).layers[1]


def test_arguments() -> None:
    name, config = translate(
        "Convolution2D",
        {
            "nb_filter": 4,
            "nb_row": 3,
            "nb_col": 5,
            "border_mode": "same",
            "subsample": [2, 1],
            "dim_ordering": "th",
            "bias": False,
        },
    )
    assert name == "Conv2D"
    wanted = {
        "filters": 4,
        "kernel_size": [3, 5],
        "padding": "same",
        "strides": [2, 1],
        "data_format": "channels_first",
        "use_bias": False,
    }
    assert wanted.items() <= config.items()
    assert translate("Dropout", {"p": 0.3})[1]["rate"] == 0.3
    assert translate("Dense", {"output_dim": 7})[1]["units"] == 7
    assert translate("GRU", {"output_dim": 7, "inner_activation": "sigmoid"})[1]["recurrent_activation"] == "sigmoid"
    assert translate("Embedding", {"input_dim": 9, "output_dim": 7, "input_dtype": "int32"})[1].get("dtype") is None
    assert translate("Merge", {"mode": "concat", "concat_axis": 1})[:1] == ("Concatenate",)
    assert translate("Merge", {"mode": "dot", "dot_axes": [[1], [2]]})[1]["axes"] == [1, 2]
    assert translate("MaxoutDense", {"output_dim": 3, "bias": False})[1]["use_bias"] is False


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("Merge", {"mode": "cos"}),
        ("Merge", {"mode": "sum", "layers": [{}]}),
        ("BatchNormalization", {"mode": 1}),
        ("Convolution2D", {"dim_ordering": "default"}),
        ("Lambda", {}),
    ],
)
def test_what_has_no_translation_keeps_its_name(class_name: str, config: dict[str, Any]) -> None:
    assert translate(class_name, config) == (f"keras1.{class_name}", config)


@pytest.mark.parametrize(("class_name", "stored", "order"), [("LSTM", "icfo", "ifco"), ("GRU", "zrh", "zrh")])
def test_gates_are_joined(class_name: str, stored: str, order: str) -> None:
    parts = {
        (part, gate): RNG.normal(size=shape).astype("f4")
        for gate in stored
        for part, shape in (("W", (3, 2)), ("U", (2, 2)), ("b", (2,)))
    }
    arrays = [(f"only_{part}_{gate}:0", array) for (part, gate), array in parts.items()]
    layer = only(class_name, {"output_dim": 2, "consume_less": "cpu"}, arrays)
    assert list(layer.weights) == ["kernel", "recurrent_kernel", "bias"]
    for name, part in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b")):
        np.testing.assert_array_equal(layer.weights[name], np.concatenate([parts[part, g] for g in order], -1))


def test_a_gpu_layout_is_already_joined() -> None:
    arrays = [("only_W:0", np.zeros((3, 8))), ("only_U:0", np.zeros((2, 8))), ("only_b:0", np.zeros(8))]
    assert list(only("LSTM", {"consume_less": "gpu"}, arrays).weights) == ["kernel", "recurrent_kernel", "bias"]


@pytest.mark.parametrize("ordering", ["th", "tf"])
@pytest.mark.parametrize("suffix", ["", ":0"])
def test_convolution_kernels(ordering: str, suffix: str) -> None:
    """TensorFlow's names end in :0; without it the file is Theano's, which convolves instead of correlating."""
    kernel = RNG.normal(size=(3, 3, 2, 5)).astype("f4")
    stored = kernel if suffix else kernel[::-1, ::-1]
    if ordering == "th":
        stored = stored.transpose(3, 2, 0, 1)
    arrays = [(f"only_W{suffix}", stored), (f"only_b{suffix}", np.zeros(5, "f4"))]
    config = {"nb_filter": 5, "nb_row": 3, "nb_col": 3, "dim_ordering": ordering}
    np.testing.assert_array_equal(only("Convolution2D", config, arrays).weights["kernel"], kernel)


def test_one_dimensional_kernels_of_both_ages() -> None:
    kernel = RNG.normal(size=(3, 2, 5)).astype("f4")
    config = {"nb_filter": 5, "filter_length": 3}
    for stored in (kernel[:, None], kernel[:, None].transpose(3, 2, 0, 1)):
        arrays = [("only_W:0", stored), ("only_b:0", np.zeros(5, "f4"))]
        np.testing.assert_array_equal(only("Convolution1D", config, arrays).weights["kernel"], kernel)


def test_theano_kernels_of_keras_2_are_mirrored(tmp_path: Path) -> None:
    import h5py

    kernel = RNG.normal(size=(3, 3, 2, 5)).astype("f4")
    for class_name in ("Conv2D", "SeparableConv2D"):
        layer = {"class_name": class_name, "config": {"name": "c", "batch_input_shape": [None, 4, 4, 2]}}
        arrays = [("c/kernel", kernel), ("c/bias", np.zeros(5, "f4"))]
        if class_name != "Conv2D":
            arrays = [("c/depthwise_kernel", kernel), ("c/pointwise_kernel", kernel), arrays[1]]
        path = write_h5(tmp_path / "m.h5", {"class_name": "Sequential", "config": [layer]}, {"c": arrays}, "2.1.3")
        with h5py.File(path, "a") as file:
            file.attrs["backend"] = b"theano"
        weights = read(path).layers[1].weights
        if class_name == "Conv2D":
            np.testing.assert_array_equal(weights["kernel"], kernel[::-1, ::-1])
        else:  # whose kernels Keras mirrors once more for Theano
            np.testing.assert_array_equal(weights["depthwise_kernel"], kernel)
