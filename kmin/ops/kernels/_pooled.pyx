# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Products whose rows are reduced to one while they are near."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Tier, kmin_pooled, kmin_strassen

from kmin.ops.kernels._tiers import REDUCTIONS


def pooled(Tier tier, Kernel product, str kind, int64_t rows, int64_t outer=1, int64_t blocks=1, int64_t groups=1):
    """The maximum, mean, minimum or sum of the `rows` rows that `product`, dense or strassen, makes of a sample.

    Args:
        outer: samples of `product` in one of the result.
        blocks, groups: into which rows and columns are split; of products by halves as they are cut themselves.
    """
    cdef kmin_pooled p
    cdef int64_t lanes = tier.table.lanes, panel = 2 * lanes
    memset(&p, 0, sizeof(p))
    p.halves = product.run == tier.table.strassen
    if not p.halves and product.run != tier.table.dense:
        raise ValueError(f"no product: {product.name}")
    if p.halves:
        p.by_halves = (<kmin_strassen *> product.own)[0]
        p.of.after, p.columns = p.by_halves.after, p.by_halves.n
        p.blocks, p.groups = p.by_halves.groups, p.by_halves.parts
    else:
        p.of, p.columns = product.dense, product.dense.n
        p.blocks, p.groups = blocks, groups
    p.rows, p.outer, p.kind = rows, outer, REDUCTIONS[kind]
    p.padded = (p.columns + panel - 1) // panel * panel
    p.shared_bytes = 4 * p.padded * p.blocks if p.blocks * p.groups > 1 else 0
    p.shared_bytes = (p.shared_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    p.thread_bytes = (4 * p.padded + product.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    cdef Kernel kernel = tier.kernel(f"{product.name.partition(':')[2]}+{kind}", tier.table.pooled,
                                     tuple(outer * size for size in product.reads), outer * p.columns)
    kernel.scratch_bytes, kernel.thread_bytes = p.shared_bytes, p.thread_bytes
    kernel.memory, kernel.packed, kernel.constant_bytes = product.memory, product.packed, product.constant_bytes
    kernel.lossy, kernel.original = product.lossy, product.original
    kernel.keep(&p, sizeof(p))
    return kernel
