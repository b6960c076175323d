# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of values in another order."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport Kernel, Tier, kmin_move

import math

MOST_AXES = 6


def move(Tier tier, str name, axes, int64_t offset, int64_t x_sample, str dtype="float32"):
    """y[i] = x[offset + i . strides] for at most MOST_AXES of (size, stride in values), the last one the nearest in y.

    Args:
        name: what the kernel is called.
        x_sample: values of a sample of x.
        dtype: of both, four bytes wide.
    """
    cdef kmin_move w
    cdef int64_t at
    memset(&w, 0, sizeof(w))
    if len(axes) > 6:
        raise ValueError(f"a move has at most {MOST_AXES} axes; received {len(axes)}")
    padded = [(1, 0)] * (6 - len(axes)) + list(axes)
    for at, (size, stride) in enumerate(padded):
        w.sizes[at], w.strides[at] = size, stride
    w.offset, w.x_sample = offset, x_sample
    cdef Kernel kernel = tier.kernel(name, tier.table.move, (x_sample,), math.prod(size for size, _ in axes))
    kernel.types = (dtype, dtype)
    kernel.keep(&w, sizeof(w))
    return kernel
