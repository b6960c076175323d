"""The activation layers: ReLU and its variants, PReLU, Softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.activation import ACTIVATION_LAYERS, lower_activation_of, lower_softmax_of
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.masks import mask_of
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.prelu import PreluAttrs
from kmin.ops.where import WhereAttrs


def lower_activation(call: LayerCall) -> Tensor:
    """Activation: the function named in the config."""
    x = call.input
    return lower_activation_of(call, x, call.config.get("activation")).masked(None)


def lower_activation_layer(call: LayerCall) -> Tensor:
    """ReLU, LeakyReLU, ELU, ThresholdedReLU."""
    x = call.input
    if call.class_name == "LeakyReLU" and x.dtype.startswith(("int", "uint")):
        x = call.add("cast", (x,), CastAttrs("float32"))
    return call.add("activation", (x,), ACTIVATION_LAYERS[call.class_name](call, call.config))


def lower_prelu(call: LayerCall) -> Tensor:
    """PReLU: one slope per position, 1 wide along shared_axes (1 is the first axis after the batch)."""
    x = call.input
    shared = call.config.get("shared_axes")
    axes = shared if isinstance(shared, (list, tuple)) else [] if shared is None else [shared]
    wanted = [1 if axis in axes else size for axis, size in enumerate(x.shape)][1:]
    known = [size for size in wanted if size is not None]
    alpha = call.weight("alpha", known if len(known) == len(wanted) else None)
    fits = len(alpha.shape) == len(wanted)
    if not fits or any(w is not None and w != g for w, g in zip(wanted, alpha.shape, strict=True)):
        raise call.fail(f"weight 'alpha' must have shape {tuple(wanted)}; received {alpha.shape}")
    return call.add("prelu", (x, alpha), PreluAttrs())


def lower_softmax(call: LayerCall) -> Tensor:
    """Softmax along `axis`; a mask (explicit, or travelling with the input) takes positions out."""
    return masked_softmax_of(call, call.input, mask_of(call), call.config.get("axis", -1))


def masked_softmax_of(call: LayerCall, x: Tensor, mask: Tensor | None, axis: Any) -> Tensor:
    """Softmax of `x` along `axis` without the positions that the mask takes out.

    Keras 2.15 adds -1e9 (half precision: -32752) to them; Keras 3.15 puts -1e9 (-3e4) there and zeros the result.
    """
    if mask is None:
        return lower_softmax_of(call, x, axis)
    pairs = zip(reversed(mask.shape), reversed(x.shape), strict=False)
    if mask.rank > x.rank or any(m not in (1, n) for m, n in pairs if m is not None and n is not None):
        raise call.fail(f"the mask must broadcast to {x.spec}; received {mask.spec}")
    half = x.dtype == "float16"
    if call.dialect < 3:
        low = call.constant("masked", np.asarray(-65504 / 2 if half else -1e9, x.dtype))
        one = call.constant("one", np.asarray(1, x.dtype))
        kept = call.add("cast", (mask,), CastAttrs(x.dtype))
        away = call.add(
            "binary", (call.add("binary", (one, kept), BinaryAttrs("subtract")), low), BinaryAttrs("multiply")
        )
        return lower_softmax_of(call, call.add("binary", (x, away), BinaryAttrs("add")), axis)
    if mask.dtype != "bool":
        middle = call.constant("middle", np.asarray(0.5, mask.dtype if mask.dtype.startswith("float") else "float32"))
        mask = call.add("binary", (mask, middle), BinaryAttrs("greater"))
    low = call.constant("masked", np.asarray(-3e4 if half else -1e9, x.dtype))
    zero = call.constant("zero", np.asarray(0, x.dtype))
    y = lower_softmax_of(call, call.add("where", (mask, x, low), WhereAttrs()), axis)
    return call.add("where", (mask, y, zero), WhereAttrs())
