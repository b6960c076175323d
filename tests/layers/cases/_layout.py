"""What the rows of the spatial families are made with: stacks of layers, and channels_first on a CPU."""

from __future__ import annotations

from typing import Any


def stack(k: Any, shape: tuple[int | None, ...], *layers: Any) -> Any:
    """A functional model of the layers on one Input of `shape` (batch left out)."""
    x = inputs = k.Input(shape)
    for layer in layers:
        x = layer(x)
    return k.Model(inputs, x)


def channels_first(k: Any, layer: Any) -> Any:
    """The channels_first layer, made to run where TensorFlow has channels_last kernels only.

    While it computes, the layer is switched to channels_last between two transposes; its config stays as it is.
    """
    import tensorflow as tf

    original = layer.call
    activation = getattr(layer, "activation", None)

    def call(x: Any) -> Any:
        rank = len(x.shape)
        kept = {key: value for key, value in vars(layer).items() if key in SWITCHED}
        layer.data_format = "channels_last"
        if "_channels_first" in kept:
            layer._channels_first = False
        if "_tf_data_format" in kept:
            layer._tf_data_format = {3: "NWC", 4: "NHWC", 5: "NDHWC"}[rank]
        if activation is not None:
            layer.activation = None
        y = original(tf.transpose(x, (0, *range(2, rank), 1)))
        for key, value in kept.items():
            setattr(layer, key, value)
        y = tf.transpose(y, (0, rank - 1, *range(1, rank - 1))) if len(y.shape) == rank else y
        if activation is not None:
            layer.activation = activation
            y = activation(y)
        return y

    layer.call = call
    return layer


SWITCHED = ("data_format", "_channels_first", "_tf_data_format")
