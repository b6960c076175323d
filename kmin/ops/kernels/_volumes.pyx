# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Convolution of volumes, by their lines or by minimal filtering of their planes."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN, KMIN_CHAIN_32, KMIN_CHAIN_256, KMIN_SQUARES, Kernel, Memory, Tier, kmin_volume, kmin_volume_filter)

import numpy as np

cnp.import_array()

cdef int64_t LEAST_TASKS = 16
# Transformed cells and products of a thread take at most so much.
cdef int64_t GROUP_BYTES = 640 << 10
# Products of a task where threads share steps.
cdef int64_t TASK_PRODUCTS = 1 << 19
cdef int64_t COPIED_BYTES = 128 << 10  # by a task, while it has more than one line of results


cdef void _tasks(kmin_volume *p) noexcept:
    """Into how many tasks a plane of results is split, and room for the lines that one reads where they are padded."""
    cdef int64_t line, count, height = (p.w.g.kernel_height - 1) * p.w.g.dilation_y + 1
    cdef int64_t below = (p.w.g.out_height - 1) * p.w.g.stride_y + height
    cdef int64_t width = (p.w.g.out_width - 1) * p.w.g.stride_x + p.w.g.kernel_width
    cdef int64_t behind = (p.out_depth - 1) * p.stride_z + (p.kernel_depth - 1) * p.dilation_z + 1
    cdef int64_t planes = p.w.g.images * p.out_depth, channels = p.w.g.channels
    p.w.lines = min((LEAST_TASKS + planes - 1) // planes, p.w.g.out_height)
    if (p.front == 0 and p.w.g.top == 0 and p.w.g.left == 0 and width <= p.w.g.width and below <= p.w.g.height
            and behind <= p.depth):
        line = p.w.g.width * channels
        p.w.skip = p.w.g.height * line * p.dilation_z - p.w.g.kernel_height * line * p.w.g.dilation_y
        return
    line = width * channels
    while True:
        count = (p.w.g.out_height + p.w.lines - 1) // p.w.lines
        p.copied = ((count - 1) * p.w.g.stride_y + height) * line
        p.w.thread_bytes = 4 * p.copied * p.kernel_depth
        if p.w.thread_bytes <= COPIED_BYTES or p.w.lines == p.w.g.out_height:
            break
        p.w.lines = min(2 * p.w.lines, p.w.g.out_height)
    p.w.thread_bytes = (p.w.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    p.w.skip = p.copied - p.w.g.kernel_height * line * p.w.g.dilation_y


def volume(Tier tier, geometry, depth, weights, bias, low=-INFINITY, high=INFINITY, function=None, args=(),
           bint residual=False):
    """Convolution with weights [kernel_depth, kernel_height, kernel_width, channels, filters], then as `dense`.

    Args:
        geometry: the fields of kmin_geometry by name, of planes; images are the volumes in a sample.
        depth: size, count of results, stride, dilation and padding before the first plane, of the axis before those.
    """
    cdef kmin_volume p
    memset(&p, 0, sizeof(p))
    p.w.g = geometry
    p.kernel_depth = weights.shape[0]
    p.depth, p.out_depth, p.stride_z, p.dilation_z, p.front = depth
    cdef int64_t n = p.w.g.filters, lanes = tier.table.lanes, padded = (n + lanes - 1) // lanes * lanes
    p.w.length = p.w.g.kernel_width * p.w.g.channels
    p.w.taps, p.w.plane = p.kernel_depth * p.w.g.kernel_height, p.w.g.kernel_height
    cdef int64_t k = p.w.taps * p.w.length
    cdef Kernel kernel = tier.kernel(
        "conv", tier.table.volume, (p.w.g.images * p.depth * p.w.g.height * p.w.g.width * p.w.g.channels,),
        p.w.g.images * p.out_depth * p.w.g.out_height * p.w.g.out_width * n)
    cdef Memory memory = tier.columns(np.ascontiguousarray(weights, dtype=np.float32).reshape(k, n), bias, 0)
    p.w.weights, p.w.bias = memory.floats, memory.floats + padded * k
    _tasks(&p)
    tier.finish(kernel, &p.w.after, n, low, high, function, args, residual)
    kernel.memory, kernel.packed = memory, (k, n, lanes)
    kernel.constant_bytes, kernel.thread_bytes = memory.size, p.w.thread_bytes
    kernel.keep(&p, sizeof(p))
    kernel.columns, kernel.write_stride = n, &(<kmin_volume *> kernel.own).w.after.y_stride
    return kernel


def volume_filter(Tier tier, geometry, depth, weights, bias, int size, bint shared, low=-INFINITY, high=INFINITY,
                  function=None, args=(), bint residual=False):
    """The same with windows whose planes are squares of stride 1, by tiles of size * size results (`winograd`)."""
    cdef kmin_volume_filter p
    memset(&p, 0, sizeof(p))
    p.w.g = geometry
    p.kernel_depth = weights.shape[0]
    p.depth, p.out_depth, p.stride_z, p.dilation_z, p.front = depth
    p.w.size, p.w.taps, p.w.line = size, <int32_t> p.w.g.kernel_height, KMIN_SQUARES
    cdef int32_t reach = p.w.size + p.w.taps - 1
    cdef int64_t n = p.w.g.filters, c = p.w.g.channels, lanes = tier.table.lanes, tile = tier.table.tile_rows, at
    cdef int64_t positions = reach * reach, padded = (n + lanes - 1) // lanes * lanes
    cdef int64_t each = (c + lanes - 1) // lanes * lanes
    p.w.chain = KMIN_CHAIN_256 if reach == 4 else KMIN_CHAIN_32
    p.w.depth = p.kernel_depth * each
    p.w.tiles_y, p.w.tiles_x = (p.w.g.out_height + size - 1) // size, (p.w.g.out_width + size - 1) // size
    cdef int64_t tiles = p.out_depth * p.w.tiles_y * p.w.tiles_x, blocks = (tiles + tile - 1) // tile, most
    cdef str name = f"winograd{size}x{p.w.taps}"
    cdef Kernel kernel = tier.kernel(
        name, tier.table.volume_filter, (p.w.g.images * p.depth * p.w.g.height * p.w.g.width * c,),
        p.w.g.images * p.out_depth * p.w.g.out_height * p.w.g.out_width * n)
    channels = np.zeros((p.w.taps, p.w.taps, p.kernel_depth, each, n), np.float32)
    channels[:, :, :, :c] = np.moveaxis(weights, 0, 2)
    cdef const float[:, :, :, :, ::1] source = channels
    cdef Memory memory = Memory(positions * p.w.depth * padded + padded + each)
    tier.table.winograd_weights(reach, p.w.taps, &source[0, 0, 0, 0, 0], p.w.depth, n, p.w.depth, memory.floats)
    cdef float *offsets = memory.floats + positions * p.w.depth * padded
    cdef const float[::1] given
    if bias is not None:
        given = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
        for at in range(n):
            offsets[at] = given[at]
    p.w.weights, p.w.bias, p.w.zeros = memory.floats, offsets, offsets + padded
    if shared:
        p.w.parts = min(max(tiles * p.w.depth * n // TASK_PRODUCTS, 1), (n + 2 * lanes - 1) // (2 * lanes))
        kernel.scratch_bytes = 4 * positions * tiles * (p.w.depth + padded)
        kernel.scratch_bytes = (kernel.scratch_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    else:
        most = GROUP_BYTES // (4 * positions * tile * (p.w.depth + 2 * lanes))
        most = max(min(most, blocks * p.w.g.images // LEAST_TASKS), 1)
        p.w.groups = (blocks + most - 1) // most
        p.w.groups = min(p.w.groups + p.w.groups % 2, tiles)
        p.w.thread_bytes = 4 * positions * ((tiles + p.w.groups - 1) // p.w.groups) * (p.w.depth + 2 * lanes)
        p.w.thread_bytes = (p.w.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    tier.finish(kernel, &p.w.after, n, low, high, function, args, residual)
    kernel.memory, kernel.constant_bytes, kernel.thread_bytes = memory, memory.size, p.w.thread_bytes
    kernel.keep(&p, sizeof(p))
    kernel.columns, kernel.write_stride = n, &(<kmin_volume_filter *> kernel.own).w.after.y_stride
    return kernel
