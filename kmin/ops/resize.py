"""resize: an image enlarged by whole factors with an interpolation kernel (nearest is the op upsample)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# Kernel radius in cells.
RESIZE_RADIUS: dict[str, float] = {
    "bicubic": 2.0,
    "bilinear": 1.0,
    "gaussian": 1.5,
    "lanczos3": 3.0,
    "lanczos5": 5.0,
    "mitchellcubic": 2.0,
}


@dataclass(frozen=True)
class ResizeAttrs:
    """scale: whole factor per spatial axis; method: key of RESIZE_RADIUS."""

    scale: tuple[int, ...]
    method: str


def infer_resize(specs: Specs, attrs: ResizeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != len(attrs.scale) + 2 or min(attrs.scale) < 1 or not x.dtype.startswith("float"):
        raise InputError(f"resize by {attrs.scale} needs floats with {len(attrs.scale)} spatial axes; received {x}")
    if attrs.method not in RESIZE_RADIUS:
        raise InputError(f"resize knows {', '.join(RESIZE_RADIUS)}; received {attrs.method}")
    sizes = tuple(n if n is None else n * scale for n, scale in zip(x.shape[1:-1], attrs.scale, strict=True))
    return (TensorSpec((x.shape[0], *sizes, x.shape[-1]), x.dtype),)


def run_resize(arrays: Arrays, attrs: ResizeAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> [N, *(spatial * scale), C]; axis after axis, a weighted sum of gathered cells."""
    (x,) = arrays
    if all(scale == 1 for scale in attrs.scale):
        return (x,)
    y = x.astype(np.float32) if x.dtype == np.float16 else x
    for axis, scale in enumerate(attrs.scale, start=1):
        cells, weights = resize_taps(y.shape[axis], scale, attrs.method)
        shape = (-1,) + (1,) * (y.ndim - 1 - axis)
        total = np.take(y, cells[0], axis=axis) * weights[0].reshape(shape).astype(y.dtype)
        for cell, weight in zip(cells[1:], weights[1:], strict=True):
            total += np.take(y, cell, axis=axis) * weight.reshape(shape).astype(y.dtype)
        y = total
    return (y.astype(x.dtype, copy=False),)


def resize_taps(size: int, scale: int, method: str) -> tuple[Array, Array]:
    """Cells read and their weights, both [taps, size * scale].

    Pixel centres lie at half-integers, as in TensorFlow's `tf.image.resize` (version 2): cells beyond the edge count
    as the edge (bilinear) or not at all, the rest being normalised (all others). TensorFlow reads its bicubic weights
    from a table of 1024 steps; so does this.
    """
    centre = (np.arange(size * scale) + 0.5) / scale
    reach = int(np.ceil(RESIZE_RADIUS[method]))
    first = np.floor(centre - 0.5).astype(np.int64) - reach + 1
    cells = first + np.arange(2 * reach)[:, None]
    distance = np.abs(cells + 0.5 - centre)
    if method == "bicubic":
        distance = np.rint(distance * 1024) / 1024
    weights = resize_weight(distance, method)
    if method != "bilinear":
        weights = np.where((cells >= 0) & (cells < size), weights, 0)
        weights = weights / weights.sum(axis=0)
    return np.clip(cells, 0, size - 1), weights


def resize_weight(x: Array, method: str) -> Array:
    """The kernel's value at distance x >= 0 (TensorFlow's sampling kernels and bicubic table with a = -0.5)."""
    if method == "bilinear":
        return np.maximum(1 - x, 0)
    if method == "gaussian":
        return np.where(x < 1.5, np.exp(-x * x / 0.5), 0)
    if method == "bicubic":
        inner, outer = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    elif method == "mitchellcubic":
        inner = (7 / 6 * x - 2) * x * x + 16 / 18
        outer = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    else:
        radius = RESIZE_RADIUS[method]
        return np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0)
    return np.where(x < 1, inner, np.where(x < 2, outer, 0))


OP = Op(ResizeAttrs, infer_resize, run_resize)
