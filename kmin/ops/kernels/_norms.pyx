# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of normalisation by moments of the sample itself, or by stored ones."""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Memory, Tier, kmin_norm, kmin_norm_columns, vectors

cdef int64_t COLUMN_VALUES = 1 << 14, COLUMN_TASKS = 16


cdef void _weights(Kernel kernel, kmin_norm *norm, gamma, beta) except *:
    cdef Memory memory
    cdef int64_t n, padded
    given = [vector for vector in (gamma, beta) if vector is not None]
    if not given:
        return
    n = given[0].size
    padded = (n + 15) // 16 * 16
    kernel.memory = memory = vectors(n, 16, given)
    kernel.constant_bytes = memory.size
    if gamma is not None:
        norm.gamma = memory.floats
    if beta is not None:
        norm.beta = memory.floats + (padded if gamma is not None else 0)


cdef void _ways(kmin_norm *norm, float epsilon, bint centred, bint keeps_mean, bint length) except *:
    norm.epsilon, norm.centred, norm.keeps_mean, norm.length = epsilon, centred, keeps_mean, length


def norm(Tier tier, int64_t outer, int64_t n, gamma, beta, float epsilon, int64_t run=1, int64_t period=1,
         bint centred=True, bint keeps_mean=False, bint length=False):
    """Each of `outer` rows of n values normalised by its own moments.

    Args:
        gamma, beta: [period * n / run] or None; each weight stands for `run` neighbouring values, and row r takes the
            r-th part modulo `period`.
        epsilon: added to the variance; with `length` the least length.
        centred: the deviation is measured from the mean, else from 0.
        keeps_mean: the mean is not subtracted.
        length: divided by the root of the sum of squares, not of their mean.
    """
    cdef kmin_norm w
    memset(&w, 0, sizeof(w))
    cdef Kernel kernel = tier.kernel("norm", tier.table.norm, (outer * n,), outer * n)
    w.outer, w.n, w.run, w.period = outer, n, run, period
    _ways(&w, epsilon, centred, keeps_mean, length)
    _weights(kernel, &w, gamma, beta)
    kernel.keep(&w, sizeof(w))
    return kernel


def norm_columns(Tier tier, int64_t outer, int64_t count, int64_t columns, gamma, beta, float epsilon,
                 int64_t group=1, bint by_row=False, bint centred=True, bint keeps_mean=False, bint length=False):
    """Each column of [outer, count, columns], or `group` neighbouring ones together, normalised over `count` rows.

    gamma and beta hold a value for each column or, `by_row`, for each row; the rest is as for `norm`.
    """
    cdef kmin_norm_columns w
    memset(&w, 0, sizeof(w))
    cdef int64_t size = outer * count * columns
    cdef Kernel kernel = tier.kernel("norm_columns", tier.table.norm_columns, (size,), size)
    w.of.outer, w.count, w.columns, w.group, w.by_row = outer, count, columns, group, by_row
    w.tasks = min(max(count * columns // COLUMN_VALUES, 1), COLUMN_TASKS, count)
    _ways(&w.of, epsilon, centred, keeps_mean, length)
    _weights(kernel, &w.of, gamma, beta)
    kernel.scratch_bytes = (4 * columns * (w.tasks + 2) + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.keep(&w, sizeof(w))
    return kernel


def scale_shift(Tier tier, mean, scale, shift, int64_t rows_per_sample=1, low=-INFINITY, high=INFINITY):
    """clip((x - mean) * scale + shift, low, high), vectors over the last axis."""
    cdef int64_t n = len(mean), padded = (n + tier.table.lanes - 1) // tier.table.lanes * tier.table.lanes
    cdef Memory memory = vectors(n, tier.table.lanes, (mean, scale, shift))
    cdef int64_t size = n * rows_per_sample
    cdef Kernel kernel = tier.kernel("scale_shift", tier.table.scale_shift, (size,), size)
    kernel.scale_shift.n, kernel.scale_shift.rows_per_sample = n, rows_per_sample
    kernel.scale_shift.low, kernel.scale_shift.high = low, high
    kernel.scale_shift.x_stride = kernel.scale_shift.y_stride = kernel.columns = n
    kernel.read_stride, kernel.write_stride = &kernel.scale_shift.x_stride, &kernel.scale_shift.y_stride
    if low != -INFINITY or high != INFINITY:
        kernel.name += "+clip"
    kernel.scale_shift.mean = memory.floats
    kernel.scale_shift.scale = memory.floats + padded
    kernel.scale_shift.shift = memory.floats + 2 * padded
    kernel.params = &kernel.scale_shift
    kernel.memory = memory
    kernel.constant_bytes = memory.size
    return kernel
