# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Weights as they were before a kernel packed them."""

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from kmin.ops.kernels._tiers cimport Kernel

import numpy as np


def unpacked(Kernel kernel):
    """The weights [K, N] that `kernel` packed in panels of columns, bit by bit.

    Raises:
        ValueError: it packed none, or in a form that does not keep them.
    """
    if kernel.packed is None:
        raise ValueError(f"{kernel.name} does not keep its weights")
    cdef int64_t k, n, lanes, column = 0, wide, columns, at
    k, n, lanes = kernel.packed
    result = np.empty((k, n), np.float32)
    cdef float[:, ::1] to = result
    cdef const float *source = kernel.memory.floats
    with nogil:
        while column < n:
            wide = 2 * lanes if n - column > lanes else lanes
            columns = min(wide, n - column)
            for at in range(k):
                memcpy(&to[at, column], source, 4 * columns)
                source += wide
            column += wide
    return result
