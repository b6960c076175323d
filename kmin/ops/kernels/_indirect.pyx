# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of convolutions of up to three axes, of groups of channels, and transposed ones."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Memory, Tier, kmin_axis, kmin_indirect, kmin_window

import numpy as np

cnp.import_array()

# Results whose pieces are looked up together, at most.
cdef int64_t GROUP_ROWS = 112


cdef Memory numbers(values):
    """Whole numbers, in memory of their own."""
    cdef Memory memory = Memory(2 * len(values))
    cdef int64_t at
    for at in range(len(values)):
        (<int64_t *> memory.floats)[at] = values[at]
    return memory


def indirect(Tier tier, str name, int64_t images, int64_t channels, axes, weights, bias, int64_t groups,
             low, high, function, args, bint residual=False):
    """A convolution or transposed convolution.

    Args:
        images: per sample.
        axes: (size, out, step, offsets of the taps of each phase) of three axes.
        weights: one matrix [taps * channels of a group, filters] for each combination of phases; the filters of all
            groups side by side.
        bias: [filters] or None.
        low, high, function, args, residual: as for `Tier.dense`.
    """
    cdef kmin_indirect p
    cdef kmin_axis *axis
    cdef kmin_window *window
    cdef int64_t lanes = tier.table.lanes, n = weights[0].shape[1], each = n // groups, taps, most = 1, at, bytes = 0
    cdef int64_t padded = (each + lanes - 1) // lanes * lanes, reads = images * channels, writes = images * n
    cdef Memory kept, memory, head
    memset(&p, 0, sizeof(p))
    p.images, p.channels, p.filters, p.groups = images, channels, n, groups
    p.group = GROUP_ROWS
    head = kept = Memory((groups * len(weights) * sizeof(kmin_window) + 3) // 4 + channels // groups + lanes)
    p.windows = <kmin_window *> head.floats
    p.zeros = head.floats + (groups * <int64_t> len(weights) * <int64_t> sizeof(kmin_window) + 3) // 4
    for at in range(3):
        axis = &p.axes[at]
        axis.size, axis.out, axis.step, offsets = axes[at]
        axis.phases = len(offsets)
        starts = np.cumsum([0, *map(len, offsets)])
        memory = kept.next = numbers(starts)
        axis.starts = <int64_t *> memory.floats
        kept = memory
        memory = kept.next = numbers([value for row in offsets for value in row])
        axis.offsets = <int64_t *> memory.floats
        kept = memory
        reads *= axis.size
        writes *= axis.out
    cdef Kernel kernel = tier.kernel(name, tier.table.indirect, (reads,), writes)
    tier.finish(kernel, &p.after, n, low, high, function, args, residual)
    window = <kmin_window *> head.floats
    for matrix in weights:
        taps = matrix.shape[0] * groups // channels
        most = max(most, taps)
        for at in range(groups):
            part = np.ascontiguousarray(matrix[:, at * each:(at + 1) * each], dtype=np.float32)
            memory = tier.columns(part, None if bias is None else bias[at * each:(at + 1) * each], 0)
            window.taps, window.length, window.group = taps, channels // groups, p.group
            window.weights = memory.floats
            window.bias = memory.floats + padded * <int64_t> part.shape[0]
            window += 1
            bytes += memory.size
            kept.next = memory
            kept = memory
    p.thread_bytes = (p.group * most * sizeof(void *) + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.thread_bytes = p.thread_bytes
    kernel.memory = head
    kernel.constant_bytes = bytes
    kernel.keep(&p, sizeof(p))
    return kernel
