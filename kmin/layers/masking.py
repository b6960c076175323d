"""Masking, and the comparison that makes masks."""

from __future__ import annotations

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.mask_steps import MaskStepsAttrs


def lower_masking(call: LayerCall) -> Tensor:
    """Masking: steps whose values all equal mask_value become zero and masked."""
    x = call.input
    value = call.config.get("mask_value", 0.0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise call.fail(f"mask_value must be a number; received {value!r}")
    mask = call.add("any_true", (unequal(call, x, value),), AnyTrueAttrs(-1))
    return call.add("mask_steps", (x, mask), MaskStepsAttrs()).masked(mask)


def unequal(call: LayerCall, x: Tensor, value: float) -> Tensor:
    """x != value, elementwise, compared in the dtype of x."""
    constant = call.constant("value", np.asarray(value, x.dtype))
    return call.add("binary", (x, constant), BinaryAttrs("not_equal"))
