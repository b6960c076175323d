"""From the name of a Keras activation, in its dialect's meaning, to an activation node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.activation import ActivationAttrs

# Keras name -> (kind, args) where the two differ or an argument is implied.
KERAS3: dict[str, tuple[str, tuple[float, ...]]] = {
    "linear": ("linear", ()),
    "relu": ("relu", ()),
}
KERAS2: dict[str, tuple[str, tuple[float, ...]]] = {
    **KERAS3,
}


def activation_of(call: LayerCall, value: Any) -> ActivationAttrs:
    """The activation that the config value (name, serialised object or None) means in the file's dialect."""
    if value is None:
        return ActivationAttrs("linear")
    if isinstance(value, Mapping):  # {"class_name": "function"|..., "config": name}
        value = value.get("config") if isinstance(value.get("config"), str) else value.get("class_name")
    table = KERAS3 if call.dialect == 3 else KERAS2
    if not isinstance(value, str) or value not in table:
        raise call.fail(f"activation {value!r} is not supported")
    kind, args = table[value]
    return ActivationAttrs(kind, args)


def lower_activation_of(call: LayerCall, x: Tensor, value: Any) -> Tensor:
    """`x` through the activation that `value` names; `x` itself when that is linear."""
    attrs = activation_of(call, value)
    return x if attrs.kind == "linear" else call.add("activation", (x,), attrs)
