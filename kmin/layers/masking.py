"""Masking, and the operations that Keras 3 writes into a file to compute masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor, tensors
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.fill_like import FillLikeAttrs
from kmin.ops.mask_steps import MaskStepsAttrs
from kmin.ops.reshape import ReshapeAttrs


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


def lower_any(call: LayerCall) -> Tensor:
    """ops.any: over one axis other than the batch."""
    axis = call.config.get("axis")
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        axis = axis[0]
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise call.fail(f"axis must be one integer; received {axis!r}")
    return call.add("any_true", (call.input,), AnyTrueAttrs(axis, bool(call.config.get("keepdims", False))))


def lower_expand_dims(call: LayerCall) -> Tensor:
    """ops.expand_dims: one new axis of size 1, after the batch."""
    x, axis = call.input, call.config.get("axis")
    if not isinstance(axis, int) or not -x.rank - 1 <= axis <= x.rank or axis % (x.rank + 1) == 0:
        raise call.fail(f"axis must be an integer that leaves the batch first; received {axis!r} for {x.spec}")
    target: list[Any] = [("x", at) for at in range(x.rank)]
    target.insert(axis % (x.rank + 1), 1)
    return call.add("reshape", (x,), ReshapeAttrs(tuple(target)))


def lower_zeros_like(call: LayerCall) -> Tensor:
    """ops.zeros_like."""
    return _filled(call, 0.0)


def lower_ones_like(call: LayerCall) -> Tensor:
    """ops.ones_like."""
    return _filled(call, 1.0)


def _filled(call: LayerCall, value: float) -> Tensor:
    dtype = call.kwargs.get("dtype", call.config.get("dtype"))
    return call.add(
        "fill_like", (call.input,), FillLikeAttrs(value, dtype if isinstance(dtype, str) else call.input.dtype)
    )


def lower_not_equal(call: LayerCall) -> Tensor:
    """ops.not_equal."""
    return _binary(call, "not_equal")


def lower_logical_or(call: LayerCall) -> Tensor:
    """ops.logical_or."""
    return _binary(call, "logical_or")


def lower_logical_and(call: LayerCall) -> Tensor:
    """ops.logical_and."""
    return _binary(call, "logical_and")


def _binary(call: LayerCall, kind: str) -> Tensor:
    """A binary op over x1 and x2, one of which may be a number."""
    given = [*call.args, *(call.kwargs[key] for key in ("x1", "x2") if key in call.kwargs)]
    kinds = (Tensor, int, float, bool)
    if len(given) != 2 or not all(isinstance(item, kinds) for item in given) or not tensors(given):
        raise call.fail(f"needs a tensor and a tensor or number; received {given!r:.120}")
    like = tensors(given)[0]
    sides = [
        item if isinstance(item, Tensor) else call.constant("value", np.asarray(item, like.dtype)) for item in given
    ]
    return call.add("binary", sides, BinaryAttrs(kind))
