"""Pooling: windows and whole images, over one to three spatial axes."""

from __future__ import annotations

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.layout import is_channels_first, positive, spatial_input, spatial_output, spatial_rank
from kmin.ops.adaptive_pool import AdaptivePoolAttrs
from kmin.ops.avg_pool import AvgPoolAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.masked_mean import MaskedMeanAttrs
from kmin.ops.max_pool import MaxPoolAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.transpose import TransposeAttrs


def lower_max_pooling(call: LayerCall) -> Tensor:
    """MaxPooling1D/2D/3D."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    return spatial_output(call, call.add("max_pool", (x,), MaxPoolAttrs(*_windows(call, rank))), rank)


def lower_average_pooling(call: LayerCall) -> Tensor:
    """AveragePooling1D/2D/3D: padded cells are not counted."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    return spatial_output(call, call.add("avg_pool", (x,), AvgPoolAttrs(*_windows(call, rank))), rank)


def lower_global_max_pooling(call: LayerCall) -> Tensor:
    """GlobalMaxPooling1D/2D/3D; a mask is not looked at, as in Keras."""
    x, attrs = _global_input(call), ReduceAttrs("max", _spatial_axes(call), _keepdims(call))
    if call.dialect < 3 or x.dtype != "bool":
        return call.add("reduce", (x,), attrs)
    bytes_ = call.add("cast", (x,), CastAttrs("uint8"))
    return call.add("cast", (call.add("reduce", (bytes_,), attrs),), CastAttrs("bool"))


def lower_global_average_pooling(call: LayerCall) -> Tensor:
    """GlobalAveragePooling1D/2D/3D; the 1D layer averages over the steps its mask keeps.

    Means of integers are float32 in Keras 3, and integers in Keras 2.
    """
    x = _global_input(call)
    if x.dtype == "bool" or (call.dialect >= 3 and x.dtype.startswith(("int", "uint"))):
        x = call.add("cast", (x,), CastAttrs("float32")).masked(x.mask)
    mask = call.kwargs.get("mask")
    if mask is None:
        mask = x.mask
    if spatial_rank(call) != 1 or mask is None:
        return call.add("reduce", (x,), ReduceAttrs("mean", _spatial_axes(call), _keepdims(call)))
    if not isinstance(mask, Tensor):
        raise call.fail(f"mask must be a tensor; received {mask!r}")
    first = is_channels_first(call)
    y = spatial_input(call, 1) if first else x
    y = call.add("masked_mean", (y, mask), MaskedMeanAttrs(_keepdims(call)))
    return call.add("transpose", (y,), TransposeAttrs((0, 2, 1))) if first and _keepdims(call) else y


def _windows(call: LayerCall, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], str | tuple[tuple[int, int], ...]]:
    """pool_size, strides (pool_size when absent) and padding: a word, or cells (see `convolutional`)."""
    window = positive(call, "pool_size", rank, 2)
    strides = positive(call, "strides", rank, window)
    padding = call.config.get("padding", "valid")
    if isinstance(padding, tuple):
        return window, strides, padding
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise call.fail(f"padding must be one of 'valid', 'same'; received {padding!r}")
    return window, strides, padding.lower()


def _global_input(call: LayerCall) -> Tensor:
    x, rank = call.input, spatial_rank(call)
    if x.rank != rank + 2:
        raise call.fail(f"needs an input of rank {rank + 2}; received {x.spec}")
    return x


def _spatial_axes(call: LayerCall) -> tuple[int, ...]:
    first = 2 if is_channels_first(call) else 1
    return tuple(range(first, first + spatial_rank(call)))


def _keepdims(call: LayerCall) -> bool:
    return bool(call.option("keepdims", (True, False), False))


def lower_adaptive_pooling(call: LayerCall) -> Tensor:
    """AdaptiveAveragePooling and AdaptiveMaxPooling 1D to 3D: as many windows as `output_size` says."""
    rank = spatial_rank(call)
    x = spatial_input(call, rank)
    kind = "mean" if "Average" in call.class_name else "max"
    y = call.add("adaptive_pool", (x,), AdaptivePoolAttrs(positive(call, "output_size", rank), kind))
    return spatial_output(call, y, rank)
