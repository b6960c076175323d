"""resize_image: images brought to a given size, as `tf.image.resize` (version 2) does it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.resize import RESIZE_RADIUS, resize_weight
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ResizeImageAttrs:
    """How to resize.

    Attributes:
        size: rows and columns of the result.
        method: key of RESIZE_RADIUS, `nearest` or `area`.
        antialias: the kernel grows with the factor when the image shrinks (not for `nearest` and `area`).
        aspect: `stretch`; `crop` cuts, `pad` fills the image to the result's proportions first, around its middle.
        fill: value of the filling.
    """

    size: tuple[int, int]
    method: str
    antialias: bool = False
    aspect: str = "stretch"
    fill: float = 0.0


def infer_resize_image(specs: Specs, attrs: ResizeImageAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != 4 or min(attrs.size) < 1 or 0 in x.shape[1:3]:
        raise InputError(f"resize_image to {attrs.size} needs images (batch, rows, columns, channels); received {x}")
    if attrs.method not in RESIZE_RADIUS and attrs.method not in ("nearest", "area"):
        raise InputError(f"resize_image knows nearest, area, {', '.join(RESIZE_RADIUS)}; received {attrs.method}")
    if x.dtype == "bool":
        raise InputError(f"resize_image needs numbers; received {x}")
    if attrs.aspect not in ("stretch", "crop", "pad"):
        raise InputError(f"resize_image knows stretch, crop and pad; received {attrs.aspect}")
    return (TensorSpec((x.shape[0], *attrs.size, x.shape[3]), x.dtype),)


def run_resize_image(arrays: Arrays, attrs: ResizeImageAttrs) -> tuple[Array, ...]:
    """x [N, rows, columns, C] -> [N, *size, C]; axis after axis, a weighted sum of gathered cells.

    Integers are interpolated in float32 and rounded, halves to even.
    """
    (x,) = arrays
    y = image_in_proportion(x, attrs)
    cut = y.shape
    y = y if x.dtype in (np.float32, np.float64) or attrs.method == "nearest" else y.astype(np.float32)
    for axis, count in enumerate(attrs.size, start=1):
        cells, weights = image_taps(y.shape[axis], count, attrs)
        if attrs.method == "nearest":
            y = np.take(y, cells[0], axis=axis)
            continue
        shape = (-1,) + (1,) * (y.ndim - 1 - axis)
        total = np.take(y, cells[0], axis=axis) * weights[0].reshape(shape).astype(y.dtype)
        for cell, weight in zip(cells[1:], weights[1:], strict=True):
            total += np.take(y, cell, axis=axis) * weight.reshape(shape).astype(y.dtype)
        y = total
    if attrs.method == "area":
        factors = [np.float32(n) / np.float32(count) for n, count in zip(cut[1:3], attrs.size, strict=True)]
        y = y * y.dtype.type(np.float32(1) / (factors[0] * factors[1]))
    if x.dtype.kind in "iu" and y.dtype.kind == "f":
        limits = np.iinfo(x.dtype)
        y = np.clip(np.rint(y).astype(np.float64), limits.min, limits.max)
    return (y.astype(x.dtype, copy=False),)


def image_in_proportion(x: Array, attrs: ResizeImageAttrs) -> Array:
    """The image cut or filled to the proportions of the result (`resize` of Keras 3.15, `smart_resize`)."""
    if attrs.aspect == "stretch":
        return x
    rows, columns = x.shape[1:3]
    wanted_rows = int(np.float32(columns * attrs.size[0]) / np.float32(attrs.size[1]))
    wanted_columns = int(np.float32(rows * attrs.size[1]) / np.float32(attrs.size[0]))
    if attrs.aspect == "crop":
        wanted_rows, wanted_columns = max(min(rows, wanted_rows), 1), max(min(columns, wanted_columns), 1)
        top, left = (rows - wanted_rows) // 2, (columns - wanted_columns) // 2
        return x[:, top : top + wanted_rows, left : left + wanted_columns]
    top, left = (max(rows, wanted_rows) - rows) // 2, (max(columns, wanted_columns) - columns) // 2
    filled = np.full((len(x), rows + 2 * top, columns + 2 * left, x.shape[3]), attrs.fill, x.dtype)
    filled[:, top : top + rows, left : left + columns] = x
    return filled


def image_taps(size: int, count: int, attrs: ResizeImageAttrs) -> tuple[Array, Array]:
    """Cells read and their weights, both [taps, count]. Positions are rounded to float32, as TensorFlow's are.

    The weights of `area` are the parts of cells that a result covers, not yet divided by their sum.
    Cells beyond the edge count as the edge (bilinear) or not at all, the rest being normalised. Bicubic weights without
    antialias come from a table of 1024 steps.
    """
    factor = np.float32(size) / np.float32(count)
    method = attrs.method
    if method == "nearest":
        places = np.floor((np.arange(count, dtype=np.float32) + np.float32(0.5)) * factor).astype(np.int64)
        return np.minimum(places, size - 1)[None], np.ones((1, count))
    if method == "area":
        begin = (np.arange(count, dtype=np.float32) * factor).astype(np.float64)
        end = (np.arange(1, count + 1, dtype=np.float32) * factor).astype(np.float64)
        first = np.floor(begin).astype(np.int64)
        cells = first + np.arange(int((np.ceil(end) - first).max()))[:, None]
        weights = np.clip(np.minimum(cells + 1, end) - np.maximum(cells, begin), 0, None)
        return np.clip(cells, 0, size - 1), weights
    smooth = attrs.antialias
    at = (np.arange(count, dtype=np.float32) + np.float32(0.5)) * factor - np.float32(0.5)
    centre = at.astype(np.float64) + 0.5
    if method == "bicubic" and not smooth:
        base = np.floor(at)
        centre = base.astype(np.float64) + 0.5 + np.rint((at - base) * np.float32(1024)).astype(np.float64) / 1024
        at = base
    wide = max(1.0, float(factor)) if smooth else 1.0
    reach = int(np.ceil(RESIZE_RADIUS[method] * wide))
    cells = np.floor(at).astype(np.int64) - reach + 1 + np.arange(2 * reach)[:, None]
    weights = resize_weight(np.abs(cells + 0.5 - centre) / wide, method)
    if method != "bilinear" or smooth:
        weights = np.where((cells >= 0) & (cells < size), weights, 0)
        weights = weights / weights.sum(axis=0)
    return np.clip(cells, 0, size - 1), weights


OP = Op(ResizeImageAttrs, infer_resize_image, run_resize_image)
