# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Weights as they were before a kernel packed them."""

from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy

from kmin.ops.kernels._tiers cimport KMIN_MOST_KEPT, Kernel, kmin_lost, kmin_packed

import numpy as np

cdef extern from "<fenv.h>" nogil:
    ctypedef struct fenv_t:
        pass
    const fenv_t *FE_DFL_ENV
    int fegetenv(fenv_t *to)
    int fesetenv(const fenv_t *to)


cdef class Differences:
    """Of weights from what a kernel's packed numbers come to.

    Attributes:
        size: bytes.
    """

    cdef kmin_lost kept
    cdef readonly int64_t size

    def __dealloc__(self):
        PyMem_RawFree(self.kept.bytes)

    cdef bint resize(self, int64_t size) noexcept nogil:
        """Whether there is memory for so many bytes."""
        cdef uint8_t *moved = <uint8_t *> PyMem_RawRealloc(self.kept.bytes, size)
        if moved is NULL:
            return False
        self.kept.bytes, self.size = moved, size
        return True


def differences(Kernel kernel, weights):
    """What `unpacked` needs to give back the weights that `kernel` packed; None where that takes half as much memory.

    Raises:
        ValueError: they are others, or packed in a form that needs nothing or keeps too little.
    """
    if kernel.packed is None or len(kernel.packed) != 4 or weights.size != kernel.packed[0] * kernel.packed[1]:
        raise ValueError(f"{kernel.name} has lost nothing of weights of the shape {weights.shape}")
    cdef const float[::1] source = np.ascontiguousarray(weights, dtype=np.float32).reshape(-1)
    cdef Differences found
    cdef fenv_t environment
    cdef int32_t whole
    cdef bint fit
    for whole in range(2):  # numbers that the packed ones should hold as they are, such as -0, may have been changed
        found = Differences()
        found.kept.all = whole
        with nogil:
            fegetenv(&environment)
            fesetenv(FE_DFL_ENV)
            fit = _keep(kernel, &source[0], found)
            fesetenv(&environment)
        if fit:
            return found
    return None


cdef bint _keep(Kernel kernel, const float *weights, Differences found) noexcept nogil:
    """Whether all rows of the weights could be kept, and are given back as they were."""
    cdef const kmin_packed *p = &kernel.lossy
    cdef int64_t apart = p.channels * p.n, values = p.planes * p.cells * apart, row = KMIN_MOST_KEPT * p.cells * p.n
    cdef int64_t plane, channel
    for plane in range(p.planes):
        for channel in range(p.channels):
            if found.kept.at + row > found.size and not found.resize(found.kept.at + row + values // 4):
                return False
            if not kernel.original(p, plane * (p.depth // p.planes) + channel,
                                   <float *> weights + plane * p.cells * apart + channel * p.n, apart, &found.kept, 1):
                return False
            if found.kept.at > 2 * values:
                return False
    return found.resize(found.kept.at)


def unpacked(Kernel kernel, Differences differences=None):
    """The weights [K, N] that `kernel` packed, bit by bit.

    Args:
        differences: what that function has told, when packing has lost bits.

    Raises:
        ValueError: it packed none, or in a form that does not keep them.
    """
    if kernel.packed is None or len(kernel.packed) != (3 if differences is None else 4):
        raise ValueError(f"{kernel.name} does not keep its weights")
    result = np.empty(kernel.packed[:2], np.float32)
    cdef float[:, ::1] to = result
    cdef fenv_t environment
    if differences is None:
        _columns(kernel, to, kernel.packed[2])
        return result
    with nogil:
        fegetenv(&environment)
        fesetenv(FE_DFL_ENV)
        _give(kernel, &to[0, 0], differences.kept)
        fesetenv(&environment)
    return result


cdef void _give(Kernel kernel, float *weights, kmin_lost kept) noexcept nogil:
    cdef const kmin_packed *p = &kernel.lossy
    cdef int64_t apart = p.channels * p.n, plane, channel
    kept.at = 0
    for plane in range(p.planes):
        for channel in range(p.channels):
            kernel.original(p, plane * (p.depth // p.planes) + channel,
                            weights + plane * p.cells * apart + channel * p.n, apart, &kept, 0)


cdef void _columns(Kernel kernel, float[:, ::1] to, int64_t lanes) noexcept:
    cdef int64_t column = 0, n = to.shape[1], wide, columns, at
    cdef const float *source = kernel.memory.floats
    with nogil:
        while column < n:
            wide = 2 * lanes if n - column > lanes else lanes
            columns = min(wide, n - column)
            for at in range(to.shape[0]):
                memcpy(&to[at, column], source, 4 * columns)
                source += wide
            column += wide
