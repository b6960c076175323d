"""AutoContrast and ContrastLimitedAdaptiveHistogramEqualization, which change images at inference, too."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.layout import is_channels_first, positive
from kmin.ops.cast import CastAttrs
from kmin.ops.equalize_tiles import EqualizeTilesAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.transpose import TransposeAttrs
from kmin.ops.unary import UnaryAttrs
from kmin.ops.where import WhereAttrs

_BYTES = (0.0, 255.0)
_FIRST, _LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def lower_auto_contrast(call: LayerCall) -> Tensor:
    """AutoContrast: axes 1 and 2 of each image stretched to its value range. Source: auto_contrast.py, Keras 3.15."""
    original = cast_to_compute(call, _images(call))
    span = _value_range(call)
    x = _moved(call, original, span, _BYTES)
    low, high = (call.add("reduce", (x,), ReduceAttrs(kind, (1, 2), True)) for kind in ("min", "max"))
    top, bottom = (call.constant(name, np.asarray(value, x.dtype)) for name, value in (("top", 255), ("bottom", 0)))
    scale = call.binary(top, call.binary(high, low, "subtract"), "divide")
    offset = call.binary(call.add("unary", (low,), UnaryAttrs("negative")), scale, "multiply")
    x = call.binary(call.binary(x, scale, "multiply"), offset, "add")
    x = call.binary(call.binary(x, bottom, "maximum"), top, "minimum")
    x = _moved(call, x, _BYTES, span)
    flat = call.add("unary", (x,), UnaryAttrs("isnan"))  # images of one value
    return call.add("where", (flat, original, x), WhereAttrs())


def lower_clahe(call: LayerCall) -> Tensor:
    """ContrastLimitedAdaptiveHistogramEqualization, in float32, the input's dtype kept. Source: clahe.py, 3.15."""
    x = _images(call)
    limit = call.config.get("clip_limit", 4.0)
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        raise call.fail(f"clip_limit must be a number; received {limit!r}")
    rows, columns = positive(call, "tile_grid_size", 2, 8)
    dtype, first, span = x.dtype, is_channels_first(call), _value_range(call)
    if first:
        x = call.add("transpose", (x,), TransposeAttrs(_LAST))
    if dtype != "float32":
        x = call.add("cast", (x,), CastAttrs("float32"))
    x = _moved(call, x, span, _BYTES)
    x = call.add("equalize_tiles", (x,), EqualizeTilesAttrs((rows, columns), float(limit)))
    x = _moved(call, x, _BYTES, span)
    if dtype != "float32":
        x = call.add("cast", (x,), CastAttrs(dtype))
    return call.add("transpose", (x,), TransposeAttrs(_FIRST)) if first else x


def _images(call: LayerCall) -> Tensor:
    x = call.input
    if x.rank != 4:
        raise call.fail(f"needs images with a batch axis, of rank 4; received {x.spec}")
    return x


def _value_range(call: LayerCall) -> tuple[float, float]:
    value: Any = call.config.get("value_range", (0, 255))
    numbers = isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value)
    if not numbers or value[0] == value[1]:
        raise call.fail(f"value_range must be two different numbers; received {value!r:.80}")
    return float(value[0]), float(value[1])


def _moved(call: LayerCall, x: Tensor, old: tuple[float, float], new: tuple[float, float]) -> Tensor:
    """`x` from one range of values to another (BaseImagePreprocessingLayer._transform_value_range)."""
    if old == new:
        return x
    for kind, number in (
        ("subtract", old[0]),
        ("divide", old[1] - old[0]),
        ("multiply", new[1] - new[0]),
        ("add", new[0]),
    ):
        x = call.binary(x, call.constant(kind, np.asarray(number, x.dtype)), kind)
    return x
