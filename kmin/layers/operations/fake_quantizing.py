"""Values on a grid of 2^bits steps that has 0 on it (TensorFlow's quantization.fake_quant_*)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, tensor_of, unary
from kmin.ops.where import WhereAttrs


def fake_quantized(limits_last: bool) -> Any:
    """quantization.fake_quant_with_min_max_args and _vars, and _vars_per_channel with limits for the last axis.

    Source of the grid: fake_quant_ops_functor.h of TensorFlow 2.15.
    """

    def lower(call: LayerCall, x: Any, low: Any, high: Any, bits: Any, narrow: Any) -> Tensor:
        value = tensor_of(call, x)
        if isinstance(low, Tensor) or isinstance(high, Tensor) or bits not in range(2, 17) or value.dtype != "float32":
            raise call.fail(
                f"needs float32, limits from the file and 2 to 16 bits; received {value.spec}, {bits!r:.40}"
            )
        least, most = (np.asarray(part, "float32") for part in (low, high))
        if least.ndim != (1 if limits_last else 0) or least.shape != most.shape:
            raise call.fail(f"needs limits of one shape; received {least.shape} and {most.shape}")
        first, last = np.float32(1 if narrow else 0), np.float32(2**bits - 1)
        empty = (least == 0) & (most == 0)
        scale = (most - least) / (last - first)
        scale = np.where(scale == 0, np.float32(1), scale)
        zero = np.clip(first - least / scale, first, last)
        zero = np.floor(zero + np.float32(0.5))
        bottom, top = (first - zero) * scale, (last - zero) * scale

        def constant(name: str, array: Any) -> Tensor:
            return call.constant(name, np.asarray(array, "float32"))

        inside = binary(
            call, binary(call, value, constant("bottom", bottom), "maximum"), constant("top", top), "minimum"
        )
        shifted = binary(call, inside, constant("bottom", bottom), "subtract")
        steps = binary(call, shifted, constant("inverse", np.float32(1) / scale), "multiply")
        steps = unary(call, binary(call, steps, 0.5, "add"), "floor")
        grid = binary(
            call, binary(call, steps, constant("scale", scale), "multiply"), constant("bottom", bottom), "add"
        )
        if not empty.any():
            return grid
        return call.add("where", (call.constant("empty", empty), constant("zero", 0), grid), WhereAttrs())

    return lower
