"""equalize_tiles: contrast-limited histogram equalisation of images, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

TILE_LEVELS = 256


@dataclass(frozen=True)
class EqualizeTilesAttrs:
    """grid: tiles down and across; clip_limit: times the mean that a level's count may be, none when not positive."""

    grid: tuple[int, int]
    clip_limit: float


def infer_equalize_tiles(specs: Specs, attrs: EqualizeTilesAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != 4 or x.dtype not in ("float32", "float64") or len(attrs.grid) != 2 or min(attrs.grid) < 1:
        raise InputError(f"equalize_tiles needs images of floats and a positive grid; received {x} and {attrs.grid}")
    return (x,)


def tile_curves(tiled: Array, attrs: EqualizeTilesAttrs) -> Array:
    """Levels [T, N] of T tiles -> what each of the 256 levels becomes, [T, 256]."""
    count, values = tiled.shape
    places = tiled + np.arange(count)[:, None] * TILE_LEVELS
    counts = np.bincount(places.reshape(-1), minlength=count * TILE_LEVELS).reshape(count, TILE_LEVELS)
    histogram = counts.astype(np.float64)
    if attrs.clip_limit > 0:
        clipped = np.minimum(histogram, attrs.clip_limit * values / TILE_LEVELS)
        histogram = clipped + (histogram - clipped).sum(axis=-1, keepdims=True) / TILE_LEVELS
    sums = np.cumsum(histogram, axis=-1)
    least = sums.min(axis=-1, keepdims=True)
    rest = values - least
    curves: Array = np.clip((sums - least) * 255.0 / np.where(rest == 0, 1.0, rest), 0, 255)
    return curves


def tile_neighbours(size: int, tiles: int) -> tuple[Array, Array, Array]:
    """For each of `tiles * size` cells: the padded tile before it, the one after, and the share of the latter."""
    place = (np.arange(size * tiles) - size / 2.0) / size + 1.0
    before = np.floor(place)
    share = place - before
    low, high = (np.clip(at, 0, tiles + 1).astype(np.int64) for at in (before, before + 1))
    return low, high, share


def run_equalize_tiles(arrays: Arrays, attrs: EqualizeTilesAttrs) -> tuple[Array, ...]:
    """x [B, H, W, C] in 0 to 255 -> the same shape; between tile centres their curves are mixed linearly."""
    (x,) = arrays
    batch, height, width, channels = x.shape
    rows, columns = attrs.grid
    tall, wide = -(-height // rows), -(-width // columns)
    pads = ((0, 0), (0, tall * rows - height), (0, wide * columns - width), (0, 0))
    levels = np.clip(np.pad(x, pads, mode="symmetric"), 0, 255).astype(np.int64)
    tiles = levels.reshape(batch, rows, tall, columns, wide, channels).transpose(0, 1, 3, 5, 2, 4)
    curves = tile_curves(tiles.reshape(-1, tall * wide), attrs).reshape(batch, rows, columns, channels, TILE_LEVELS)
    curves = np.pad(curves, ((0, 0), (1, 1), (1, 1), (0, 0), (0, 0)), mode="edge")
    top, bottom, down = (part[:height, None, None] for part in tile_neighbours(tall, rows))
    left, right, across = (part[None, :width, None] for part in tile_neighbours(wide, columns))
    image = np.arange(batch)[:, None, None, None]
    channel = np.arange(channels)[None, None, :]
    level = levels[:, :height, :width]

    def corner(row: Array, column: Array) -> Array:
        values: Array = curves[image, row, column, channel, level]
        return values

    upper = corner(top, left) * (1 - across) + corner(top, right) * across
    lower = corner(bottom, left) * (1 - across) + corner(bottom, right) * across
    return ((upper * (1 - down) + lower * down).astype(x.dtype),)


OP = Op(EqualizeTilesAttrs, infer_equalize_tiles, run_equalize_tiles)
