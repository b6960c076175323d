"""Where the channels are: spatial rank, data_format, and the transposes that channels_first layers need."""

from __future__ import annotations

import re
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.transpose import TransposeAttrs


def spatial_rank(call: LayerCall) -> int:
    """Spatial axes of the layer's class: the digit in `Conv2D`, `GlobalMaxPooling1D`, ..."""
    found = re.search(r"([123])D", call.class_name)
    if found is None:
        raise call.fail("its number of spatial axes is not in the class name")
    return int(found.group(1))


def spatial_input(call: LayerCall, rank: int, batch_axes: int | None = 1) -> Tensor:
    """The input with its channels last; refused when its rank does not fit.

    Args:
        batch_axes: axes before the spatial ones; None allows any number (Keras 2 convolutions do).
    """
    x = call.input
    if x.rank < rank + 2 or (batch_axes is not None and x.rank != rank + 1 + batch_axes):
        raise call.fail(f"needs an input of rank {rank + 2}; received {x.spec}")
    if not is_channels_first(call):
        return x
    lead = x.rank - rank - 1
    return call.add("transpose", (x,), TransposeAttrs((*range(lead), *range(lead + 1, x.rank), lead)))


def spatial_output(call: LayerCall, y: Tensor, rank: int) -> Tensor:
    """`y`, computed with its channels last, in the layer's own layout."""
    if not is_channels_first(call):
        return y
    lead = y.rank - rank - 1
    return call.add("transpose", (y,), TransposeAttrs((*range(lead), y.rank - 1, *range(lead, y.rank - 1))))


def is_channels_first(call: LayerCall) -> bool:
    """The layer's data_format; channels_last when the config says nothing."""
    value = call.option("data_format", (None, "channels_last", "channels_first"), None)
    return bool(value == "channels_first")


def positive(call: LayerCall, key: str, count: int, default: Any = None) -> tuple[int, ...]:
    """The config value under `key` as `count` integers of at least 1."""
    values = call.numbers(key, count, default)
    if min(values) < 1:
        raise call.fail(f"{key} must be at least 1; received {values}")
    return values


def channels_of(call: LayerCall, x: Tensor) -> int:
    """Size of the (last) channel axis, which the weights need to know."""
    size = x.shape[-1]
    if size is None:
        raise call.fail(f"needs a known number of channels; received {x.spec}")
    return size
