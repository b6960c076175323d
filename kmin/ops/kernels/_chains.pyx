# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of chains of pointwise and depthwise convolutions whose rows in between stay in the cache; and gated ones."""

cimport numpy as cnp
from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN,
    KMIN_CHAIN_COPY,
    KMIN_CHAIN_DEPTHWISE,
    KMIN_CHAIN_POINT,
    KMIN_CHAIN_STAGES,
    Kernel,
    Memory,
    Tier,
    kmin_chain,
    kmin_chain_stage,
    kmin_expand,
    kmin_gated,
)

import numpy as np

cnp.import_array()

MOST_STAGES = KMIN_CHAIN_STAGES - 1

# Pixels that a stage computes together: two tiles, or four when the weights are too large for a core's first cache.
cdef int64_t PIXELS = 28
cdef int64_t SMALL_WEIGHTS = 1 << 16
cdef int64_t NEAR_BYTES = 1 << 15  # of rows that are read together, while there are more than two
# Of the work of a chain so much may be done twice; a product of a depthwise convolution is as much work as so many of a
# pointwise one, and so is clearing a number.
cdef double MOST_TWICE = 0.05, DEPTHWISE_WORK = 3.0, CLEARED_WORK = 3.0


def chain(Tier tier, stages, bint residual=False):
    """Convolutions one after the other.

    Args:
        stages: (geometry, weights, bias, after) of each: the fields of kmin_geometry by name, weights
            [channels, filters] (pointwise) or [kernel_height, kernel_width, channels] (depthwise), and the arguments
            of `Tier.dense` after the bias.
        residual: a second operand, shaped like the result of the last stage, which is pointwise, is added in it.
    """
    cdef kmin_chain c
    cdef kmin_chain_stage *stage
    cdef kmin_chain_stage *after
    cdef int64_t lanes = tier.table.lanes, at, padded, reach, place = 0, bytes = 0, near
    cdef list memories = []
    cdef Memory memory, last
    memset(&c, 0, sizeof(c))
    first, end = stages[0][0], stages[len(stages) - 1][0]
    c.reads = first["height"] * first["width"] * first["channels"]
    cdef Kernel kernel = tier.kernel(
        "chain(" + ", ".join("point" if row[1].ndim == 2 else "depthwise" for row in stages) + ")",
        tier.table.chain, (c.reads,), end["out_height"] * end["out_width"] * end["filters"])
    if stages[0][1].ndim == 3 and not _reads_in_place(first, lanes):
        stage = &c.stages[0]
        stage.kind = KMIN_CHAIN_COPY
        stage.height, stage.width, stage.channels = first["height"], first["width"], first["channels"]
        c.count = 1
    if c.count + len(stages) > KMIN_CHAIN_STAGES:
        raise ValueError(f"a chain has at most {MOST_STAGES} stages")
    for geometry, weights, bias, finish in stages:
        stage = &c.stages[c.count]
        c.count += 1
        stage.w.g = geometry
        stage.height, stage.width, stage.channels = geometry["out_height"], geometry["out_width"], geometry["filters"]
        padded = (stage.channels + lanes - 1) // lanes * lanes
        if weights.ndim == 2:
            stage.kind, stage.k = KMIN_CHAIN_POINT, weights.shape[0]
            memory = tier.columns(np.ascontiguousarray(weights, dtype=np.float32), bias, 0)
            stage.bias = memory.floats + padded * stage.k
        else:
            stage.kind = KMIN_CHAIN_DEPTHWISE
            memory = tier.filters(
                np.ascontiguousarray(weights, dtype=np.float32).reshape(-1, stage.channels), bias)
            stage.bias = memory.floats + padded * <int64_t> (weights.shape[0] * weights.shape[1])
        stage.weights = stage.w.weights = memory.floats
        stage.w.bias = stage.bias
        low, high, function, args = finish
        tier.finish(kernel, &stage.after, stage.channels, low, high, function, args,
                    residual and c.count == len(stages) + (c.stages[0].kind == KMIN_CHAIN_COPY))
        stage.w.after = stage.after
        memories.append(memory)
        bytes += memory.size
    c.residual = residual
    for at in range(c.count - 1, -1, -1):
        stage = &c.stages[at]
        after = &c.stages[at + 1]  # unused for the last
        stage.rows = (PIXELS if bytes < SMALL_WEIGHTS else 2 * PIXELS) // stage.width + 1
        near = 4 * stage.width * (stage.k if stage.kind == KMIN_CHAIN_POINT else stage.channels)
        stage.rows = max(stage.rows, 4 if 4 * near <= NEAR_BYTES else 2)  # depthwise convolutions take them by twos
        if at == c.count - 1:
            stage.cell, stage.panel, stage.line = stage.channels, 2 * lanes, stage.width * stage.channels
        elif after.kind == KMIN_CHAIN_POINT:
            stage.rows = stage.ring = after.rows
            stage.cell = (stage.channels + lanes - 1) // lanes * lanes
            if stage.cell * 4 % 1024 == 0:  # rows at such a distance share the same few lines of the first cache
                stage.cell += lanes
            stage.panel, stage.line = 2 * lanes, stage.width * stage.cell
            stage.place = place
            place += stage.ring * stage.line
        else:
            stage.kept = 1
            reach = (after.w.g.kernel_height - 1) * after.w.g.dilation_y + 1
            stage.ring = (after.rows - 1) * after.w.g.stride_y + reach
            stage.rows = min(stage.rows, stage.ring)
            stage.left = after.w.g.left
            stage.cell = 2 * lanes
            after.w.g.left = 0
            after.w.g.width = max(
                stage.left + stage.width,
                (after.width - 1) * after.w.g.stride_x + (after.w.g.kernel_width - 1) * after.w.g.dilation_x + 1)
            stage.line = after.w.g.width * stage.cell
            stage.panel = stage.ring * stage.line
            stage.place = place
            place += (stage.channels + 2 * lanes - 1) // (2 * lanes) * stage.panel
    c.thread_bytes = (4 * place + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.thread_bytes = c.thread_bytes
    c.strips = _strips(&c, place)
    kernel.memory = memories[0]
    kernel.constant_bytes = bytes
    for at in range(len(memories) - 1):  # each keeps the next
        memory, last = memories[at], memories[at + 1]
        memory.next = last
    kernel.keep(&c, sizeof(c))
    return kernel


cdef int64_t _strips(const kmin_chain *c, int64_t place):
    """Into how many strips an image is cut at most, so that what is computed twice stays a small part of all."""
    cdef int64_t at, overlap = 0
    cdef double line, whole = 0, twice = CLEARED_WORK * place
    cdef const kmin_chain_stage *stage
    for at in range(c.count - 1, -1, -1):
        stage = &c.stages[at]
        line = stage.width * stage.channels
        if stage.kind == KMIN_CHAIN_POINT:
            line *= stage.k
        elif stage.kind == KMIN_CHAIN_DEPTHWISE:
            line *= DEPTHWISE_WORK * stage.w.g.kernel_height * stage.w.g.kernel_width
        whole += line * stage.height
        twice += line * overlap
        if stage.kind == KMIN_CHAIN_DEPTHWISE:  # rows of the stage before that two neighbouring strips read
            overlap = overlap * stage.w.g.stride_y + max(
                (stage.w.g.kernel_height - 1) * stage.w.g.dilation_y + 1 - stage.w.g.stride_y, 0)
    return 1 + <int64_t> (MOST_TWICE * whole / max(twice, 1.0))


cdef bint _reads_in_place(dict g, int64_t lanes):
    """Whether a depthwise convolution that comes first takes two rows at a time, which needs no columns of padding."""
    height, width, left = g["kernel_height"], g["kernel_width"], g["left"]
    steps = {g["stride_y"], g["stride_x"], g["dilation_y"], g["dilation_x"]}
    square = height == width and width in (3, 5) and steps == {1}
    return lanes >= 16 and g["channels"] % lanes == 0 and square and g["out_width"] >= 4 and left in (0, width // 2)


def gated(Tier tier, weights, bias, int64_t rows_per_sample, low, high, function, args, bint residual=False):
    """As `Tier.dense` of x times a second operand, which has one number for each sample and column of x."""
    cdef kmin_gated g
    cdef int64_t k = weights.shape[0], n = weights.shape[1], lanes = tier.table.lanes
    cdef int64_t padded = (n + lanes - 1) // lanes * lanes
    memset(&g, 0, sizeof(g))
    cdef Memory memory = tier.columns(np.ascontiguousarray(weights, dtype=np.float32), bias, 0)
    cdef Kernel kernel = tier.kernel("gated", tier.table.gated, (k * rows_per_sample, k), n * rows_per_sample)
    g.of.k, g.of.n, g.of.rows_per_sample = k, n, rows_per_sample
    g.of.weights, g.of.bias = memory.floats, memory.floats + padded * k
    tier.finish(kernel, &g.of.after, n, low, high, function, args, residual)
    g.thread_bytes = kernel.thread_bytes = (4 * padded * k + 2 * KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    kernel.memory, kernel.packed = memory, (k, n, lanes)
    kernel.constant_bytes = memory.size
    kernel.keep(&g, sizeof(g))
    return kernel


def expand(Tier tier, point, depthwise):
    """A pointwise convolution and the depthwise one after it, as stages of `chain`, in slices of two vectors."""
    cdef kmin_expand e
    cdef int64_t lanes = tier.table.lanes, padded, slices, singles, cell = 2 * lanes
    memset(&e, 0, sizeof(e))
    geometry, weights, bias, after = point
    e.height, e.width, e.k, e.channels = geometry["height"], geometry["width"], weights.shape[0], weights.shape[1]
    e.w.g = depthwise[0]
    cdef Kernel kernel = tier.kernel("chain(point, depthwise) by slices", tier.table.expand,
                                     (e.height * e.width * e.k,), e.w.g.out_height * e.w.g.out_width * e.channels)
    padded = (e.channels + lanes - 1) // lanes * lanes
    cdef Memory first = tier.columns(np.ascontiguousarray(weights, dtype=np.float32), bias, 0)
    e.weights, e.bias = first.floats, first.floats + padded * e.k
    low, high, function, args = after
    tier.finish(kernel, &e.point, cell, low, high, function, args, False)
    weights, bias, after = depthwise[1:]
    cdef Memory second = tier.filters(np.ascontiguousarray(weights, dtype=np.float32).reshape(-1, e.channels), bias)
    e.w.weights, e.w.bias = second.floats, second.floats + padded * <int64_t> (weights.shape[0] * weights.shape[1])
    low, high, function, args = after
    tier.finish(kernel, &e.w.after, e.channels, low, high, function, args, False)
    e.left = e.w.g.left
    e.w.g.left = 0
    e.w.g.width = max(e.left + e.width,
                      (e.w.g.out_width - 1) * e.w.g.stride_x + (e.w.g.kernel_width - 1) * e.w.g.dilation_x + 1)
    e.line = e.w.g.width * cell
    slices = (e.channels + cell - 1) // cell
    singles = min(slices, 4 + slices % 2)
    e.pairs = (slices - singles) // 2
    e.tasks = e.pairs + singles
    e.thread_bytes = kernel.thread_bytes = (4 * e.height * e.line + 2 * KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    first.next = second
    kernel.memory = first
    kernel.constant_bytes = first.size + second.size
    kernel.keep(&e, sizeof(e))
    return kernel
