"""Dense, Activation and the layers that only pass their input through."""

from __future__ import annotations

from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.ops.dense import DenseAttrs


def lower_identity(call: LayerCall) -> Tensor:
    """Layers that change nothing at inference."""
    return call.input


def lower_dense(call: LayerCall) -> Tensor:
    """Dense: activation(x @ kernel + bias) over the last axis."""
    x = call.input
    size, units = x.shape[-1] if x.rank else None, call.config.get("units")
    if size is None or not isinstance(units, int):
        raise call.fail(f"needs a known last axis and units; received {x.spec} and {units!r}")
    kernel = call.weight("kernel", (size, units))
    bias = call.weight("bias", (units,)) if call.config.get("use_bias", True) else None
    y = call.add("dense", (x, kernel, bias), DenseAttrs())
    return lower_activation_of(call, y, call.config.get("activation"))


def lower_activation(call: LayerCall) -> Tensor:
    """Activation: the function named in the config."""
    return lower_activation_of(call, call.input, call.config.get("activation"))
