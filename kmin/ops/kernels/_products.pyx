# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of products of two tensors: matrix products in loops, and attention."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Memory, Tier, kmin_attention, kmin_product, vectors

MOST_LOOPS = 4

cdef int64_t BLOCK_MACS = 1 << 18, SCORE_FLOATS = 1 << 14
# Tasks of an attention, and tiles of queries in one at least, which read the same keys and values.
cdef int64_t ATTENTION_TASKS = 16, LEAST_TILES = 4


cdef int64_t aligned(int64_t size):
    return (size + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN


def product(Tier tier, loops, tuple shape, tuple a, tuple b, int64_t y_row, tuple sizes, constants=(None, None)):
    """Matrix products a @ b within loops.

    Args:
        loops: at most MOST_LOOPS of (size, step of a, step of b, step of the result), in floats.
        shape: rows, columns and depth of the matrices.
        a, b: (stride of rows, of depth) and (of columns, of depth).
        y_row: stride of the result's rows; its columns are contiguous.
        sizes: floats of a sample of a, b and the result.
        constants: the array in the place of a or b, or None.
    """
    cdef kmin_product w
    cdef int64_t at, lanes = tier.table.lanes
    cdef Memory memory
    memset(&w, 0, sizeof(w))
    if len(loops) > 4:
        raise ValueError(f"a product has at most {MOST_LOOPS} loops; received {len(loops)}")
    for at in range(4):
        w.sizes[at] = 1
    for at, (size, a_step, b_step, y_step) in enumerate(loops):
        w.sizes[at], w.a_steps[at], w.b_steps[at], w.y_steps[at] = size, a_step, b_step, y_step
    w.rows, w.columns, w.depth = shape
    w.a_row, w.a_depth = a
    w.b_column, w.b_depth = b
    w.y_row = y_row
    reads = tuple(size for size, constant in zip(sizes[:2], constants) if constant is None)
    cdef Kernel kernel = tier.kernel("product", tier.table.product, reads, sizes[2])
    w.a_sample, w.b_sample, w.y_sample = sizes
    for at, constant in enumerate(constants):
        if constant is None:
            continue
        kernel.memory = memory = vectors(constant.size, 1, (constant.reshape(-1),))
        kernel.constant_bytes = memory.size
        if at == 0:
            w.a_constant, w.a_sample = memory.floats, 0
        else:
            w.b_constant, w.b_sample = memory.floats, 0
    # The panel of b is copied anew for each block of rows.
    w.row_blocks = min(max(w.rows * w.columns * w.depth // BLOCK_MACS, 1), max(w.rows // (4 * tier.table.tile_rows), 1))
    cdef int64_t copied = 0 if w.a_depth == 1 or w.depth <= 1 else w.depth * (w.rows // w.row_blocks + 1)
    w.thread_bytes = kernel.thread_bytes = aligned(4 * (w.depth * 2 * lanes + copied))
    kernel.keep(&w, sizeof(w))
    return kernel


def attention(Tier tier, layout, float scale, float low=0.0, band=None, str mask=None, bint causal=False,
              bint additive=False, bint zeroed=False):
    """softmax(scale * q . k) . v with masks.

    Args:
        layout: heads, group, queries, keys, size, value_size, and the strides of kmin_attention by name.
        low: takes the place of scores of keys that are not seen or, `additive`, is added to them.
        band: [queries, keys], whether a key is seen, or None.
        mask: dtype of a fourth operand that says so, too: bool, float32, or None.
        causal: queries see keys up to their own place; without `band` and `mask`.
        zeroed: weights of unseen keys are 0 even where a query sees none.
    """
    cdef kmin_attention w
    cdef int64_t lanes = tier.table.lanes, tile = tier.table.tile_rows, shared, most
    cdef Memory memory
    memset(&w, 0, sizeof(w))
    names = {
        "heads", "group", "queries", "keys", "size", "value_size",
        "q_sample", "q_head", "q_row", "k_sample", "k_head", "k_row", "v_sample", "v_head", "v_row",
        "q_start", "k_start", "v_start", "y_sample", "y_head", "y_row",
        "mask_sample", "mask_head", "mask_row", "mask_step"}
    if layout.keys() != names:
        raise ValueError(f"a layout has {sorted(names)}; received {sorted(layout)}")
    w.heads, w.group = layout["heads"], layout["group"]
    w.queries, w.keys, w.size, w.value_size = (layout[name] for name in ("queries", "keys", "size", "value_size"))
    w.q_sample, w.q_head, w.q_row = layout["q_sample"], layout["q_head"], layout["q_row"]
    w.k_sample, w.k_head, w.k_row = layout["k_sample"], layout["k_head"], layout["k_row"]
    w.v_sample, w.v_head, w.v_row = layout["v_sample"], layout["v_head"], layout["v_row"]
    w.q_start, w.k_start, w.v_start = layout["q_start"], layout["k_start"], layout["v_start"]
    w.y_sample, w.y_head, w.y_row = layout["y_sample"], layout["y_head"], layout["y_row"]
    w.mask_sample, w.mask_head = layout["mask_sample"], layout["mask_head"]
    w.mask_row, w.mask_step = layout["mask_row"], layout["mask_step"]
    w.scale, w.low = scale, low
    w.masked, w.mask_bytes = mask is not None, mask == "bool"
    w.causal, w.additive, w.zeroed = causal, additive, zeroed
    reads = (w.q_sample, w.k_sample, w.v_sample) + ((w.mask_sample,) if mask is not None else ())
    cdef Kernel kernel = tier.kernel("attention", tier.table.attention, reads, w.y_sample)
    if band is not None:
        kernel.memory = memory = vectors(w.queries * w.keys, 1, (band.reshape(-1),))
        kernel.constant_bytes = memory.size
        w.band = memory.floats
    # As many queries as have their scores in the first-level cache, in whole tiles, but tasks enough to level out.
    most = min(max(SCORE_FLOATS // w.keys // tile, 1) * tile, w.queries)
    most = min(most, max((w.heads * w.queries // ATTENTION_TASKS + tile - 1) // tile, LEAST_TILES) * tile)
    w.blocks = (w.queries + most - 1) // most
    w.rows = (w.queries + w.blocks - 1) // w.blocks
    shared = w.heads // w.group
    w.scratch_bytes = kernel.scratch_bytes = aligned(4 * shared * (
        (w.keys + lanes - 1) // lanes * lanes * w.size + (w.value_size + lanes - 1) // lanes * lanes * w.keys))
    w.thread_bytes = kernel.thread_bytes = aligned(4 * (w.rows * (w.keys + 1) + w.keys))
    kernel.keep(&w, sizeof(w))
    return kernel
