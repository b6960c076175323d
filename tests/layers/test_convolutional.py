"""Configs that the convolutional, pooling and spatial layers refuse, each by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kmin import Model
from kmin.errors import InputError, UnsupportedError
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef
from kmin.layers.lower import lower
from kmin.ops.tensor import Shape

CONV = {"filters": 2, "kernel_size": [3, 3]}
KERNEL = {"kernel": np.ones((3, 3, 4, 2), np.float32), "bias": np.zeros(2, np.float32)}


def model(
    class_name: str,
    config: Mapping[str, Any],
    weights: Mapping[str, Any] | None = None,
    shape: Shape = (None, 6, 6, 4),
    dialect: int = 3,
) -> Model:
    """A model of one layer on one input."""
    first = LayerSpec("in", "InputLayer", {"batch_shape": shape, "dtype": "float32"}, calls=(Call(()),))
    layer = LayerSpec("spot", class_name, config, weights or {}, (Call((TensorRef("in"),)),))
    return Model(lower(ModelSpec("m", "Functional", (first, layer), TensorRef("in"), TensorRef("spot"), dialect)))


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("Conv2D", {**CONV, "padding": "causal"}, "padding must be one of 'valid', 'same'; received 'causal'"),
    ("Conv2D", {**CONV, "padding": "full"}, "padding must be one of 'valid', 'same'; received 'full'"),
    ("Conv2D", {**CONV, "padding": [[1, 1], [1, 1]]}, "padding must be one of"),
    ("Conv2D", {**CONV, "data_format": "NCHW"}, "data_format must be one of"),
    ("Conv2D", {**CONV, "strides": [2, 2], "dilation_rate": [2, 2]}, "cannot both be greater than 1"),
    ("Conv2D", {**CONV, "strides": [0, 1]}, "strides must be at least 1"),
    ("Conv2D", {**CONV, "kernel_size": [3]}, "kernel_size must be 2 integers; received \\[3\\]"),
    ("Conv2D", {**CONV, "groups": 3}, "groups must divide 4 channels and 2 filters; received 3"),
    ("Conv2D", {**CONV, "filters": 3}, "weight 'kernel' must have shape \\(3, 3, 4, 3\\)"),
    ("Conv2D", {**CONV, "kernel_size": [3, 4]}, "weight 'kernel' must have shape"),
    ("Conv1D", {**CONV, "kernel_size": [3]}, "weight 'kernel' must have shape|needs an input of rank 3"),
    ("Conv2D", {**CONV, "activation": "relu7"}, "relu7"),
    ("DepthwiseConv2D", {"kernel_size": [3, 3], "groups": 2}, "groups must be 1; received 2"),
    ("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2, "padding": "causal"}, "padding must be one of"),
    ("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 0}, "depth_multiplier must be at least 1"),
    ("SeparableConv2D", CONV, "needs the weight 'depthwise_kernel'"),
    ("Conv2DTranspose", {**CONV, "strides": [2, 2], "output_padding": [2, 0]}, "output_padding must be less than"),
    ("Conv2DTranspose", {**CONV, "strides": [2, 2], "output_padding": [0]}, "output_padding must be 2 integers"),
    ("MaxPooling2D", {"pool_size": [2, 2], "padding": "causal"}, "padding must be one of 'valid', 'same'"),
    ("MaxPooling2D", {"pool_size": [2, 2], "strides": [0, 0]}, "strides must be at least 1"),
    ("AveragePooling2D", {"pool_size": [7, 1]}, "at least 7 cells along spatial axis 0; received 6"),
    ("MaxPooling3D", {"pool_size": [2, 2, 2]}, "needs an input of rank 5"),
    ("GlobalMaxPooling2D", {"keepdims": "yes"}, "keepdims must be one of"),
    ("GlobalAveragePooling1D", {}, "needs an input of rank 3"),
    ("ZeroPadding2D", {"padding": [1, -1]}, "padding must be 2 pairs of integers of at least 0"),
    ("ZeroPadding2D", {"padding": [[1, 1], [1]]}, "padding must be 2 pairs"),
    ("Cropping2D", {"cropping": [[3, 3], [0, 0]]}, "leaves nothing"),
    ("UpSampling2D", {"size": [2, 2], "interpolation": "cubist"}, "interpolation must be one of .*'cubist'"),
    ("UpSampling2D", {"size": [2, 0]}, "size must be at least 1"),
]


@pytest.mark.parametrize(("class_name", "config", "message"), REFUSED)
def test_refused_by_name(class_name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=f"layer 'spot' \\({class_name}\\): .*({message})"):
        model(class_name, config, KERNEL)


def test_keras_2_forbids_strided_dilated_depthwise() -> None:
    config = {"kernel_size": [3, 3], "strides": [2, 2], "dilation_rate": [2, 2]}
    weights = {"kernel": np.ones((3, 3, 4, 1), np.float32), "bias": np.zeros(4, np.float32)}
    assert model("DepthwiseConv2D", config, weights).outputs[0].shape == (None, 1, 1, 4)
    with pytest.raises(UnsupportedError, match="cannot both"):
        model("DepthwiseConv2D", config, weights, dialect=2)


def test_a_missing_data_format_means_channels_last() -> None:
    explicit = model("Conv2D", {**CONV, "data_format": "channels_last"}, KERNEL)
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype(np.float32)
    for config in (CONV, {**CONV, "data_format": None}, {**CONV, "padding": "VALID"}):
        np.testing.assert_array_equal(model("Conv2D", config, KERNEL)(x), explicit(x))


def test_low_rank_factors_are_merged() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 3, 4, 2)).astype(np.float32), rng.normal(size=(2, 2)).astype(np.float32)
    merged = {**KERNEL, "kernel": KERNEL["kernel"] + 4 / 2 * np.matmul(a, b)}
    apart = {**KERNEL, "lora_kernel_a": a, "lora_kernel_b": b}
    x = rng.normal(size=(2, 6, 6, 4)).astype(np.float32)
    got = model("Conv2D", {**CONV, "lora_rank": 2, "lora_alpha": 4}, apart)(x)
    np.testing.assert_allclose(got, model("Conv2D", CONV, merged)(x), rtol=1e-5, atol=1e-5)
    with pytest.raises(UnsupportedError, match="lora_rank"):
        model("Conv2D", CONV, apart)


def test_images_of_unknown_size_are_checked_when_they_run() -> None:
    conv = model("Conv2D", CONV, KERNEL, (None, None, None, 4))
    assert conv.outputs[0].shape == (None, None, None, 2)
    assert conv(np.ones((1, 3, 9, 4))).shape == (1, 1, 7, 2)
    with pytest.raises(InputError, match="at least 3 cells along spatial axis 0; received 2"):
        conv(np.ones((1, 2, 9, 4)))
    crop = model("Cropping2D", {"cropping": [[1, 1], [0, 0]]}, {}, (None, None, 6, 4))
    with pytest.raises(InputError, match="leaves nothing"):
        crop(np.ones((1, 2, 6, 4)))


def test_keras_2_crops_everything_away() -> None:
    crop = model("Cropping2D", {"cropping": [[4, 4], [0, 1]]}, dialect=2)
    assert crop.outputs[0].shape == (None, 0, 5, 4)
    assert crop(np.ones((2, 6, 6, 4))).shape == (2, 0, 5, 4)


@pytest.mark.parametrize("class_name", ["CustomScaleLayer", "Custom>CustomScaleLayer"])
def test_custom_scale_layer(class_name: str) -> None:
    refs = (TensorRef("in"), TensorRef("in"))
    first = LayerSpec("in", "InputLayer", {"batch_shape": (None, 3), "dtype": "float32"}, calls=(Call(()),))
    layer = LayerSpec("spot", class_name, {"scale": 0.25}, {}, (Call(([*refs],)),))
    scaled = Model(lower(ModelSpec("m", "Functional", (first, layer), refs[0], TensorRef("spot"), 3)))
    np.testing.assert_array_equal(scaled(np.full((2, 3), 8.0)), np.full((2, 3), 10.0, np.float32))
    other = replace(layer, module="my_layers")
    with pytest.raises(UnsupportedError, match=r"only the class of keras\.applications"):
        lower(ModelSpec("m", "Functional", (first, other), refs[0], TensorRef("spot"), 3))


def test_layers_of_convnext() -> None:
    scale = {"init_values": 1e-6, "projection_dim": 4}
    scaled = model("LayerScale", scale, {"gamma": np.arange(4, dtype="float32")})
    np.testing.assert_array_equal(scaled(np.full((2, 6, 6, 4), 2.0))[1, 3, 3], [0, 2, 4, 6])
    rests = model("StochasticDepth", {"drop_path_rate": 0.2})
    np.testing.assert_array_equal(rests(np.full((2, 6, 6, 4), 2.0)), np.full((2, 6, 6, 4), 2.0, np.float32))
    for name in ("LayerScale", "StochasticDepth"):
        with pytest.raises(UnsupportedError, match=r"only the class of keras\.applications"):
            model(name, {})


@pytest.mark.parametrize("dialect", [2, 3])
def test_groups_of_one_channel_are_a_depthwise_convolution(dialect: int) -> None:
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 5, 1, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    config = {"filters": 4, "kernel_size": [3, 5], "groups": 4, "dilation_rate": [1, 2], "padding": "same"}
    grouped = model("Conv2D", config, {"kernel": kernel, "bias": bias}, (None, 6, 7, 4), dialect)
    assert "depthwise_conv" in {node.op for node in grouped.graph.nodes}
    x = rng.normal(size=(3, 6, 7, 4)).astype(np.float32)
    padded = np.pad(x.astype(np.float64), ((0, 0), (1, 1), (4, 4), (0, 0)))
    wanted = sum(padded[:, i : i + 6, 2 * j : 2 * j + 7] * kernel[i, j, 0] for i in range(3) for j in range(5)) + bias
    np.testing.assert_allclose(grouped.predict(x), wanted, rtol=0, atol=1e-5)
