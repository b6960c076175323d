"""Which convolutions are computed by minimal filtering, and in what form: a model of what each form costs.

The figures are those of a Zen 4 core at 3.7 GHz with AVX-512 and two cores on one memory: 50 to 57 multiply-adds per
nanosecond, weights from memory at 20 GB/s.
"""

from __future__ import annotations

from typing import NamedTuple

# Multiply-adds per nanosecond of a core; of products of transformed cells of squares, which are many, a little fewer.
DIRECT_RATE = 55.0
PRODUCT_RATE = 50.0
CORES = 2
# Sizes of tiles for each size of windows, of squares and of lines.
SIZES = {3: (2, 4), 4: (3,), 5: (2,)}
LINE_SIZES = {3: (2, 4, 6), 4: (3,), 5: (2, 4), 6: (3,), 7: (2,)}
# Transforming a cell of one channel, on the way in or out, by cells that a tile reads in a row.
TRANSFORM_NANOSECONDS = {4: 0.12, 6: 0.1}
UNEVEN_NANOSECONDS = 0.11
LINE_NANOSECONDS = 0.1
# Reading weights that no cache holds.
NANOSECONDS_PER_BYTE = 0.05
# Weights of lines up to this size are expected in a cache.
CACHED_BYTES = 1 << 20
# Weights up to this size stay near a core while it computes one group of tiles after the other.
NEAR_BYTES = 8 << 20
# What threads that share the steps of an image hand each other, at most.
MOST_SHARED = 24 << 20
# With fewer channels a form rounds more than twice as much as direct sums, by sizes of tiles and windows.
LEAST_CHANNELS = {(2, 3): 8, (4, 3): 48, (3, 4): 32, (2, 5): 32}
# Tiles of so many rows and columns, for windows of 3 and so many channels.
UNEVEN, UNEVEN_CHANNELS = (2, 4), 16
LINE_CHANNELS = {(2, 3): 4, (4, 3): 32, (6, 3): 192, (3, 4): 16, (2, 5): 16, (4, 5): 96, (3, 6): 96, (2, 7): 96}


class Form(NamedTuple):
    """Tiles of size * size results, or size * wide; whether threads share the steps of an image, or take tiles."""

    size: int
    shared: bool
    nanoseconds: float
    wide: int = 0


def direct_nanoseconds(g: dict[str, int]) -> float:
    """Of one image on CORES cores, weights read once."""
    weights = g["kernel_height"] * g["kernel_width"] * g["channels"] * g["filters"]
    products = g["out_height"] * g["out_width"] * weights
    return max(products / DIRECT_RATE / CORES, 4 * weights * NANOSECONDS_PER_BYTE)


class Tiling(NamedTuple):
    """Tiles of one size: the positions of each, how many an image has, and the nanoseconds of a transform."""

    size: int
    positions: int
    tiles: int
    transform: float
    wide: int = 0


def tiled(length: int, size: int, step: int = 1) -> int:
    """Tiles along a line of `length` results, of which those of a tile lie `step` apart."""
    phases = min(step, length)
    longest = -(-length // phases)
    return phases * -(-longest // size)


def square_tilings(g: dict[str, int]) -> list[Tiling]:
    """Of windows as high as they are wide."""
    taps = g["kernel_height"]
    return [
        Tiling(
            size,
            (size + taps - 1) ** 2,
            tiled(g["out_height"], size, g["dilation_y"]) * tiled(g["out_width"], size, g["dilation_x"]),
            TRANSFORM_NANOSECONDS[size + taps - 1],
        )
        for size in SIZES.get(taps, ())
        if g["channels"] >= LEAST_CHANNELS[size, taps]
    ]


def line_tilings(g: dict[str, int]) -> list[Tiling]:
    """Of windows of one row or one column."""
    along, across = ("x", "y") if g["kernel_height"] == 1 else ("y", "x")
    names = {"x": "width", "y": "height"}
    taps = g[f"kernel_{names[along]}"]
    if g[f"kernel_{names[across]}"] != 1:
        return []
    length, step = g[f"out_{names[along]}"], g[f"dilation_{along}"]
    return [
        Tiling(
            size,
            size + taps - 1,
            tiled(length, size, step) * g[f"out_{names[across]}"],
            LINE_NANOSECONDS,
        )
        for size in LINE_SIZES.get(taps, ())
        if g["channels"] >= LINE_CHANNELS[size, taps]
    ]


def uneven_tilings(g: dict[str, int]) -> list[Tiling]:
    """Of windows of 3 x 3 by tiles that are not as high as wide, where larger squares round too much."""
    if g["kernel_height"] != 3 or not UNEVEN_CHANNELS <= g["channels"] < LEAST_CHANNELS[4, 3]:
        return []
    high, wide = UNEVEN
    tiles = tiled(g["out_height"], high, g["dilation_y"]) * tiled(g["out_width"], wide, g["dilation_x"])
    return [Tiling(high, (high + 2) * (wide + 2), tiles, UNEVEN_NANOSECONDS, wide)]


def winograd_form(g: dict[str, int], lanes: int, uneven: bool = False) -> Form | None:
    """The fastest form for an image of this geometry, or None when direct sums are faster or nothing else serves.

    Args:
        uneven: whether tiles may be wider than high.
    """
    if g["stride_y"] != 1 or g["stride_x"] != 1 or 0 in (g["out_height"], g["out_width"]):
        return None
    square = g["kernel_height"] == g["kernel_width"]
    best, found = direct_nanoseconds(g), None
    depth = -(-g["channels"] // lanes) * lanes
    columns = -(-g["filters"] // lanes) * lanes
    tilings = square_tilings(g) if square else line_tilings(g)
    if square and uneven:
        tilings += uneven_tilings(g)
    for size, positions, tiles, transform, wide in tilings:
        weights = 4 * positions * depth * columns
        exchanged = 4 * positions * tiles * (depth + columns)
        work = positions * tiles * depth * columns / (PRODUCT_RATE if square else DIRECT_RATE)
        work += exchanged / 4 * transform
        far = square or weights > CACHED_BYTES
        nanoseconds = max(work / CORES, weights * NANOSECONDS_PER_BYTE if far else 0.0)
        if nanoseconds < best:
            best, found = nanoseconds, Form(size, weights > NEAR_BYTES and exchanged <= MOST_SHARED, nanoseconds, wide)
    return found
