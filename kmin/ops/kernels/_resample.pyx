# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels that take, weigh or compare a few cells along each of three axes."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport Kernel, Memory, Tier, kmin_resample, kmin_sample_axis

import numpy as np

cnp.import_array()


def resample(Tier tier, str name, int64_t images, int64_t channels, axes, bint maximum=False, float fill=0.0):
    """Sums of weighted cells, or the largest of them.

    Args:
        images: per sample.
        axes: (size, cells, weights) of three axes: cells [out, taps] that each result reads, -1 for none, and weights.
        maximum: the largest instead of the sum.
        fill: of results without any cell, when every result reads at most one with weight 1.
    """
    cdef kmin_resample p
    cdef kmin_sample_axis *axis
    cdef Memory memory, kept = None
    cdef int64_t reads = images * channels, writes = images * channels, at, number
    cdef const int64_t[::1] cells
    cdef const float[::1] weights
    memset(&p, 0, sizeof(p))
    p.images, p.channels, p.maximum, p.fill = images, channels, maximum, fill
    p.copies = not maximum and all(rows.shape[1] == 1 and np.all(scales == 1) for _, rows, scales in axes)
    for number, (size, rows, scales) in enumerate(axes):
        axis = &p.axes[number]
        axis.size, axis.out, axis.taps = size, rows.shape[0], rows.shape[1]
        reads *= axis.size
        writes *= axis.out
        cells = np.ascontiguousarray(rows, dtype=np.int64).reshape(-1)
        weights = np.ascontiguousarray(scales, dtype=np.float32).reshape(-1)
        if np.max(cells, initial=-1) >= size:
            raise ValueError(f"an axis of {size} cells has no cell {np.max(cells)}")
        memory = Memory(3 * cells.shape[0])
        axis.cells = <int64_t *> memory.floats
        axis.weights = memory.floats + 2 * cells.shape[0]
        for at in range(cells.shape[0]):
            (<int64_t *> memory.floats)[at] = cells[at]
            memory.floats[2 * cells.shape[0] + at] = weights[at]
        memory.next = kept
        kept = memory
    cdef Kernel kernel = tier.kernel(name, tier.table.resample, (reads,), writes)
    kernel.memory = kept
    kernel.keep(&p, sizeof(p))
    return kernel
