# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The kernel of LSTM layers over images, which runs two others."""

from libc.stdint cimport int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport KMIN_ALIGN, Kernel, Tier, kmin_activation, kmin_conv_lstm

from kmin.ops.kernels._tiers import FUNCTIONS

# Projected inputs that are made at a time, at least for one step.
cdef int64_t PROJECTED_FLOATS = 1 << 16
# Vectors of states that are worth a task.
cdef int64_t TASK_VECTORS = 64
cdef int64_t MOST_TASKS = 16


cdef void _function(Tier tier, kmin_activation *to, given) except *:
    function, args = given
    to.kind = FUNCTIONS[function]
    to.map = tier.table.maps[to.kind]
    for at, value in enumerate(args):
        to.args[at] = value


def conv_lstm(Tier tier, Kernel project, Kernel recur, int64_t steps, int64_t filters, activation,
              recurrent_activation, bint masked=False, states=(False, False), bint backwards=False,
              bint sequences=False):
    """An LSTM over [steps, cells of images].

    The kernel reads x, then the mask (bytes) where `masked`, then those of the initial state and carry that are given;
    it writes y, the last state and the last carry.

    Args:
        project: from an image of x to [cells, 4 * filters], gates in the order i, f, c, o.
        recur: from a state [cells, filters] to the same, to which it adds its second operand, which may be its result.
        activation, recurrent_activation: (function, arguments).
        backwards: steps run from the last to the first.
        sequences: y holds the output of every step.
    """
    cdef kmin_conv_lstm p
    memset(&p, 0, sizeof(p))
    cdef int64_t lanes = tier.table.lanes, size = recur.reads[0], at
    p.steps, p.filters, p.cells, p.x_step = steps, filters, size // filters, project.reads[0]
    p.project, p.project_params, p.recur, p.recur_params = project.run, project.params, recur.run, recur.params
    p.backwards, p.sequences = backwards, sequences
    _function(tier, &p.activation, activation)
    _function(tier, &p.recurrent_activation, recurrent_activation)
    p.plain = p.activation.kind == FUNCTIONS["tanh"] and p.recurrent_activation.kind == FUNCTIONS["sigmoid"]
    cdef list sizes = [steps * p.x_step]
    p.mask = p.states[0] = p.states[1] = -1
    if masked:
        p.mask = len(sizes)
        sizes.append(steps)
    for at in range(2):
        if states[at]:
            p.states[at] = len(sizes)
            sizes.append(size)
    p.y = len(sizes)
    p.chunk = max(min(PROJECTED_FLOATS // (4 * size), steps), 1)
    p.tasks = max(min(p.cells * ((filters + lanes - 1) // lanes) // TASK_VECTORS, p.cells, MOST_TASKS), 1)
    p.z_bytes = 4 * (p.chunk * 4 * size + lanes)
    p.z_bytes = (p.z_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    cdef Kernel kernel = tier.kernel(
        "conv_lstm", tier.table.conv_lstm, tuple(sizes), (steps if sequences else 1) * size)
    kernel.operands, kernel.further = p.y + 3, (size, size)
    types = ["float32"] * kernel.operands
    if masked:
        types[p.mask] = "bool"
    kernel.types = tuple(types)
    kernel.held = [project, recur]
    kernel.constant_bytes = project.constant_bytes + recur.constant_bytes
    kernel.scratch_bytes = p.z_bytes + max(project.scratch_bytes, recur.scratch_bytes)
    kernel.thread_bytes = max(project.thread_bytes, recur.thread_bytes)
    kernel.keep(&p, sizeof(p))
    return kernel
