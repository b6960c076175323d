# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Convolution with square windows, or windows of one row or column, and stride 1 by minimal filtering."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN, KMIN_CHAIN_32, KMIN_CHAIN_64, KMIN_CHAIN_256, KMIN_COLUMNS, KMIN_ROWS, KMIN_SQUARES, Kernel, Memory,
    Tier, kmin_packed, kmin_winograd)

import numpy as np

cnp.import_array()

# Transformed cells and products of a thread, when it computes groups of tiles on its own, take at most so much.
cdef int64_t GROUP_BYTES = 640 << 10
# Groups of an image or volume, at least, while they fill whole blocks.
cdef int64_t LEAST_GROUPS = 8
# Products of a task.
cdef int64_t TASK_PRODUCTS = 1 << 19


cdef int64_t _tiles(int64_t length, int64_t size, int64_t step) noexcept:
    """Tiles along a line of so many results, of which those of a tile lie `step` apart."""
    cdef int64_t phases = min(step, length)
    return phases * (((length + phases - 1) // phases + size - 1) // size) if phases else 0


def _side_by_side(weights, int64_t each):
    """Weights [planes, height, width, channels, filters] with channels of all planes on one axis, `each` of a plane."""
    planes, height, width, channels, filters = weights.shape
    wide = np.zeros((height, width, planes, each, filters), np.float32)
    wide[:, :, :, :channels] = np.moveaxis(weights, 0, 2)
    return wide.reshape(height, width, planes * each, filters)


cdef void _split(kmin_winograd *w, Kernel kernel, int64_t lanes, int64_t tile, bint shared) noexcept:
    """How a volume becomes tasks, and the scratch of these."""
    cdef int64_t tiles = w.out_planes * w.tiles_y * w.tiles_x, blocks = (tiles + tile - 1) // tile, most
    cdef int64_t n = w.g.filters, panel = 2 * lanes, reach = w.size + w.taps - 1
    cdef int64_t cells = 4 * (reach if w.line else reach * (w.wide + w.taps - 1))
    if shared:
        w.parts = min(max(tiles * w.depth * n // TASK_PRODUCTS, 1), (n + panel - 1) // panel)
        kernel.scratch_bytes = _aligned(cells * tiles * (w.depth + (n + lanes - 1) // lanes * lanes))
        return
    most = GROUP_BYTES // (cells * tile * (w.depth + panel))
    most = max(min(most, blocks // LEAST_GROUPS), 1)
    w.groups = (blocks + most - 1) // most
    if w.groups > 1:
        w.groups = min(w.groups + w.groups % 2, tiles)
    w.thread_bytes = _aligned(cells * ((tiles + w.groups - 1) // w.groups) * (w.depth + panel))
    kernel.thread_bytes = w.thread_bytes


cdef int64_t _aligned(int64_t size) noexcept:
    return (size + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN


def winograd(Tier tier, geometry, weights, bias, int size, bint shared, low=-INFINITY, high=INFINITY, function=None,
             args=(), bint residual=False, depth=None, int64_t across=0, int wide=0,
             pooled=None):
    """Convolution with weights [r, r, channels, filters], [1, r, ...] or [r, 1, ...], then as `dense`.

    Args:
        geometry: the fields of kmin_geometry by name.
        size: a tile has size * size results; 2 or 4 for r = 3, 3 for 4, 2 for 5. Along a line it has `size`: 2, 4 or 6
            for r = 3, 3 for 4, 2 or 4 for 5, 3 for 6, 2 for 7.
        shared: threads share the steps of an image, not its tiles.
        depth: images are planes of volumes, weights [kernel_depth, ...], and this is as for `volume`.
        across: weights [pieces, ...] are those of pieces of a larger window, so many in a row, which read one plane.
        wide: a tile has size * wide results instead: 2 * 4 for r = 3.
        pooled: height and width of the largest of each 2 x 2 results, which become one: of images without a residual,
            for r = 3 without gaps, and a function that keeps the order of its arguments.
    """
    cdef kmin_winograd w
    memset(&w, 0, sizeof(w))
    w.g = geometry
    w.size, w.wide, w.taps = size, wide or size, max(w.g.kernel_height, w.g.kernel_width)
    w.line = KMIN_SQUARES
    if w.g.kernel_height != w.g.kernel_width:
        w.line = KMIN_COLUMNS if w.g.kernel_width == 1 else KMIN_ROWS
    cdef int64_t n = w.g.filters, c = w.g.channels, lanes = tier.table.lanes, at
    cdef int32_t reach = w.size + w.taps - 1, reach_x = w.wide + w.taps - 1
    cdef int64_t positions = reach if w.line else reach * reach_x, padded = (n + lanes - 1) // lanes * lanes
    cdef int64_t each = (c + lanes - 1) // lanes * lanes
    w.planes = w.out_planes = w.taps_z = w.stride_z = w.dilation_z = 1
    w.across = across
    if across:
        depth = (1, 1, 1, 0, 0)
    if depth is not None:
        w.planes, w.out_planes, w.stride_z, w.dilation_z, w.front = depth
        w.taps_z, weights, c = weights.shape[0], _side_by_side(weights, each), weights.shape[0] * each
    w.depth = w.taps_z * each
    w.tiles_y, w.tiles_x = w.g.out_height, w.g.out_width
    if w.line != KMIN_ROWS:
        w.tiles_y = _tiles(w.g.out_height, size, w.g.dilation_y)
    if w.line != KMIN_COLUMNS:
        w.tiles_x = _tiles(w.g.out_width, w.wide, w.g.dilation_x)
    w.chain = KMIN_CHAIN_256
    if reach_x > 4:
        w.chain = KMIN_CHAIN_64 if reach == 4 or w.line and reach == 6 else KMIN_CHAIN_32
    cdef Kernel kernel = tier.kernel(
        f"winograd{size}" + (f"by{wide}" if wide else "") + f"x{w.taps}"
        + (f" of {w.taps_z // across}x{across}" if across else ""), tier.table.winograd,
        (w.g.images * w.planes * w.g.height * w.g.width * w.g.channels,),
        w.g.images * w.out_planes * w.g.out_height * w.g.out_width * n)
    if pooled is not None:
        w.pooled_height, w.pooled_width = pooled
        kernel.writes = w.g.images * w.pooled_height * w.pooled_width * n
        kernel.name += "+max"
    cdef Memory memory = Memory(positions * w.depth * padded + padded + each)
    cdef const float[:, :, :, ::1] source = np.ascontiguousarray(weights, dtype=np.float32)
    if w.line:
        tier.table.winograd_line_weights(reach, w.taps, &source[0, 0, 0, 0], c, n, w.depth, memory.floats)
    else:
        tier.table.winograd_weights(reach, reach_x, w.taps, &source[0, 0, 0, 0], c, n, w.depth, memory.floats)
    w.weights = memory.floats
    cdef float *offsets = memory.floats + positions * w.depth * padded
    cdef const float[::1] given
    if bias is not None:
        given = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
        for at in range(n):
            offsets[at] = given[at]
    w.bias, w.zeros = offsets, offsets + padded
    _split(&w, kernel, lanes, tier.table.tile_rows, shared)
    tier.finish(kernel, &w.after, n, low, high, function, args, residual)
    kernel.memory = memory
    cdef int64_t cells = w.g.kernel_height * w.g.kernel_width
    if not across:
        kernel.packed = (w.taps_z * cells * w.g.channels, n, lanes, w.depth)
        kernel.lossy = kmin_packed(
            memory.floats, w.taps_z, cells, w.g.channels, n, w.depth, reach, w.taps, w.line != KMIN_SQUARES, reach_x)
        kernel.original = tier.table.original_filters
    kernel.constant_bytes = memory.size
    kernel.keep(&w, sizeof(w))
    kernel.columns, kernel.write_stride = n, &(<kmin_winograd *> kernel.own).after.y_stride
    return kernel
