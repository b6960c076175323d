"""Shape: what a Program reads or makes for each row of a batch, checked and allocated with the least work."""

cimport numpy as cnp
from libc.stdint cimport int64_t


cdef enum:
    MAX_RANK = 16


ctypedef struct Shape:
    int rank
    cnp.npy_intp sizes[MAX_RANK]
    int64_t row_bytes
    int type


cdef inline bint fits(cnp.ndarray array, Shape *shape) noexcept:
    """Whether `array` is aligned, C-contiguous, in native byte order and of the shape's dtype, rank and row sizes."""
    cdef int at
    if cnp.PyArray_TYPE(array) != shape.type or not cnp.PyArray_ISCARRAY_RO(array):
        return False
    if cnp.PyArray_NDIM(array) != shape.rank:
        return False
    for at in range(1, shape.rank):
        if cnp.PyArray_DIM(array, at) != shape.sizes[at]:
            return False
    return True


cdef inline cnp.ndarray allocate(Shape *shape, int64_t rows):
    cdef cnp.npy_intp sizes[MAX_RANK]
    cdef int at
    sizes[0] = rows
    for at in range(1, shape.rank):
        sizes[at] = shape.sizes[at]
    return cnp.PyArray_EMPTY(shape.rank, sizes, shape.type, 0)
