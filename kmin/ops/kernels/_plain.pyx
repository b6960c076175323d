# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The kernel of large dense layers of few rows, whose weights stay where they are."""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_FIXED_BLOCK, KMIN_PLAIN_FEW, Kernel, Memory, Tier, kmin_plain

import numpy as np


def plain(Tier tier, weights, bias, low=-INFINITY, high=INFINITY, function=None, args=(), bint residual=False):
    """What `Tier.dense` computes for one row per sample; weights [K, N], C-contiguous float32, are not copied."""
    cdef const float[:, ::1] source = weights
    cdef int64_t k = source.shape[0], n = source.shape[1], lanes = tier.table.lanes
    cdef int64_t width = (n + 2 * lanes - 1) // (2 * lanes) * 2 * lanes
    cdef int64_t blocks = (k + KMIN_FIXED_BLOCK - 1) // KMIN_FIXED_BLOCK
    cdef Memory memory = Memory(width)
    cdef Kernel kernel = tier.kernel("plain_dense", tier.table.plain, (k,), n)
    cdef kmin_plain p
    cdef const float[::1] offsets
    cdef int64_t at
    if bias is not None:
        offsets = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
        for at in range(n):
            memory.floats[at] = offsets[at]
    memset(&p, 0, sizeof(p))
    p.k, p.n, p.weights, p.bias = k, n, &source[0, 0], memory.floats
    with nogil:
        p.finite = tier.table.plain_finite(p.weights, k * n)
    tier.finish(kernel, &p.after, n, low, high, function, args, residual)
    kernel.scratch_bytes = 4 * KMIN_PLAIN_FEW * blocks * width
    kernel.memory, kernel.held, kernel.constant_bytes = memory, weights, memory.size
    kernel.keep(&p, sizeof(p))
    kernel.columns, kernel.write_stride = n, &(<kmin_plain *> kernel.own).after.y_stride
    return kernel
