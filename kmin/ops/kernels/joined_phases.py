"""Neighbouring results of transposed convolutions of few filters, computed as one with more that fill a vector.

Where one of them has no tap its weight is 0: NaN and infinity spread among them.
"""

from __future__ import annotations

import numpy as np

from kmin.ops.kernels.bind_indirect import Axis
from kmin.ops.tensor import Array

# Sums under way that hide how long one multiplication takes.
LEAST_SUMS = 8


def joined_offsets(axis: Axis, steps: int) -> list[int]:
    """Cells that the results of so many steps read, counted from that of the first."""
    return sorted({offset + step for step in range(steps) for taps in axis.phases for _, offset in taps})


def multiplications(windows: int, taps: int, filters: int, lanes: int, tile: int) -> int:
    """Multiplications of vectors in a row, and those that a short row leaves time for."""
    vectors, tiles = -(-filters // lanes), -(-windows // tile)
    return max(windows * vectors, LEAST_SUMS * tiles) * taps


def joined_phases(
    axis: Axis, kernel: Array, bias: Array | None, lanes: int, tile: int
) -> tuple[Axis, Array, Array | None]:
    """The same convolution, its last axis and kernel [*window, channels, filters] joined where that is less work."""
    phases, filters = len(axis.phases), kernel.shape[-1]
    whole = axis.out // phases
    best = sum(multiplications(whole, len(taps), filters, lanes, tile) for taps in axis.phases)
    chosen = 0
    for steps in range(1, 2 * lanes // (phases * filters) + 1):
        if axis.out % (steps * phases):
            continue
        taps = len(joined_offsets(axis, steps))
        cost = multiplications(whole // steps, taps, steps * phases * filters, lanes, tile)
        if cost < best:
            best, chosen = cost, steps
    if chosen == 0 or chosen * phases == 1:
        return axis, kernel, bias
    offsets, columns = joined_offsets(axis, chosen), chosen * phases
    weights = np.zeros((*kernel.shape[:-3], len(offsets), kernel.shape[-2], columns, filters), np.float32)
    for column in range(columns):
        for tap, offset in axis.phases[column % phases]:
            weights[..., offsets.index(offset + column // phases), :, column, :] = kernel[..., tap, :, :]
    joined = Axis(axis.size, axis.out // columns, chosen, (tuple(enumerate(offsets)),))
    return joined, weights.reshape(*weights.shape[:-2], -1), None if bias is None else np.tile(bias, columns)
