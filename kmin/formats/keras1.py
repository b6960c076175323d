"""Keras 1 spelled in Keras 2: class names, arguments and weight layouts (keras 1.2.2; keras 2.15 hdf5_format)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmin.errors import FormatError
from kmin.formats.spec import Array, LayerSpec, ModelSpec
from kmin.formats.theano import MIRRORED, odd_window, theano_padding

Config = Mapping[str, Any]

# Marks a config that was translated; its recurrent layers still have one array per gate.
MARK = "keras_1"
_GATES = {"ConvLSTM2D": "icfo", "GRU": "zrh", "LSTM": "icfo"}
_ORDERS = {"ConvLSTM2D": "ifco", "GRU": "zrh", "LSTM": "ifco"}

_KEYS = {
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "border_mode": "padding",
    "filter_length": "kernel_size",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}
_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_CLASSES = {
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose",
    "Highway": "keras1.Highway",
    "MaxoutDense": "keras1.MaxoutDense",
    "ParametricSoftplus": "keras1.ParametricSoftplus",
    "SReLU": "keras1.SReLU",
    "SeparableConvolution2D": "SeparableConv2D",
    "TimeDistributedDense": "Dense",
}
# Classes whose meaning did not change beyond the renamed arguments.
_KEPT = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "Bidirectional",
        "ConvLSTM2D",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "Dense",
        "Dropout",
        "ELU",
        "Embedding",
        "Flatten",
        "GRU",
        "GaussianDropout",
        "GaussianNoise",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "InputLayer",
        "LSTM",
        "LeakyReLU",
        "LocallyConnected1D",
        "LocallyConnected2D",
        "Masking",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "PReLU",
        "Permute",
        "RepeatVector",
        "Reshape",
        "SimpleRNN",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "ThresholdedReLU",
        "TimeDistributed",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
        "ZeroPadding1D",
        "ZeroPadding2D",
        "ZeroPadding3D",
    }
)
_MERGES = {"ave": "Average", "concat": "Concatenate", "max": "Maximum", "mul": "Multiply", "sum": "Add"}
# Classes whose configs do not say where the channels are: it was a setting of Keras.
_UNTOLD = frozenset(f"{kind}{rank}D" for kind in ("Cropping", "UpSampling", "ZeroPadding") for rank in (2, 3))
_WITH_UNITS = frozenset({"Dense", "GRU", "LSTM", "SimpleRNN"})


def translate(class_name: str, config: Config) -> tuple[str, dict[str, Any]]:
    """The Keras 2 class and config; an untranslatable class is named `keras1.<class>` and keeps its config."""
    settings = {_KEYS.get(key, key): value for key, value in config.items()}
    settings[MARK] = True
    if class_name == "Merge":
        merged = _MERGES.get(str(config.get("mode")))
        if merged is not None and not config.get("layers"):
            return merged, {**settings, "axis": config.get("concat_axis", -1)}
        if config.get("mode") == "dot" and not config.get("layers"):
            axes = config.get("dot_axes", -1)
            inner = (
                [axis[0] if isinstance(axis, list) and axis else axis for axis in axes]
                if isinstance(axes, list)
                else axes
            )
            return "Dot", {**settings, "axes": inner, "normalize": False}
    if class_name == "BatchNormalization" and config.get("mode", 0) == 0:
        return class_name, settings
    name = _CLASSES.get(class_name, class_name)
    if class_name not in _CLASSES and class_name not in _KEPT:
        return f"keras1.{class_name}", dict(config)
    if "dim_ordering" in settings:
        ordering = settings.pop("dim_ordering")
        if ordering not in _FORMATS:
            return f"keras1.{class_name}", dict(config)
        settings["data_format"] = _FORMATS[ordering]
    if name == "InputLayer" and "input_dtype" in settings:
        settings["dtype"] = settings["input_dtype"]
    if name in _WITH_UNITS:
        settings["units"] = settings.get("output_dim")
    if "nb_row" in settings:
        settings["kernel_size"] = [settings["nb_row"], settings.get("nb_col")]
    if "kernel_dim1" in settings:
        settings["kernel_size"] = [settings.get(f"kernel_dim{i}") for i in (1, 2, 3)]
    if name in ("ZeroPadding1D", "ZeroPadding2D"):
        settings["padding"] = _pairs(settings.get("padding"))
    if name == "GRU":
        settings["reset_after"] = False
    if name == "UpSampling1D":
        settings["size"] = settings.get("length")
    return name, settings


def _pairs(padding: Any) -> Any:
    """The padding as Keras 2 writes it: four numbers are two pairs, names are places."""
    if isinstance(padding, dict):
        names = ("top_pad", "bottom_pad", "left_pad", "right_pad")
        padding = [
            padding.get(name, 0) for name in (names if names[0] in padding or names[1] in padding else names[2:])
        ]
    if isinstance(padding, list) and len(padding) == 4:
        return [padding[:2], padding[2:]]
    return padding


def gate_names(layer: LayerSpec) -> tuple[str, ...] | None:
    """Names of the arrays of a Keras 1 recurrent layer that stores one set per gate; None for any other layer."""
    gates = _GATES.get(layer.class_name)
    if gates is None or not layer.config.get(MARK) or layer.config.get("consume_less") == "gpu":
        return None
    return tuple(f"{part}_{gate}" for gate in gates for part in ("W", "U", "b"))


def settle_weights(model: ModelSpec, backend: str | None) -> ModelSpec:
    """The model with weights as Keras 2 on TensorFlow would hold them.

    Keras 1 kept one array per gate and, for Theano's axis order, filters first; Theano convolves where TensorFlow
    correlates, so kernels trained on it are mirrored (keras 2.3.1 saving.py, `_need_convert_kernel`).
    """
    if model.dialect >= 2 and backend != "theano":
        return model
    layers = tuple(_settled(layer, backend) for layer in model.layers)
    orders = {item.config.get("data_format") for layer in layers for item in layer.walk()} - {None}
    return _ordered(replace(model, layers=layers), orders.pop() if len(orders) == 1 else None)


def _ordered(model: ModelSpec, order: Any) -> ModelSpec:
    """The model with the order of axes that its other layers name, where a layer's config does not name any."""
    if order is None:
        return model
    layers = []
    for layer in model.layers:
        if layer.class_name in _UNTOLD and layer.config.get(MARK) and "data_format" not in layer.config:
            layer = replace(layer, config={**layer.config, "data_format": order})
        layers.append(replace(layer, model=_ordered(layer.model, order) if layer.model is not None else None))
    return replace(model, layers=tuple(layers))


def _settled(layer: LayerSpec, backend: str | None) -> LayerSpec:
    inner = settle_weights(layer.model, backend) if layer.model is not None else None
    children = {key: _settled(child, backend) for key, child in layer.children.items()}
    weights = dict(layer.weights)
    names = gate_names(layer)
    if layer.class_name in _FIRST and layer.config.get(MARK) and layer.config.get("data_format") == "channels_first":
        weights = {name: _turned(array) for name, array in weights.items()}
    if layer.class_name == "PReLU" and layer.config.get(MARK) and "alpha" in weights:
        shared = [axis for axis, size in enumerate(weights["alpha"].shape, start=1) if size == 1]
        layer = replace(layer, config={**layer.config, "shared_axes": shared})
    if layer.class_name == "keras1.SReLU" and backend == "theano":
        layer = replace(layer, config={**layer.config, "backend": backend})
    if names is not None and all(name in weights for name in names):
        order = _ORDERS[layer.class_name]
        weights = {
            target: np.concatenate([weights[f"{part}_{gate}"] for gate in order], axis=-1)
            for target, part in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))
        }
    rule = _KERNELS.get(layer.class_name)
    if rule is not None and "kernel" in weights and layer.config.get(MARK):
        weights["kernel"] = rule(weights["kernel"], layer)
    if backend == "theano" and layer.class_name in MIRRORED:
        weights = {name: _mirrored(array) if name.endswith("kernel") else array for name, array in weights.items()}
    if backend == "theano" and layer.class_name == "ConvLSTM2D" and "recurrent_kernel" in weights:
        weights["recurrent_kernel"] = odd_window(weights["recurrent_kernel"])
    if backend == "theano" and layer.config.get("padding") is not None:
        layer = replace(layer, config={**layer.config, "padding": theano_padding(layer)})
    return replace(layer, weights=weights, model=inner, children=children)


def _conv1d(kernel: Array, layer: LayerSpec) -> Array:
    if kernel.ndim != 4:
        raise FormatError(f"layer '{layer.name}' (Conv1D): a Keras 1 kernel must have 4 axes; received {kernel.shape}")
    size = layer.config.get("kernel_size")
    if kernel.shape[:2] != (size, 1) or kernel.shape[3] != layer.config.get("filters"):
        kernel = kernel.transpose(2, 3, 1, 0)
    return np.ascontiguousarray(kernel[:, 0])


def _filters_first(kernel: Array, layer: LayerSpec) -> Array:
    if layer.config.get("data_format") != "channels_first":
        return kernel
    axes = (*range(2, kernel.ndim), 1, 0)
    return np.ascontiguousarray(kernel.transpose(axes))


def _turned(kernel: Array) -> Array:
    """A kernel (filters, channels, rows, columns) as (rows, columns, channels, filters)."""
    return np.ascontiguousarray(kernel.transpose(2, 3, 1, 0)) if kernel.ndim == 4 else kernel


def _transposed(kernel: Array, layer: LayerSpec) -> Array:
    first = layer.config.get("data_format") == "channels_first"
    return np.ascontiguousarray(kernel.transpose((2, 3, 0, 1) if first else (0, 1, 3, 2)))


_KERNELS: dict[str, Callable[[Array, LayerSpec], Array]] = {
    "Conv1D": _conv1d,
    "Conv2D": _filters_first,
    "Conv2DTranspose": _transposed,
    "Conv3D": _filters_first,
}
# Classes all of whose kernels have their filters first when channels come first.
_FIRST = frozenset({"ConvLSTM2D", "SeparableConv2D"})


def _mirrored(kernel: Array) -> Array:
    return np.ascontiguousarray(np.flip(kernel, tuple(range(kernel.ndim - 2))))
