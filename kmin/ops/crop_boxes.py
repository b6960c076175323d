"""crop_boxes: parts of images, brought to one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CropBoxesAttrs:
    """size: rows and columns of a part; smooth: between four cells or the nearest one; fill: outside of the image."""

    size: tuple[int, int]
    smooth: bool = True
    fill: float = 0.0
    dtype: str = "float32"


def infer_crop_boxes(specs: Specs, attrs: CropBoxesAttrs) -> tuple[TensorSpec, ...]:
    images, boxes, ids = specs
    if images.rank != 4 or boxes.rank != 2 or boxes.shape[1] != 4 or ids.rank != 1 or min(attrs.size) < 1:
        raise InputError(f"crop_boxes needs images, boxes and an image for each; received {images}, {boxes} and {ids}")
    return (TensorSpec((boxes.shape[0], *attrs.size, images.shape[3]), attrs.dtype),)


def _crop_places(low: Array, high: Array, extent: int, count: int) -> tuple[Array, Array]:
    """Places [M, count] along an axis in single precision, in which they are inside or not, and whether they are."""
    last = np.float32(extent - 1)
    if count > 1:
        step = (high - low) * last / np.float32(count - 1)
        places = low[:, None] * last + np.arange(count, dtype=np.float32) * step[:, None]
    else:
        places = (0.5 * (low + high).astype(np.float64) * (extent - 1)).astype(np.float32)[:, None]
    inside = (places >= 0) & (places <= last)
    return np.where(inside, places, 0), inside


def run_crop_boxes(arrays: Arrays, attrs: CropBoxesAttrs) -> tuple[Array, ...]:
    """images [N, H, W, C], boxes [M, 4] (y, x, y, x; 0 to 1 is the image), ids [M] -> [M, *size, C].

    Source: CropAndResize of TensorFlow 2.15.
    """
    images, boxes, ids = arrays
    if ids.size and (int(ids.min()) < 0 or int(ids.max()) >= len(images)):
        raise InputError(f"crop_boxes needs ids of {len(images)} images; received {int(ids.min())} to {int(ids.max())}")
    if not np.isfinite(boxes).all():
        raise InputError("crop_boxes needs finite boxes")
    parts = boxes.astype(np.float32).T
    ys, in_y = _crop_places(parts[0], parts[2], images.shape[1], attrs.size[0])
    xs, in_x = _crop_places(parts[1], parts[3], images.shape[2], attrs.size[1])
    which = ids[:, None, None]

    def cells(rows: Array, columns: Array) -> Array:
        return images[which, rows[:, :, None], columns[:, None, :]].astype(attrs.dtype)

    if attrs.smooth:
        (top, bottom), (left, right) = (
            (np.floor(at).astype(np.int64), np.ceil(at).astype(np.int64)) for at in (ys, xs)
        )
        across = (xs - left)[:, None, :, None].astype(attrs.dtype)
        down = (ys - top)[:, :, None, None].astype(attrs.dtype)
        first, second = cells(top, left), cells(bottom, left)
        first = first + (cells(top, right) - first) * across
        second = second + (cells(bottom, right) - second) * across
        y = first + (second - first) * down
    else:
        y = cells(np.floor(ys + np.float32(0.5)).astype(np.int64), np.floor(xs + np.float32(0.5)).astype(np.int64))
    inside = in_y[:, :, None, None] & in_x[:, None, :, None]
    return (np.where(inside, y, y.dtype.type(attrs.fill)),)


OP = Op(CropBoxesAttrs, infer_crop_boxes, run_crop_boxes)
