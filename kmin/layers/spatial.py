"""Padding, cropping and upsampling of one to three spatial axes."""

from __future__ import annotations

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import is_channels_first, positive, spatial_input, spatial_output, spatial_rank
from kmin.ops.cast import CastAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.resize import RESIZE_RADIUS, ResizeAttrs
from kmin.ops.unary import UnaryAttrs
from kmin.ops.upsample import UpsampleAttrs


def lower_zero_padding(call: LayerCall) -> Tensor:
    """ZeroPadding1D/2D/3D."""
    return call.add("pad", (call.input,), PadAttrs(_pairs(call, "padding", 1)))


def lower_cropping(call: LayerCall) -> Tensor:
    """Cropping1D/2D/3D; Keras 3 refuses to cut everything away, Keras 2 returns what is left: nothing."""
    return call.add("crop", (call.input,), CropAttrs(_pairs(call, "cropping", 0), empty=call.dialect < 3))


def lower_up_sampling(call: LayerCall) -> Tensor:
    """UpSampling1D/2D/3D; 2D knows every interpolation of Keras 2 and 3.

    TensorFlow's `area` gives, for the whole factors of this layer, each cell repeated.
    """
    rank = spatial_rank(call)
    scale = positive(call, "size", rank, 2)
    method = call.config.get("interpolation", "nearest")
    if rank == 2 and isinstance(method, str):
        method = method.lower()
    known = ("nearest", "area", *RESIZE_RADIUS) if rank == 2 else ("nearest",)
    if method not in known:
        raise call.fail(f"interpolation must be one of {', '.join(map(repr, known))}; received {method!r}")
    x = spatial_input(call, rank)
    if method in RESIZE_RADIUS:
        given = x.dtype
        if not given.startswith("float") and given != "unknown":
            x = call.add("cast", (x,), CastAttrs("float32"))
        y = call.add("resize", (x,), ResizeAttrs(scale, method))
        wanted = given if call.dialect >= 3 else "float32"
        if not wanted.startswith("float") and given != "unknown":
            y = call.add("unary", (y,), UnaryAttrs("round"))
        if given != "unknown" and y.dtype != wanted:
            y = call.add("cast", (y,), CastAttrs(wanted))
    else:
        y = call.add("upsample", (x,), UpsampleAttrs(scale))
        if method == "area" and y.dtype not in ("float32", "unknown"):
            y = call.add("cast", (y,), CastAttrs("float32"))
    return spatial_output(call, y, rank)


def _pairs(call: LayerCall, key: str, default: int) -> tuple[tuple[int, int], ...]:
    """(before, after) of every axis of the input, batch and channels included.

    The config holds one number, one number per spatial axis or one pair per spatial axis (1D: one pair).
    """
    rank, x = spatial_rank(call), call.input
    if x.rank != rank + 2:
        raise call.fail(f"needs an input of rank {rank + 2}; received {x.spec}")
    value = call.config.get(key, default)
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value] * (rank if rank > 1 else 2)
    if rank == 1:
        value = [value]
    pairs = (
        [(item, item) if isinstance(item, int) else item for item in value] if isinstance(value, (list, tuple)) else []
    )
    if len(pairs) != rank or not all(_is_pair(pair) for pair in pairs):
        raise call.fail(f"{key} must be {rank} pairs of integers of at least 0; received {call.config.get(key)!r}")
    cells = tuple((int(pair[0]), int(pair[1])) for pair in pairs)
    return ((0, 0), (0, 0), *cells) if is_channels_first(call) else ((0, 0), *cells, (0, 0))


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(isinstance(cells, int) and not isinstance(cells, bool) and cells >= 0 for cells in value)
    )
