"""Input shapes that a Sequential's file leaves out, derived from the first layer's weights where that is safe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmin.formats.spec import LayerSpec, ModelSpec

# First layer class -> (rank of the input, weight whose axis is the last input axis, that axis).
_LAST_AXIS = {
    "Conv1D": (3, "kernel", 1),
    "Conv2D": (4, "kernel", 2),
    "Conv3D": (5, "kernel", 3),
    "Dense": (2, "kernel", 0),
    "GRU": (3, "kernel", 0),
    "LSTM": (3, "kernel", 0),
    "SeparableConv1D": (3, "depthwise_kernel", 1),
    "SeparableConv2D": (4, "depthwise_kernel", 2),
    "SimpleRNN": (3, "kernel", 0),
}


def settle_inputs(model: ModelSpec) -> ModelSpec:
    """The model with the shape of its InputLayer filled in when the second layer's weights tell it.

    Only single-input chains have an unknown shape. A Dense layer is taken to read rows (rank 2): other ranks are
    refused when predicting, never computed wrongly.
    """
    layers = list(model.layers)
    for i, layer in enumerate(layers):
        if layer.model is not None:
            layers[i] = layer = replace(layer, model=settle_inputs(layer.model))
    if len(layers) > 1 and _lacks_shape(layers[0]):
        shape = _derived(layers[1])
        if shape is not None:
            layers[0] = replace(layers[0], config={**layers[0].config, "batch_shape": shape})
    return replace(model, layers=tuple(layers))


def _lacks_shape(layer: LayerSpec) -> bool:
    config = layer.config
    return layer.class_name == "InputLayer" and not any(config.get(k) for k in ("batch_shape", "batch_input_shape"))


def _derived(layer: LayerSpec) -> list[Any] | None:
    if layer.class_name == "Embedding":
        return [None, None]
    row = _LAST_AXIS.get(layer.class_name)
    if row is None or layer.config.get("data_format", "channels_last") != "channels_last":
        return None
    rank, name, axis = row
    kernel = layer.weights.get(name)
    if kernel is None or kernel.ndim <= axis:
        return None
    groups = layer.config.get("groups", 1)
    size = int(kernel.shape[axis]) * (groups if isinstance(groups, int) else 1)
    return [None] * (rank - 1) + [size]
