"""Which convolutions are computed by minimal filtering, and in what form: a model of what each form costs.

The figures are those of a Zen 4 core at 3.7 GHz with AVX-512 and two cores on one memory: 50 to 57 multiply-adds per
nanosecond, weights from memory at 20 GB/s.
"""

from __future__ import annotations

from typing import NamedTuple

# Multiply-adds per nanosecond of a core; of products of transformed cells, whose rows are shorter, a little fewer.
DIRECT_RATE = 55.0
PRODUCT_RATE = 50.0
CORES = 2
# Sizes of tiles for each size of windows.
SIZES = {3: (2, 4), 4: (3,), 5: (2,)}
# Transforming a cell of one channel, on the way in or out, by cells that a tile reads in a row.
TRANSFORM_NANOSECONDS = {4: 0.12, 6: 0.1}
# Reading weights that no cache holds.
NANOSECONDS_PER_BYTE = 0.05
# Weights up to this size stay near a core while it computes one group of tiles after the other.
NEAR_BYTES = 8 << 20
# What threads that share the steps of an image hand each other, at most.
MOST_SHARED = 24 << 20
# With fewer channels a form rounds more than twice as much as direct sums, by sizes of tiles and windows.
LEAST_CHANNELS = {(2, 3): 8, (4, 3): 48, (3, 4): 32, (2, 5): 32}


class Form(NamedTuple):
    """Tiles of size * size results; whether threads share the steps of an image, or take tiles apart."""

    size: int
    shared: bool
    nanoseconds: float


def direct_nanoseconds(g: dict[str, int]) -> float:
    """Of one image on CORES cores, weights read once."""
    weights = g["kernel_height"] * g["kernel_width"] * g["channels"] * g["filters"]
    products = g["out_height"] * g["out_width"] * weights
    return max(products / DIRECT_RATE / CORES, 4 * weights * NANOSECONDS_PER_BYTE)


def winograd_form(g: dict[str, int], lanes: int) -> Form | None:
    """The fastest form for an image of this geometry, or None when direct sums are faster or nothing else serves."""
    ones = ("stride_y", "stride_x", "dilation_y", "dilation_x")
    taps = g["kernel_height"]
    if taps != g["kernel_width"] or taps not in SIZES or any(g[name] != 1 for name in ones):
        return None
    best, found = direct_nanoseconds(g), None
    depth = -(-g["channels"] // lanes) * lanes
    columns = -(-g["filters"] // lanes) * lanes
    for size in SIZES[taps]:
        if g["channels"] < LEAST_CHANNELS[size, taps]:
            continue
        reach = size + taps - 1
        positions = reach**2
        tiles = -(-g["out_height"] // size) * -(-g["out_width"] // size)
        weights = 4 * positions * depth * columns
        exchanged = 4 * positions * tiles * (depth + columns)
        work = positions * tiles * depth * columns / PRODUCT_RATE
        work += exchanged / 4 * TRANSFORM_NANOSECONDS[reach]
        nanoseconds = max(work / CORES, weights * NANOSECONDS_PER_BYTE)
        if nanoseconds < best:
            best, found = nanoseconds, Form(size, weights > NEAR_BYTES and exchanged <= MOST_SHARED, nanoseconds)
    return found
