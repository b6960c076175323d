"""Theano's `same` padding in cells (theano_backend.py of Keras 1.2.2 and 2.3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Array, LayerSpec

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
    if name == "Conv3DTranspose" and max(dilation) > 1:  # Keras on Theano has none
        return UNKNOWN
    if padding != "same" and name.endswith("Transpose") and max(strides) > 1 and max(dilation) > 1:
        reaches = [(size - 1) * step + 1 for size, step in zip(windows, dilation, strict=True)]
        added = more if more is not None else [max(0, step - n) for n, step in zip(reaches, strides, strict=True)]
        return tuple((0, -cells) for cells in added)
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


def pads_otherwise(layer: LayerSpec) -> bool:
    """Whether Keras on TensorFlow cannot pad as the layer does on Theano: the states of ConvLSTM2D, too."""
    windows = layer.config.get("kernel_size")
    inner = layer.class_name == "ConvLSTM2D" and isinstance(windows, (list, tuple)) and any(n % 2 == 0 for n in windows)
    return inner or theano_padding(layer) != layer.config.get("padding")


def odd_window(kernel: Array) -> Array:
    """A kernel over two axes with zeros behind even sizes: what Theano's `same` and TensorFlow's give is one then."""
    more = [(0, 1 - size % 2) for size in kernel.shape[:2]]
    return np.pad(kernel, [*more, (0, 0), (0, 0)]) if kernel.ndim == 4 else kernel


def _sizes(value: Any, rank: int) -> list[int] | None:
    """One number per axis, or None when they are none."""
    items = value if isinstance(value, (list, tuple)) else [value] * rank
    return list(items) if len(items) == rank and all(type(item) is int for item in items) else None
