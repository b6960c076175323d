# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Convolution of volumes by their lines."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Memory, Tier, kmin_volume

import numpy as np

cnp.import_array()

cdef int64_t LEAST_TASKS = 16
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
