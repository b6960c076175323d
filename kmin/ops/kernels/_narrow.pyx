# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The kernel of narrow dense layers that follow each other."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_NARROW_LAYERS, KMIN_NARROW_WIDTH, Kernel, Memory, Tier, kmin_narrow, vectors

import numpy as np

MOST_LAYERS = KMIN_NARROW_LAYERS
MOST_WIDTH = KMIN_NARROW_WIDTH


def narrow(Tier tier, layers, int64_t rows_per_sample=1):
    """Dense layers one after the other.

    Args:
        layers: (weights [K, N], bias [N] or None, after) of each, after being the arguments of `Tier.dense` after
            rows_per_sample.

    Raises:
        ValueError: there are too many layers, or one is too wide.
    """
    cdef kmin_narrow p
    cdef Memory memory, plain
    cdef Kernel kernel
    cdef int64_t lanes = tier.table.lanes, k = 0, n = 0
    cdef list memories = []
    if len(layers) > MOST_LAYERS or max([max(row[0].shape) for row in layers]) > MOST_WIDTH:
        raise ValueError(f"at most {MOST_LAYERS} layers of at most {MOST_WIDTH} values")
    memset(&p, 0, sizeof(p))
    first, end = layers[0][0], layers[len(layers) - 1][0]
    kernel = tier.kernel(
        "narrow(" + ", ".join(str(weights.shape[1]) for weights, _, _ in layers) + ")", tier.table.narrow,
        (first.shape[0] * rows_per_sample,), end.shape[1] * rows_per_sample)
    name = kernel.name
    for weights, bias, after in layers:
        k, n = weights.shape
        memory = tier.columns(np.ascontiguousarray(weights, dtype=np.float32), bias, 0)
        plain = vectors(k * n, 1, (weights,))
        p.plain[p.count] = plain.floats
        p.layers[p.count].k, p.layers[p.count].n, p.layers[p.count].rows_per_sample = k, n, 1
        p.layers[p.count].weights = memory.floats
        p.layers[p.count].bias = memory.floats + (n + lanes - 1) // lanes * lanes * k
        low, high, function, args = after
        tier.finish(kernel, &p.layers[p.count].after, n, low, high, function, args, False)
        p.products += k * n
        p.count += 1
        memories += [memory, plain]
    kernel.name = name
    p.rows_per_sample = rows_per_sample
    kernel.held = memories
    kernel.constant_bytes = sum([(<Memory> memory).size for memory in memories])
    kernel.keep(&p, sizeof(p))
    return kernel
