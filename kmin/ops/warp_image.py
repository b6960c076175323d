"""warp_image: images seen through a projective transform, as TensorFlow's ImageProjectiveTransformV3 does it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

WARP_FILLS = ("constant", "nearest", "reflect", "wrap")


@dataclass(frozen=True)
class WarpImageAttrs:
    """smooth: bilinear, else the nearest pixel; fill: one of WARP_FILLS for what lies outside; value: for constant."""

    smooth: bool = True
    fill: str = "constant"
    value: float = 0.0


def infer_warp_image(specs: Specs, attrs: WarpImageAttrs) -> tuple[TensorSpec, ...]:
    x, transform = specs
    if x.rank != 4 or transform.rank != 2 or transform.shape[1] != 8 or attrs.fill not in WARP_FILLS:
        raise InputError(f"warp_image needs images and transforms of 8 numbers; received {x} and {transform}")
    return (x,)


def warp_folded(at: Array, size: int, fill: str) -> Array:
    """Positions outside an axis moved into it (MapCoordinate in TensorFlow's image_ops.h); constant: left outside."""
    if fill == "nearest":
        return np.clip(at, 0, size - 1)
    if fill == "constant":
        return at
    if size <= 1:
        return np.zeros_like(at)
    if fill == "reflect":
        twice = at.dtype.type(2 * size)
        under = np.where(at < twice, twice * np.trunc(-at / twice) + at, at)
        under = np.where(under < -size, under + twice, -under - 1)
        over = at - twice * np.trunc(at / twice)
        over = np.where(over >= size, twice - over - 1, over)
    else:
        under = at + size * (np.trunc(-at / (size - 1)) + 1)
        over = at - size * np.trunc(at / (size - 1))
    folded = np.where(at < 0, under, np.where(at > size - 1, over, at))
    return np.clip(folded, 0, size - 1)


def run_warp_image(arrays: Arrays, attrs: WarpImageAttrs) -> tuple[Array, ...]:
    """x [N, H, W, C], transform [N or 1, 8] -> [N, H, W, C]; (u, v) reads (au + bv + c, du + ev + f) / (gu + hv + 1)"""
    x, transform = arrays
    count, rows, columns, _ = x.shape
    kind = np.float64 if x.dtype == np.float64 else np.float32
    a, b, c, d, e, f, g, h = (part[:, None, None] for part in np.moveaxis(transform.astype(kind), 1, 0))
    v, u = np.meshgrid(np.arange(rows, dtype=kind), np.arange(columns, dtype=kind), indexing="ij")
    with np.errstate(all="ignore"):
        scale = g * u + h * v + 1
        across = warp_folded((a * u + b * v + c) / scale, columns, attrs.fill)
        down = warp_folded((d * u + e * v + f) / scale, rows, attrs.fill)
    shape = (count, rows, columns)
    across, down, nowhere = (np.broadcast_to(part, shape) for part in (across, down, scale == 0))
    across, down = (np.where(np.isfinite(part), part, -9.0) for part in (across, down))
    sample = np.arange(count)[:, None, None]

    def read(row: Array, column: Array) -> Array:
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        i, j = np.clip(row, 0, rows - 1).astype(np.int64), np.clip(column, 0, columns - 1).astype(np.int64)
        return np.where(inside[..., None], x[sample, i, j], x.dtype.type(attrs.value))

    if attrs.smooth:
        top, left = np.floor(down), np.floor(across)
        low, right = (down - top)[..., None], (across - left)[..., None]
        above = (1 - right) * read(top, left) + right * read(top, left + 1)
        below = (1 - right) * read(top + 1, left) + right * read(top + 1, left + 1)
        y = (1 - low) * above + low * below
    else:
        y = read(np.floor(down + 0.5), np.floor(across + 0.5))
    y = np.where(nowhere[..., None], x.dtype.type(attrs.value), y)
    return (y.astype(x.dtype, copy=False),)


OP = Op(WarpImageAttrs, infer_warp_image, run_warp_image)
