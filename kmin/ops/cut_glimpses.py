"""cut_glimpses: a window of each image, at a place of its own, with zeros where it leaves the image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CutGlimpsesAttrs:
    """Which window.

    Attributes:
        size: its rows and columns.
        centered: places count from the middle of the image, not from its first corner.
        normalized: places count in sizes of the image (halves when centered, and the window lies around them).
    """

    size: tuple[int, int]
    centered: bool = True
    normalized: bool = True


def infer_cut_glimpses(specs: Specs, attrs: CutGlimpsesAttrs) -> tuple[TensorSpec, ...]:
    x, places = specs
    if x.rank != 4 or places.rank != 2 or places.shape[1] != 2 or len(attrs.size) != 2 or min(attrs.size) < 1:
        raise InputError(f"cut_glimpses needs images, a place for each, and a size; received {x}, {places}, {attrs}")
    return (TensorSpec((x.shape[0], *attrs.size, x.shape[3]), x.dtype),)


def run_cut_glimpses(arrays: Arrays, attrs: CutGlimpsesAttrs) -> tuple[Array, ...]:
    """images [N, H, W, C], places [N, 2] (row, column) -> [N, *size, C]. Source: eigen_attention.h of TensorFlow."""
    x, places = arrays
    window, own = np.asarray(attrs.size, np.float32), np.asarray(x.shape[1:3], np.float32)
    at = places.astype(np.float32)
    if attrs.normalized:
        at = at * own
    if attrs.centered:
        at = (at / np.float32(2) if attrs.normalized else at) + own / np.float32(2)
        at = at - window / np.float32(2) if attrs.normalized else at
    first = np.trunc(at.clip(-1e9, 1e9)).astype(np.int64)
    rows, columns = (first[:, axis, None] + np.arange(attrs.size[axis]) for axis in (0, 1))
    inside = ((rows >= 0) & (rows < x.shape[1]))[:, :, None] & ((columns >= 0) & (columns < x.shape[2]))[:, None]
    if not x.shape[1] or not x.shape[2]:
        return (np.zeros((len(x), *attrs.size, x.shape[3]), x.dtype),)
    rows, columns = rows.clip(0, x.shape[1] - 1), columns.clip(0, x.shape[2] - 1)
    y = x[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None]]
    return (np.where(inside[..., None], y, x.dtype.type(0)),)


OP = Op(CutGlimpsesAttrs, infer_cut_glimpses, run_cut_glimpses)
