"""Dense, and the layers that only pass their input through."""

from __future__ import annotations

from kmin.formats.policy import policy_of
from kmin.layers.activation import lower_activation_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.lora import adapted
from kmin.layers.quantized import lower_quantized
from kmin.ops.cast import CastAttrs
from kmin.ops.dense import DenseAttrs


def lower_identity(call: LayerCall) -> Tensor:
    """Layers that change nothing at inference; whether the mask passes is settled by the class."""
    return call.input.masked(None)


def lower_dense(call: LayerCall) -> Tensor:
    """Dense: activation(x @ kernel + bias) over the last axis."""
    x = cast_to_compute(call, call.input)
    size, units = x.shape[-1] if x.rank else None, call.config.get("units")
    if size is None or not isinstance(units, int) or x.rank < 2:
        raise call.fail(f"needs a batch axis, a known last axis and units; received {x.spec} and {units!r}")
    if policy_of(call.config).mode is not None:
        lead = "abcdefgh"[: x.rank - 1]
        bias_array = call.layer.weights.get("bias") if call.config.get("use_bias", True) else None
        y = lower_quantized(call, x, (f"{lead}y", "yz", f"{lead}z"), (size, units), bias_array)
        return lower_activation_of(call, y, call.config.get("activation"))
    kernel = adapted(call, "kernel", (size, units))
    bias = call.weight("bias", (units,)) if call.config.get("use_bias", True) else None
    y = call.add("dense", (x, kernel, bias), DenseAttrs())
    return lower_activation_of(call, y, call.config.get("activation"))


def cast_to_compute(call: LayerCall, x: Tensor) -> Tensor:
    """`x` in the layer's compute dtype; integers, which Keras' autocast leaves alone, included."""
    return x if x.dtype == call.compute_dtype else call.add("cast", (x,), CastAttrs(call.compute_dtype))
