# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Weights as they were before a kernel packed them."""

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from kmin.ops.kernels._tiers cimport Kernel

import numpy as np


cdef enum:  # where a packed product by halves has these quarters, and of how many matrices
    UPPER_LEFT = 1
    LOWER_RIGHT = 4
    POSITIONS = 7


def quarters(Kernel kernel):
    """The upper left and the lower right quarter of the weights [K, N] that `kernel` packed by halves, bit by bit.

    Raises:
        ValueError: it packed none by halves.
    """
    if kernel.packed is None or len(kernel.packed) != 4:
        raise ValueError(f"{kernel.name} does not keep quarters of its weights")
    return _quarter(kernel, UPPER_LEFT), _quarter(kernel, LOWER_RIGHT)


cdef _quarter(Kernel kernel, int64_t position):
    k, n, lanes, depth = kernel.packed
    return _columns(kernel, k // 2, n // 2, lanes, depth, POSITIONS, position)


def unpacked(Kernel kernel):
    """The weights [K, N] that `kernel` packed in panels of columns, bit by bit.

    Raises:
        ValueError: it packed none, or in a form that does not keep them.
    """
    if kernel.packed is None or len(kernel.packed) != 3:
        raise ValueError(f"{kernel.name} does not keep its weights")
    k, n, lanes = kernel.packed
    return _columns(kernel, k, n, lanes, k, 1, 0)


cdef _columns(
        Kernel kernel, int64_t k, int64_t n, int64_t lanes, int64_t depth, int64_t matrices, int64_t number):
    """Matrix [k, n] of that number, of `matrices` that lie panel beside panel, each `depth` rows deep."""
    cdef int64_t column = 0, wide, columns, at
    result = np.empty((k, n), np.float32)
    cdef float[:, ::1] to = result
    cdef const float *source = kernel.memory.floats
    with nogil:
        while column < n:
            wide = 2 * lanes if n - column > lanes else lanes
            columns = min(wide, n - column)
            for at in range(k):
                memcpy(&to[at, column], source + (number * depth + at) * wide, 4 * columns)
            source += matrices * depth * wide
            column += wide
    return result
