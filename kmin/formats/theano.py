"""Theano's `same` padding in cells (theano_backend.py of Keras 1.2.2 and 2.3.1)."""

from __future__ import annotations

from typing import Any

from kmin.formats.spec import LayerSpec

# Classes whose kernels Theano mirrors.
MIRRORED = frozenset({"Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM2D"})
# Those that Keras mirrors again for it.
_STRAIGHT = frozenset({"DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"})
_POOLS = frozenset(f"{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3))
# What no layer takes for padding, so that the layer is refused.
UNKNOWN = "same (as Theano pads)"


def theano_padding(layer: LayerSpec) -> Any:
    """The layer's padding, `same` as a (before, after) pair of cells per axis where that is not TensorFlow's.

    A convolution pads both ends by half of the window's reach, a pool by one or two cells less than its window; what is
    then more than `same` is cut off the end of the result, but for separable ones. A transposed convolution loses those
    cells at both ends.
    """
    name, config, padding = layer.class_name, layer.config, layer.config.get("padding")
    if name not in _POOLS | MIRRORED | _STRAIGHT:
        return padding
    rank = int(name.removesuffix("Transpose").removesuffix("D")[-1])
    windows, strides, dilation, more = (
        _sizes(config.get(key), rank)
        for key in ("pool_size" if name in _POOLS else "kernel_size", "strides", "dilation_rate", "output_padding")
    )
    if strides is None:
        strides = windows if name in _POOLS else [1] * rank
    dilation = dilation if dilation is not None else [1] * rank
    if windows is None or strides is None or min(*windows, *strides, *dilation) < 1:
        return UNKNOWN if padding == "same" else padding
    odd = all(size % 2 for size in windows)
    if name == "ConvLSTM2D":  # whose states are always padded as `same`
        return padding if odd and (padding != "same" or max(strides) == 1) else UNKNOWN
    if name.endswith("Transpose") and max(dilation) > 1:  # which is left out of the size of the result
        return UNKNOWN
    if padding != "same":
        return padding
    if name in _POOLS:
        if rank == 3 and 1 in windows:  # which Keras pads by -1 cells
            return UNKNOWN
        before = [size - 2 if size > 2 and size % 2 else size - 1 for size in windows]
        return tuple((cells, size - 1 - cells) for cells, size in zip(before, windows, strict=True))
    reaches = [(size - 1) * step + 1 for size, step in zip(windows, dilation, strict=True)]
    if name.endswith("Transpose"):
        if not odd:
            return UNKNOWN
        if more is not None:
            return tuple((reach // 2, reach // 2 - cells) for reach, cells in zip(reaches, more, strict=True))
        return tuple((reach // 2, reach - reach // 2 - step) for reach, step in zip(reaches, strides, strict=True))
    if odd and max(strides) == 1:
        return padding
    whole = name.startswith("Separable")
    return tuple((reach // 2, reach // 2 if whole else (reach - 1) // 2) for reach in reaches)


def _sizes(value: Any, rank: int) -> list[int] | None:
    """One number per axis, or None when they are none."""
    items = value if isinstance(value, (list, tuple)) else [value] * rank
    return list(items) if len(items) == rank and all(type(item) is int for item in items) else None
