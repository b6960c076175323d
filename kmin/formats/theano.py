"""Theano's `same` padding in cells (theano_backend.py of Keras 1.2.2 and 2.3.1)."""

from __future__ import annotations

from typing import Any

from kmin.formats.spec import LayerSpec

# Classes whose kernels Theano mirrors.
MIRRORED = frozenset({"Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM2D"})
_POOLS = frozenset(f"{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3))
# What no layer takes for padding, so that the layer is refused.
UNKNOWN = "same (as Theano pads)"


def theano_padding(layer: LayerSpec) -> Any:
    """What stands for `same`: a (before, after) pair of cells per axis, or `same` where that is the same.

    A convolution pads both ends by half of the window's reach, a pool by one or two cells less than its window; what is
    then more than `same` is cut off the end of the result. A transposed convolution loses those cells at both ends.
    """
    name = layer.class_name
    if name not in _POOLS and name not in MIRRORED:
        return "same"
    rank = int(name.removesuffix("Transpose").removesuffix("D")[-1])
    windows, strides, dilation = (
        _sizes(layer.config.get(key), rank)
        for key in ("pool_size" if name in _POOLS else "kernel_size", "strides", "dilation_rate")
    )
    if strides is None and name in _POOLS:
        strides = windows
    strides, dilation = strides if strides is not None else [1] * rank, dilation if dilation is not None else [1] * rank
    if windows is None or min(*windows, *strides, *dilation) < 1:
        return UNKNOWN
    if name in _POOLS:
        if rank == 3 and 1 in windows:  # which Keras pads by -1 cells
            return UNKNOWN
        before = [size - 2 if size > 2 and size % 2 else size - 1 for size in windows]
        return tuple((cells, size - 1 - cells) for cells, size in zip(before, windows, strict=True))
    odd = all(size % 2 for size in windows)
    if odd and max(strides) == 1:
        return "same"
    reaches = [(size - 1) * step + 1 for size, step in zip(windows, dilation, strict=True)]
    if name.endswith("Transpose"):
        if not odd:
            return UNKNOWN
        return tuple((reach // 2, reach - reach // 2 - step) for reach, step in zip(reaches, strides, strict=True))
    if name == "ConvLSTM2D":
        return UNKNOWN
    return tuple((reach // 2, (reach - 1) // 2) for reach in reaches)


def _sizes(value: Any, rank: int) -> list[int] | None:
    """One number per axis, or None when they are none."""
    items = value if isinstance(value, (list, tuple)) else [value] * rank
    return list(items) if len(items) == rank and all(type(item) is int for item in items) else None
