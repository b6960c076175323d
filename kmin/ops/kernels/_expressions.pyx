# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Kernels of elementwise expressions over tensors that are spread over each other."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_EXPRESSION_BLOCK,
    KMIN_EXPRESSION_INPUTS,
    KMIN_EXPRESSION_STEPS,
    KMIN_SPREAD_AXES,
    Kernel,
    Memory,
    Tier,
    kmin_expression,
    kmin_expression_step,
    kmin_spread,
)

import numpy as np

from kmin.ops.kernels._tiers import FUNCTIONS, PAIRS

MOST_INPUTS = KMIN_EXPRESSION_INPUTS
MOST_STEPS = KMIN_EXPRESSION_STEPS
AXES = KMIN_SPREAD_AXES
# By KMIN_EXPRESSION_*.
KINDS = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or",
         "logical_not", "truth", "isnan", "negative", "where")


def expression(Tier tier, sizes, inputs, steps, slots, bint truth):
    """`steps` on blocks of values of `sizes`, AXES of them, in a sample; the last makes the result.

    Args:
        inputs: (constant array or None, strides over `sizes`, values in a sample or 0, whether it holds truth) of each.
        steps: (name of a function, of arithmetic or of KINDS; its arguments; numbers of the values it works on, inputs
            first, then what steps make).
        slots: where each value lies while a block is computed.
        truth: the result is bool.
    """
    cdef kmin_expression e
    cdef kmin_expression_step *step
    cdef kmin_spread *spread
    cdef Memory memory, kept = None
    cdef const float[::1] source
    cdef list reads = [], types = []
    cdef int64_t at, axis, count, size = 1, bytes = 0
    memset(&e, 0, sizeof(e))
    for axis in range(KMIN_SPREAD_AXES):
        e.sizes[axis] = sizes[axis]
        size *= e.sizes[axis]
    e.size, e.inputs, e.steps, e.bytes, e.flat = size, len(inputs), len(steps), truth, 1
    if e.inputs > KMIN_EXPRESSION_INPUTS or e.steps > KMIN_EXPRESSION_STEPS:
        raise ValueError(f"an expression has at most {MOST_INPUTS} inputs and {MOST_STEPS} steps")
    for number, (constant, strides, sample, is_truth) in enumerate(inputs):
        spread = &e.spreads[<int> number]
        for axis in range(KMIN_SPREAD_AXES):
            spread.strides[axis] = strides[axis]
        spread.single = not any(strides)
        if constant is None:
            spread.operand, spread.sample, spread.bytes = len(reads), sample, is_truth
            spread.whole = sample == size and tuple(strides) == contiguous(sizes)
            reads.append(sample)
            types.append("bool" if is_truth else "float32")
        else:
            source = np.ascontiguousarray(constant, dtype=np.float32).reshape(-1)
            count = len(source)
            if repeats(sizes, strides):
                spread.period = count
                count += KMIN_EXPRESSION_BLOCK + tier.table.lanes
            memory = Memory(count)
            memory.next, kept = kept, memory
            for at in range(count):
                memory.floats[at] = source[at % len(source)]
            spread.constant = memory.floats
            bytes += memory.size
        e.flat = e.flat and (spread.whole or spread.period > 0 or (spread.single and constant is not None))
    cdef str name = "expression(" + ", ".join(row[0] for row in steps) + ")"
    cdef Kernel kernel = tier.kernel(name, tier.table.expression, tuple(reads), size)
    for number, (kind, args, values) in enumerate(steps):
        step = &e.code[<int> number]
        if kind in KINDS:
            step.kind = KINDS.index(kind)
        elif kind in PAIRS:
            step.pair = tier.table.pairs[<int> PAIRS[kind]]
        else:
            step.map = tier.table.maps[<int> FUNCTIONS[kind]]
        for at, value in enumerate(args):
            step.args[at] = value
        step.a = step.b = step.c = values[0]
        if len(values) > 1:
            step.b = values[1]
        if len(values) > 2:
            step.c = values[2]
    for number, slot in enumerate(slots):
        e.slots[<int> number] = slot
    e.operands = len(reads)
    e.thread_bytes = 4 * KMIN_EXPRESSION_BLOCK * <int64_t> (max(slots) + 1)
    kernel.thread_bytes = e.thread_bytes
    kernel.types = (*types, "bool" if truth else "float32")
    kernel.memory, kernel.constant_bytes = kept, bytes
    kernel.keep(&e, sizeof(e))
    return kernel


def contiguous(sizes):
    """Strides of a tensor of these sizes, 0 along axes of one value."""
    strides, step = [], 1
    for size in reversed(sizes):
        strides.append(0 if size == 1 else step)
        step *= size
    return tuple(reversed(strides))


def repeats(sizes, strides):
    """Whether a tensor of more than one value is the same along all leading axes and contiguous along the others."""
    wanted = contiguous(sizes)
    first = next((axis for axis, stride in enumerate(strides) if stride), len(strides))
    return first < len(strides) and tuple(strides[first:]) == wanted[first:]
