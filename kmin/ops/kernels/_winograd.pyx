# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Convolution with square windows, or windows of one row or column, and stride 1 by minimal filtering."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN, KMIN_CHAIN_32, KMIN_CHAIN_64, KMIN_CHAIN_256, KMIN_COLUMNS, KMIN_ROWS, KMIN_SQUARES, Kernel, Memory,
    Tier, kmin_winograd)

import numpy as np

cnp.import_array()

# Transformed cells and products of a thread, when it computes groups of tiles on its own, take at most so much.
cdef int64_t GROUP_BYTES = 640 << 10
# Groups of an image, at least, while they fill whole blocks.
cdef int64_t LEAST_GROUPS = 8
# Products of a task.
cdef int64_t TASK_PRODUCTS = 1 << 19


cdef int64_t _tiles(int64_t length, int64_t size, int64_t step) noexcept:
    """Tiles along a line of so many results, of which those of a tile lie `step` apart."""
    cdef int64_t phases = min(step, length)
    return phases * (((length + phases - 1) // phases + size - 1) // size) if phases else 0


def winograd(Tier tier, geometry, weights, bias, int size, bint shared, low=-INFINITY, high=INFINITY, function=None,
             args=(), bint residual=False):
    """Convolution with weights [r, r, channels, filters], [1, r, ...] or [r, 1, ...], then as `dense`.

    Args:
        geometry: the fields of kmin_geometry by name; only windows of one row or column may be dilated.
        size: a tile has size * size results; 2 or 4 for r = 3, 3 for 4, 2 for 5. Along a line it has `size`: 2, 4 or 6
            for r = 3, 3 for 4, 2 or 4 for 5, 3 for 6, 2 for 7.
        shared: threads share the steps of an image, not its tiles.
    """
    cdef kmin_winograd w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    w.size, w.taps = size, max(w.g.kernel_height, w.g.kernel_width)
    w.line = KMIN_SQUARES
    if w.g.kernel_height != w.g.kernel_width:
        w.line = KMIN_COLUMNS if w.g.kernel_width == 1 else KMIN_ROWS
    cdef int64_t n = w.g.filters, lanes = tier.table.lanes, tile = tier.table.tile_rows, at
    cdef int reach = size + w.taps - 1
    cdef int64_t positions = reach if w.line else reach * reach, padded = (n + lanes - 1) // lanes * lanes
    cdef str name = f"winograd{size}x{w.taps}"
    cdef Kernel kernel = tier.kernel(
        name, tier.table.winograd, (w.g.images * w.g.height * w.g.width * w.g.channels,),
        w.g.images * w.g.out_height * w.g.out_width * n)
    w.depth = (w.g.channels + lanes - 1) // lanes * lanes
    w.tiles_y, w.tiles_x = w.g.out_height, w.g.out_width
    if w.line != KMIN_ROWS:
        w.tiles_y = _tiles(w.g.out_height, size, w.g.dilation_y)
    if w.line != KMIN_COLUMNS:
        w.tiles_x = _tiles(w.g.out_width, size, w.g.dilation_x)
    w.chain = KMIN_CHAIN_256
    if reach > 4:
        w.chain = KMIN_CHAIN_64 if w.line and reach == 6 else KMIN_CHAIN_32
    cdef int64_t tiles = w.tiles_y * w.tiles_x, blocks = (tiles + tile - 1) // tile, most, panels
    cdef Memory memory = Memory(positions * w.depth * padded + padded + w.depth)
    cdef const float[:, :, :, ::1] source = np.ascontiguousarray(weights, dtype=np.float32)
    (tier.table.winograd_line_weights if w.line else tier.table.winograd_weights)(
        reach, w.taps, &source[0, 0, 0, 0], w.g.channels, n, w.depth, memory.floats)
    w.weights = memory.floats
    cdef float *offsets = memory.floats + positions * w.depth * padded
    cdef const float[::1] given
    if bias is not None:
        given = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
        for at in range(n):
            offsets[at] = given[at]
    w.bias, w.zeros = offsets, offsets + padded
    if shared:
        panels = (n + 2 * lanes - 1) // (2 * lanes)
        w.parts = min(max(tiles * w.depth * n // TASK_PRODUCTS, 1), panels)
        kernel.scratch_bytes = 4 * positions * tiles * (w.depth + padded)
        kernel.scratch_bytes = (kernel.scratch_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    else:
        most = GROUP_BYTES // (4 * positions * tile * (w.depth + 2 * lanes))
        most = max(min(most, blocks // LEAST_GROUPS), 1)
        w.groups = (blocks + most - 1) // most
        w.thread_bytes = 4 * positions * ((tiles + w.groups - 1) // w.groups) * (w.depth + 2 * lanes)
        w.thread_bytes = (w.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
        kernel.thread_bytes = w.thread_bytes
    tier.finish(kernel, &w.after, n, low, high, function, args, residual)
    kernel.memory = memory
    kernel.constant_bytes = memory.size
    kernel.keep(&w, sizeof(w))
    kernel.columns, kernel.write_stride = n, &(<kmin_winograd *> kernel.own).after.y_stride
    return kernel
