"""From the name of a Keras activation, in its dialect's meaning, to an activation node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.nearest import nearest
from kmin.ops.activation import ActivationAttrs
from kmin.ops.glu import GluAttrs
from kmin.ops.softmax import SoftmaxAttrs

# Keras name -> (kind, args). An activation that changes the shape ("glu") is an op of its own.
_SHARED: dict[str, tuple[str, tuple[float, ...]]] = {
    "elu": ("elu", (1.0,)),
    "exponential": ("exponential", ()),
    "gelu": ("gelu", ()),
    "leaky_relu": ("leaky_relu", (0.2,)),
    "linear": ("linear", ()),
    "log_softmax": ("log_softmax", ()),
    "mish": ("mish", ()),
    "relu": ("relu", ()),
    "relu6": ("relu6", ()),
    "selu": ("selu", ()),
    "sigmoid": ("sigmoid", ()),
    "silu": ("silu", ()),
    "softmax": ("softmax", ()),
    "softplus": ("softplus", ()),
    "softsign": ("softsign", ()),
    "swish": ("silu", ()),
    "tanh": ("tanh", ()),
}
# keras.activations of Keras 3.15: ALL_OBJECTS_DICT with the functions' default arguments ("threshold" has none).
KERAS3: dict[str, tuple[str, tuple[float, ...]]] = {
    **_SHARED,
    "celu": ("celu", (1.0,)),
    "glu": ("glu", ()),
    "hard_shrink": ("hard_shrink", (0.5,)),
    "hard_sigmoid": ("hard_sigmoid", (1 / 6, 0.5)),
    "hard_silu": ("hard_silu", ()),
    "hard_swish": ("hard_silu", ()),
    "hard_tanh": ("hard_tanh", ()),
    "log_sigmoid": ("log_sigmoid", ()),
    "soft_shrink": ("soft_shrink", (0.5,)),
    "sparse_plus": ("sparse_plus", ()),
    "sparse_sigmoid": ("sparse_sigmoid", ()),
    "sparsemax": ("sparsemax", ()),
    "squareplus": ("squareplus", (4.0,)),
    "tanh_shrink": ("tanh_shrink", ()),
}
# keras.activations of Keras 1.2 to 2.15; "softmax_v2" is what tf.nn.softmax was saved as by early TensorFlow 2.
KERAS2: dict[str, tuple[str, tuple[float, ...]]] = {
    **_SHARED,
    "hard_sigmoid": ("hard_sigmoid", (0.2, 0.5)),
    "softmax_v2": ("softmax", ()),
}
# Modules whose functions of these names are Keras' own.
_OWN_MODULES = ("builtins", "keras", "tensorflow", "tf_keras")


def activation_of(call: LayerCall, value: Any) -> ActivationAttrs:
    """The shape-keeping activation that the config value (name, serialised object or None) means in the dialect.

    Raises:
        UnsupportedError: an unknown name, a layer with weights, or "glu" (see `lower_activation_of`).
    """
    kind, args = _named(call, value)
    if kind == "glu":
        raise call.fail("activation 'glu' halves the last axis and is not supported inside this layer")
    return ActivationAttrs(kind, args)


def lower_activation_of(call: LayerCall, x: Tensor, value: Any) -> Tensor:
    """`x` through the activation that `value` names; `x` itself when that is linear."""
    if isinstance(value, Mapping) and value.get("class_name") == "Softmax":
        return lower_softmax_of(call, x, _inner(value).get("axis", -1))
    kind, args = _named(call, value)
    if kind == "glu":
        return call.add("glu", (x,), GluAttrs(-1))
    return x if kind == "linear" else call.add("activation", (x,), ActivationAttrs(kind, args))


def lower_softmax_of(call: LayerCall, x: Tensor, axis: Any) -> Tensor:
    """Softmax along one axis or several."""
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    if not axes or any(isinstance(a, bool) or not isinstance(a, int) or not -x.rank <= a < x.rank for a in axes):
        raise call.fail(f"axis must name axes of {x.spec}; received {axis!r}")
    positive = tuple(sorted({a % x.rank for a in axes}))
    if positive == (x.rank - 1,) and x.rank > 1:
        return call.add("activation", (x,), ActivationAttrs("softmax"))
    call.mix_samples(x, positive)
    return call.add("softmax", (x,), SoftmaxAttrs(positive))


def relu_attrs(call: LayerCall, config: Mapping[str, Any]) -> ActivationAttrs:
    """The ReLU layer: negative_slope, threshold and max_value (None: unbounded)."""
    slope = _number(call, config, "negative_slope", 0.0)
    threshold = _number(call, config, "threshold", 0.0)
    if config.get("max_value") is not None:
        largest = _number(call, config, "max_value", 0.0)
        if (slope, threshold, largest) == (0.0, 0.0, 6.0):
            return ActivationAttrs("relu6")
        return ActivationAttrs("bounded_relu", (slope, threshold, largest))
    if threshold != 0:
        return ActivationAttrs("shifted_relu", (slope, threshold))
    return ActivationAttrs("relu") if slope == 0 else ActivationAttrs("leaky_relu", (slope,))


def leaky_relu_attrs(call: LayerCall, config: Mapping[str, Any]) -> ActivationAttrs:
    """The LeakyReLU layer: `alpha` in Keras 2, `negative_slope` in Keras 3, 0.3 in both when it is missing."""
    key = "negative_slope" if "negative_slope" in config else "alpha"
    slope = _number(call, config, key, 0.3)
    return ActivationAttrs("relu") if slope == 0 else ActivationAttrs("leaky_relu", (slope,))


def elu_attrs(call: LayerCall, config: Mapping[str, Any]) -> ActivationAttrs:
    """The ELU layer."""
    return ActivationAttrs("elu", (_number(call, config, "alpha", 1.0),))


def thresholded_relu_attrs(call: LayerCall, config: Mapping[str, Any]) -> ActivationAttrs:
    """The ThresholdedReLU layer of Keras 2."""
    return ActivationAttrs("threshold", (_number(call, config, "theta", 1.0), 0.0))


# Activation layers without weights, as layers and as the activation of another layer.
ACTIVATION_LAYERS: dict[str, Callable[[LayerCall, Mapping[str, Any]], ActivationAttrs]] = {
    "ELU": elu_attrs,
    "LeakyReLU": leaky_relu_attrs,
    "ReLU": relu_attrs,
    "ThresholdedReLU": thresholded_relu_attrs,
}


def _named(call: LayerCall, value: Any) -> tuple[str, tuple[float, ...]]:
    """Kind and arguments of a serialised activation."""
    if value is None:
        return "linear", ()
    if isinstance(value, Mapping):
        return _object(call, value)
    table = KERAS3 if call.dialect >= 3 else KERAS2
    if isinstance(value, str) and value in table:
        return table[value]
    if isinstance(value, str) and value in ACTIVATION_LAYERS and call.dialect < 3:
        attrs = ACTIVATION_LAYERS[value](call, {})  # Keras 2 takes the name of a layer for the layer
        return attrs.kind, attrs.args
    hint = nearest(value, table) if isinstance(value, str) else ""
    raise call.fail(f"activation {value!r} is not supported{hint}")


def _object(call: LayerCall, value: Mapping[str, Any]) -> tuple[str, tuple[float, ...]]:
    """Kind and arguments of `{"class_name": ..., "config": ...}`: a function by name, or an activation layer."""
    class_name, config = value.get("class_name"), value.get("config")
    module = value.get("module")
    name = config if isinstance(config, str) else class_name
    if isinstance(module, str) and not module.startswith(_OWN_MODULES):
        raise call.fail(f"activation '{module}.{name}' is custom code and is not supported")
    if isinstance(config, str):  # "function", "Function" or the like
        return _named(call, config)
    if class_name == "Activation":
        return _named(call, _inner(value).get("activation"))
    if class_name == "Softmax" and _inner(value).get("axis", -1) in (-1, [-1]):
        return "softmax", ()
    if class_name in ACTIVATION_LAYERS:
        attrs = ACTIVATION_LAYERS[class_name](call, _inner(value))
        return attrs.kind, attrs.args
    raise call.fail(f"a layer of class {class_name!r} as activation is not supported")


def _inner(value: Mapping[str, Any]) -> Mapping[str, Any]:
    config = value.get("config")
    return config if isinstance(config, Mapping) else {}


def _number(call: LayerCall, config: Mapping[str, Any], key: str, default: float) -> float:
    """A number of the config, also in the serialised form of a NumPy scalar."""
    value = config.get(key)
    if isinstance(value, Mapping):
        value = _inner(value).get("value")
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise call.fail(f"{key} must be a number; received {value!r}")
    return float(value)
