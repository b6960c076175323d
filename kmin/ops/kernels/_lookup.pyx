# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of ids: rows of a table, whole numbers from floats, and masks."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_FLOAT32,
    KMIN_INT32,
    KMIN_INT64,
    Kernel,
    Tier,
    kmin_differ,
    kmin_gather,
)

TYPES = {"float32": KMIN_FLOAT32, "int32": KMIN_INT32, "int64": KMIN_INT64}


def gather(Tier tier, table, int64_t per_sample, str dtype, bint wrap=False):
    """Rows of a table by `per_sample` ids of int32 or int64; ids that are outside are refused.

    Args:
        table: float32 [count, width], read where it lies.
        wrap: negative ids count from the end.
    """
    cdef kmin_gather g
    memset(&g, 0, sizeof(g))
    g.per_sample, g.count, g.width = per_sample, len(table), table.shape[1]
    g.wide, g.wrap = dtype == "int64", wrap
    cdef Kernel kernel = tier.kernel("gather", tier.table.gather, (per_sample,), per_sample * g.width)
    cdef const float[:, ::1] rows = table
    kernel.held = rows  # read where it lies
    g.table = &rows[0, 0] if rows.size else NULL
    kernel.constant_bytes = 4 * g.count * g.width
    kernel.types, kernel.refuses = (dtype, "float32"), True
    kernel.keep(&g, sizeof(g))
    return kernel


def differ(Tier tier, int64_t per_sample, str dtype, number):
    """Whether each of `per_sample` values of float32, int32 or int64 is not `number`."""
    cdef kmin_differ d
    memset(&d, 0, sizeof(d))
    d.per_sample, d.type = per_sample, TYPES[dtype]
    if d.type == KMIN_FLOAT32:
        d.real = number
    else:
        d.whole = number
    cdef Kernel kernel = tier.kernel("not_equal", tier.table.differ, (per_sample,), per_sample)
    kernel.types = (dtype, "bool")
    kernel.keep(&d, sizeof(d))
    return kernel


def to_int32(Tier tier, int64_t per_sample):
    """Whole numbers from `per_sample` values of float32, towards zero."""
    cdef Kernel kernel = tier.kernel("int32", tier.table.to_int32, (per_sample,), per_sample)
    kernel.types = ("float32", "int32")
    kernel.keep(&per_sample, sizeof(per_sample))
    return kernel
