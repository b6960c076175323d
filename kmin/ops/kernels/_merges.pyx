# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of arithmetic of two arrays, and of reductions over axes within a sample."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport Kernel, Tier, kmin_binary, kmin_reduce, vectors
from kmin.ops.kernels._tiers import PAIRS, REDUCTIONS


def binary(Tier tier, str kind, int64_t outer, int64_t middle, int64_t inner, constant=None, bint broadcast=False,
           bint swapped=False):
    """big [outer, middle, inner] (kind) small, which is as large, or [middle] when `broadcast`, or the constant.

    `swapped`: small (kind) big. The kernel reads big, then small unless that is a constant.
    """
    cdef int64_t size = outer * middle * inner, least = middle if broadcast else size
    cdef list reads = [size] if constant is not None else [size, least]
    cdef Kernel kernel = tier.kernel(kind, tier.table.binary, tuple(reads), size)
    cdef kmin_binary w
    memset(&w, 0, sizeof(w))
    w.outer, w.middle, w.inner = outer, middle, inner
    w.pair = tier.table.pairs[<int> PAIRS[kind]]
    w.broadcast, w.swapped = broadcast, swapped
    if constant is not None:
        kernel.memory = vectors(least, 1, (constant,))
        w.constant = kernel.memory.floats
        kernel.constant_bytes = kernel.memory.size
    kernel.keep(&w, sizeof(w))
    return kernel


def reduce(Tier tier, str kind, int64_t outer, int64_t count, int64_t inner):
    """The mean, sum, max or min of [outer, count, inner] over its middle axis."""
    cdef Kernel kernel = tier.kernel(
        f"reduce_{kind}", tier.table.reduce, (outer * count * inner,), outer * inner)
    cdef kmin_reduce w
    memset(&w, 0, sizeof(w))
    w.outer, w.count, w.inner, w.kind = outer, count, inner, REDUCTIONS[kind]
    kernel.keep(&w, sizeof(w))
    return kernel
