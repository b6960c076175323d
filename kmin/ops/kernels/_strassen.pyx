# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Matrix products with one step of Strassen's method."""

cimport numpy as cnp
from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN, KMIN_SHORT_LANES, KMIN_STRASSEN_APART, KMIN_STRASSEN_SET, Kernel, Memory, Tier, kmin_packed,
    kmin_strassen)

import numpy as np

cnp.import_array()

cdef enum:
    POSITIONS = 7

# Blocks that go through a panel together on tiers of short vectors.
SET = KMIN_STRASSEN_SET


def strassen(Tier tier, weights, bias, int64_t rows, int64_t width, int64_t line, int64_t cell, int64_t x_sample,
             int64_t blocks, int64_t groups, int64_t parts, low=-INFINITY, high=INFINITY, function=None,
             args=(), bint residual=False):
    """clip(x @ weights + bias, low, high) of `rows` rows of a sample, then as `dense`; weights [K, N], both even.

    Args:
        width, line, cell: row r of x begins at r / width * line + r % width * cell floats of the sample.
        x_sample: floats in a sample of x.
        blocks: of pairs of rows, into which a sample is cut, each as high as a tile or less.
        groups, parts: into which blocks and columns are split; a group by a part is the work of one thread.
    """
    cdef kmin_strassen s
    memset(&s, 0, sizeof(s))
    whole = np.ascontiguousarray(weights, dtype=np.float32)
    if whole.shape[0] % 2 or whole.shape[1] % 2:
        raise ValueError(f"the halves of {whole.shape[0]} x {whole.shape[1]} weights are not alike")
    s.k, s.n, s.rows = whole.shape[0], whole.shape[1], rows
    s.width, s.line, s.cell, s.x_sample = width, line, cell, x_sample
    cdef int64_t half = s.n // 2, deep = s.k // 2, lanes = tier.table.lanes, tile = tier.table.tile_rows
    cdef int64_t padded = (half + lanes - 1) // lanes * lanes, at
    s.depth = (deep + lanes - 1) // lanes * lanes
    cdef Kernel kernel = tier.kernel("strassen", tier.table.strassen, (x_sample,), rows * s.n)
    cdef Memory memory = Memory(POSITIONS * padded * s.depth + s.n + lanes + s.k)
    upper, lower = (whole[:deep, :half], whole[:deep, half:]), (whole[deep:, :half], whole[deep:, half:])
    for at, matrix in enumerate((
            upper[0] + lower[1], upper[0], upper[1] - lower[1], lower[0] - upper[0], lower[1], upper[0] + upper[1],
            lower[0] + lower[1])):
        pack(np.ascontiguousarray(matrix), lanes, s.depth, at, memory.floats)
    cdef float *to = memory.floats + POSITIONS * padded * s.depth
    cdef const float[::1] given
    if bias is not None:
        given = np.ascontiguousarray(bias, dtype=np.float32).reshape(s.n)
        for at in range(s.n):
            to[at] = given[at]
    s.weights, s.bias, s.zeros = memory.floats, to, to + s.n + lanes
    s.blocks, s.groups, s.parts = blocks, groups, parts
    cdef int64_t together = KMIN_STRASSEN_SET if lanes <= KMIN_SHORT_LANES else 1
    cdef int64_t sums = s.depth * tile * ((blocks + groups - 1) // groups) + KMIN_STRASSEN_APART
    s.thread_bytes = KMIN_ALIGN + POSITIONS * 4 * (sums + together * tile * 2 * lanes)
    s.thread_bytes = (s.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.thread_bytes = s.thread_bytes
    tier.finish(kernel, &s.after, s.n, low, high, function, args, residual)
    kernel.memory, kernel.packed = memory, (s.k, s.n, lanes, s.depth)
    kernel.lossy = kmin_packed(memory.floats, 1, 2, deep, s.n, s.depth, 0, 0, 0, 0)
    kernel.original = tier.table.original_halves
    kernel.constant_bytes = memory.size
    kernel.keep(&s, sizeof(s))
    kernel.columns, kernel.write_stride = s.n, &(<kmin_strassen *> kernel.own).after.y_stride
    return kernel


cdef void pack(const float[:, ::1] weights, int64_t lanes, int64_t depth, int64_t position, float *to):
    """One of the seven matrices: panels of two vectors of columns, the last may be of one, each `depth` rows deep;
    panels of the same columns follow each other."""
    cdef int64_t k = weights.shape[0], n = weights.shape[1], column = 0, wide, columns, at
    while column < n:
        wide = 2 * lanes if n - column > lanes else lanes
        columns = min(wide, n - column)
        for at in range(k):
            memcpy(to + (position * depth + at) * wide, &weights[at, column], 4 * columns)
        to += POSITIONS * depth * wide
        column += wide
