"""Normalization, Rescaling, and the augmentation layers that rest at inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.layout import positive
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.resize_image import ResizeImageAttrs

# Augmentation layers that keep the dtype of integer images; the others return them in the compute dtype.
_KEEP_INTEGERS: dict[int, frozenset[str]] = {
    2: frozenset({"RandomHeight", "RandomWidth"}),
    3: frozenset(
        {
            "Equalization",
            "MaxNumBoundingBoxes",
            "MixUp",
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomColorJitter",
            "RandomContrast",
            "RandomCrop",
            "RandomGrayscale",
            "RandomHue",
            "RandomInvert",
            "RandomPosterization",
            "RandomSaturation",
        }
    ),
}
_SMALLEST = 1e-7  # keras.backend.epsilon(): a smaller standard deviation counts as this


def lower_augmentation(call: LayerCall) -> Tensor:
    """Random image layers at inference: the image as it is (seen with Keras 2.15 and 3.15)."""
    x = call.input
    keeps = call.class_name in _KEEP_INTEGERS[3 if call.dialect >= 3 else 2]
    return (x if keeps else cast_to_compute(call, x)).masked(None)


def lower_random_crop(call: LayerCall) -> Tensor:
    """RandomCrop at inference: Keras 3 leaves the image as it is, Keras 2 cuts to the proportions and resizes."""
    x = call.input
    if call.dialect >= 3:
        return lower_augmentation(call)
    size = (positive(call, "height", 1)[0], positive(call, "width", 1)[0])
    if x.rank != 4:
        raise call.fail(f"needs images with a batch axis, of rank 4; received {x.spec}")
    return call.add("resize_image", (cast_to_compute(call, x),), ResizeImageAttrs(size, "bilinear", aspect="crop"))


def lower_rescaling(call: LayerCall) -> Tensor:
    """Rescaling: x * scale + offset, computed in the layer's dtype (from float32 numbers, as in Keras)."""
    x = cast_to_compute(call, call.input)
    scale = call.constant("scale", _values(call, "scale", 1.0).astype(np.float32).astype(x.dtype))
    offset = call.constant("offset", _values(call, "offset", 0.0).astype(np.float32).astype(x.dtype))
    y = call.add("binary", (x, scale), BinaryAttrs("multiply"))
    return call.add("binary", (y, offset), BinaryAttrs("add"))


def lower_normalization(call: LayerCall) -> Tensor:
    """Normalization: (x - mean) / max(sqrt(variance), 1e-7), or back again with invert."""
    x = cast_to_compute(call, call.input)
    axis = call.config.get("axis", -1)
    axes = axis if isinstance(axis, (list, tuple)) else () if axis is None else (axis,)
    if any(isinstance(a, bool) or not isinstance(a, int) or not -x.rank <= a < x.rank for a in axes):
        raise call.fail(f"axis must name axes of {x.spec}; received {axis!r}")
    kept = sorted(a % x.rank for a in axes)
    mean, variance = _statistic(call, "mean", x, kept), _statistic(call, "variance", x, kept)
    whole = not x.dtype.startswith("float")
    if whole and call.dialect < 3:
        raise call.fail(f"computes in '{x.dtype}', of which TensorFlow takes no square root")
    kind = np.dtype(np.float32 if whole else x.dtype)
    spread = np.maximum(np.sqrt(variance.astype(kind)), np.asarray(_SMALLEST, kind))
    centre, width = call.constant("centre", mean), call.constant("width", spread)
    if whole:  # Keras 3 divides and multiplies integers as floats
        centred = x if call.config.get("invert", False) else call.binary(x, centre, "subtract")
        x, centre = (call.add("cast", (own,), CastAttrs("float32")) for own in (centred, centre))
        if not call.config.get("invert", False):
            return call.binary(x, width, "divide")
    if call.config.get("invert", False):
        return call.add("binary", (call.add("binary", (x, width), BinaryAttrs("multiply")), centre), BinaryAttrs("add"))
    return call.add("binary", (call.add("binary", (x, centre), BinaryAttrs("subtract")), width), BinaryAttrs("divide"))


def _statistic(call: LayerCall, name: str, x: Tensor, kept: list[int]) -> Array:
    """Mean or variance, given in the config or learnt, in a shape that broadcasts to `x`."""
    wanted = [x.shape[axis] for axis in kept]
    if call.config.get(name) is not None:
        values = _values(call, name, 0.0)
        if call.dialect >= 3:
            values = values.astype(np.float32)  # what Keras 3 makes of a list before it looks at the dtype
        sizes = wanted[len(wanted) - values.ndim :]
        fits = values.ndim <= len(kept)
        if not fits or any(g not in (1, w) for g, w in zip(values.shape, sizes, strict=True)):
            raise call.fail(f"{name} must fit the axes {kept} of {x.spec}; received shape {values.shape}")
    else:
        values = call.layer.weights.get(name, np.zeros(()))
        if name not in call.layer.weights or list(values.shape) != wanted:
            raise call.fail(f"needs {name} of shape {tuple(wanted)}, in the config or as a weight")
    shape = [1] * x.rank
    for axis, size in zip(kept[len(kept) - values.ndim :], values.shape, strict=True):
        shape[axis] = size
    return values.astype(x.dtype).reshape(shape)


def _values(call: LayerCall, key: str, default: float) -> Array:
    """A number, nested lists of numbers or a serialised array of the config."""
    value: Any = call.config.get(key)
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner.get("value") if isinstance(inner, Mapping) else None
        if value is None:
            raise call.fail(f"{key} must be numbers; received {call.config.get(key)!r}")
    if value is None:
        value = default
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise call.fail(f"{key} must be numbers; received {value!r}") from None
    if not np.all(np.isfinite(array)):
        raise call.fail(f"{key} must be finite numbers; received {value!r}")
    return array
