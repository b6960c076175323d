"""Values as if quantised and back again (TensorFlow's quantization.quantize_and_dequantize)."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import axis_of, integer, is_float, tensor_of
from kmin.ops.round_on_grid import RoundOnGridAttrs


def quantized_and_back(
    call: LayerCall,
    x: Any,
    low: Any,
    high: Any,
    signed: Any,
    bits: Any,
    given: Any,
    mode: Any,
    _: Any,
    narrow: Any,
    axis: Any,
) -> Tensor:
    """quantization.quantize_and_dequantize: with a range that is given, or that of all values."""
    value = tensor_of(call, x)
    if mode not in ("HALF_TO_EVEN", "HALF_UP") or not is_float(value.dtype):
        raise call.fail(f"needs floats, and round_mode HALF_TO_EVEN or HALF_UP; received {value.spec}, {mode!r:.40}")
    at = (
        None
        if axis is None or (axis == -1 and call.class_name == "TensorFlowOpLayer")
        else axis_of(call, axis, value.rank)
    )
    limits = [tensor_of(call, limit, value.dtype) for limit in (low, high)] if given else []
    if not given:
        call.mix_samples(value, [place for place in range(value.rank) if place != at])
    attrs = RoundOnGridAttrs(integer(call, bits, "num_bits"), bool(signed), bool(narrow), mode == "HALF_UP", at)
    return call.add("round_on_grid", (value, *limits), attrs)
