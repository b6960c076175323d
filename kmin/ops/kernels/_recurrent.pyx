# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The kernel of recurrent layers, in one direction or in two at once."""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from kmin.ops.kernels._tiers cimport (
    KMIN_AHEAD_FEATURES,
    KMIN_AHEAD_STEPS,
    KMIN_ALIGN,
    KMIN_AVERAGE,
    KMIN_GRU,
    KMIN_GRU_RESET_FIRST,
    KMIN_JOIN,
    KMIN_LSTM,
    KMIN_MAX_SHARES,
    KMIN_MERGED_ROWS,
    KMIN_MULTIPLY,
    KMIN_SIMPLE_RNN,
    KMIN_SUM_UP,
    Kernel,
    Memory,
    Tier,
    kmin_activation,
    kmin_direction,
    kmin_recurrent,
    vectors,
)

from kmin.ops.kernels._tiers import FUNCTIONS

CELLS = {"gru": KMIN_GRU, "gru_reset_first": KMIN_GRU_RESET_FIRST, "lstm": KMIN_LSTM, "simple_rnn": KMIN_SIMPLE_RNN}
GATES = {"gru": 3, "gru_reset_first": 3, "lstm": 4, "simple_rnn": 1}
MERGES = {"apart": KMIN_JOIN, "average": KMIN_AVERAGE, "concat": KMIN_JOIN, "multiply": KMIN_MULTIPLY,
          "sum": KMIN_SUM_UP}

# Samples of one task, at most; projected inputs stay in a core's own cache.
cdef int64_t MOST_ROWS = 6
cdef int64_t PROJECTED_FLOATS = 1 << 16
# Recurrent weights that one sample reads as fixed-point numbers: fewer stay near, more would take much memory twice.
cdef int64_t LEAST_FIXED = 1 << 15, MOST_FIXED = 1 << 20
# Of the projected rows of a table are kept as many as take the memory of the table itself: bytes, at least and at most.
cdef int64_t LEAST_KEPT = 4 << 20, MOST_KEPT = 64 << 20
# Recurrent weights that are worth a share of every step: bytes.
cdef int64_t SHARE_BYTES = 96 << 10


cdef int64_t _ahead(Tier tier, kmin_recurrent *p):
    """Vectors of projected columns that are computed while a step's products are: as few as get done in time."""
    cdef int64_t wide = 8 // p.gates if p.gates != 3 else 2, products
    if tier.table.tile_rows < 12 or p.features > KMIN_AHEAD_FEATURES or p.features == 0:
        return 0
    products = KMIN_AHEAD_STEPS * (p.vectors // p.shares // wide) * p.units
    return 1 if p.gates * p.vectors // p.shares * p.features <= products else 2


cdef void _function(Tier tier, kmin_activation *to, given) except *:
    function, args = given
    to.kind = FUNCTIONS[function]
    to.map = tier.table.maps[to.kind]
    for at, value in enumerate(args):
        to.args[at] = value


cdef int32_t _number(list sizes, int64_t size):
    """The number of one more operand."""
    sizes.append(size)
    return len(sizes) - 1


cdef list _pack(Tier tier, kmin_recurrent *p, kmin_direction *d, given, lanes):
    """Packed weights of one direction; the memory that holds them."""
    cdef int64_t n = p.gates * p.vectors * lanes, k = p.features
    cdef Memory project = tier.columns(given["kernel"], given["bias"], 0)
    cdef Memory weights = vectors(given["recurrent"].size, 1, (given["recurrent"],))
    cdef Memory inner = vectors(p.vectors * lanes, 1, (given["inner_bias"],))
    cdef Memory candidate = vectors(given["candidate"].size, 1, (given["candidate"],))
    d.project.k, d.project.n, d.project.rows_per_sample = k, n, 1
    d.project.weights, d.project.bias = project.floats, project.floats + n * k
    d.project.after.low, d.project.after.high, d.project.after.y_stride = -INFINITY, INFINITY, n
    d.weights, d.candidate, d.inner_bias = weights.floats, candidate.floats, inner.floats
    d.backwards, d.flipped = given["backwards"], given["flipped"]
    cdef list memories = [project, weights, inner, candidate]
    cdef int64_t at
    for at, columns in enumerate(given["columns"]):
        if LEAST_FIXED <= columns.size <= MOST_FIXED:
            memories.append(tier.fixed(columns, len(columns), 2, &d.fixed[at]))
    return [memory for memory in memories if memory is not None]


def recurrent(Tier tier, str cell, int64_t steps, int64_t units, directions, activation, recurrent_activation,
              bint sequences=False, bint masked=False, bint zero_output=False, str merge="concat"):
    """A recurrent layer over [steps, features].

    The kernel reads x, then the mask (bytes) where `masked`, then the initial states that each direction is given; it
    writes y (one for each direction where `merge` is `apart`), then the final states of each direction.

    Args:
        cell: `lstm`, `gru`, `gru_reset_first` (the reset gate before the recurrent product) or `simple_rnn`.
        directions: one or two mappings. `kernel` [features, columns], `bias` [columns] or None, `recurrent` [groups of
            vectors, units, vectors, gates, lanes], `candidate` likewise (of `gru_reset_first`, or empty), `columns`:
            those of either as [units, columns], to be held as fixed-point numbers too, `inner_bias` [vectors * lanes];
            columns are interleaved: vectors of units, gates, lanes. `states`: whether h (and c) are given;
            `backwards`: steps run from the last; `flipped`: y is in the opposite order of the steps.
        activation, recurrent_activation: (function, arguments).
        sequences: y holds the output of every step.
        zero_output: the output of a masked step is 0 instead of the output before.
        merge: `concat`, `sum`, `average`, `multiply` or `apart`.
    """
    cdef kmin_recurrent p
    memset(&p, 0, sizeof(p))
    cdef int64_t lanes = tier.table.lanes, number, width, rows
    cdef list sizes = [], types, memories = []
    p.cell, p.gates, p.merge = CELLS[cell], GATES[cell], MERGES[merge]
    p.directions, p.steps, p.units = len(directions), steps, units
    p.features = directions[0]["kernel"].shape[0]
    p.vectors = (units + lanes - 1) // lanes
    p.sequences, p.zero_output = sequences, zero_output
    p.stored_steps = steps if sequences else 1
    p.stride = units * 2 if merge == "concat" and p.directions == 2 else units
    _function(tier, &p.activation, activation)
    _function(tier, &p.recurrent_activation, recurrent_activation)
    p.plain = p.activation.kind == FUNCTIONS["tanh"] and (
        p.cell == KMIN_SIMPLE_RNN or p.recurrent_activation.kind == FUNCTIONS["sigmoid"])
    _number(sizes, steps * p.features)
    p.mask = _number(sizes, steps) if masked else -1
    for number in range(p.directions):
        memories += _pack(tier, &p, &p.direction[number], directions[number], lanes)
        given = (*directions[number]["states"], False)
        for at in range(2):
            p.direction[number].states[at] = _number(sizes, units) if given[at] else -1
    reads = tuple(sizes)
    for number in range(p.directions):
        p.direction[number].column = number * units if merge == "concat" else 0
        if number == 0 or merge == "apart":
            p.direction[number].y = _number(sizes, p.stored_steps * p.stride)
        else:
            p.direction[number].y = p.direction[0].y if merge == "concat" else -1
    for number in range(p.directions):
        p.direction[number].finals[0] = _number(sizes, units)
        p.direction[number].finals[1] = _number(sizes, units) if p.cell == KMIN_LSTM else -1
    p.operands = len(sizes)
    width = p.vectors * lanes
    p.space = PROJECTED_FLOATS
    p.group, p.shares = 2 if cell in ("gru", "lstm") else 8, 1
    if p.directions == 1:
        number = (p.vectors + p.group - 1) // p.group
        p.shares = max(min(p.gates * width * units * 4 // SHARE_BYTES, number, KMIN_MAX_SHARES), 1)
    p.ahead = _ahead(tier, &p)
    rows = MOST_ROWS
    p.thread_bytes = 4 * (rows * (p.gates + 4) * width + max(
        min(p.space, rows * steps * p.gates * width), rows * p.gates * width,
        KMIN_AHEAD_STEPS * (2 * p.gates * width + p.shares * p.features) + p.shares * lanes))
    p.thread_bytes = (p.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    if p.merge != KMIN_JOIN:
        p.shared_bytes = 4 * KMIN_MERGED_ROWS * p.stored_steps * p.stride
        p.shared_bytes = (p.shared_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    name = f"{cell}" if p.directions == 1 else f"{cell}+{cell}"
    cdef Kernel kernel = tier.kernel(name, tier.table.recurrent, reads, sizes[len(reads)])
    kernel.operands, kernel.further = p.operands, tuple(sizes[len(reads) + 1:])
    types = ["float32"] * p.operands
    if masked:
        types[1] = "bool"
    kernel.types = tuple(types)
    kernel.held = memories
    kernel.constant_bytes = sum([(<Memory> memory).size for memory in memories])
    kernel.scratch_bytes, kernel.thread_bytes = p.shared_bytes, p.thread_bytes
    kernel.keep(&p, sizeof(p))
    return kernel


def of_words(Tier tier, Kernel kernel, table, str dtype, bint wrap=False):
    """A kernel of this module over rows of a table, of which it reads the ids; ids that are outside are refused.

    Rows that were projected are kept for later calls, as many as there is room for.

    Args:
        kernel: reads x [steps, features] first.
        table: float32 [count, features], read where it lies.
        dtype: of the ids, int32 or int64.
        wrap: negative ids count from the end.
    """
    cdef kmin_recurrent p = (<const kmin_recurrent *> kernel.params)[0]
    cdef const float[:, ::1] rows = table
    cdef int64_t all = p.gates * p.vectors * tier.table.lanes, size = rows.shape[0] * p.features * 4, number, most
    cdef Memory places, kept
    cdef list held = [kernel, rows]
    p.table, p.count, p.wide, p.wrap = &rows[0, 0], rows.shape[0], dtype == "int64", wrap
    p.most = max(min(p.space // all, MOST_ROWS * p.steps), 1)
    most = max(p.most, MOST_ROWS)
    size = max(min(size, MOST_KEPT), LEAST_KEPT) // p.directions
    for number in range(p.directions):
        p.direction[number].kept.room = min(size // (4 * all), p.count)
        places, kept = Memory(p.count + 2), Memory(p.direction[number].kept.room * all)
        p.direction[number].kept.used = <int64_t *> places.floats
        p.direction[number].kept.places = <int32_t *> places.floats + 2
        p.direction[number].kept.rows = kept.floats
        held += [places, kept]
    p.thread_bytes = 4 * (MOST_ROWS * (p.gates + 4) * p.vectors * tier.table.lanes + most * (all + 2 + p.features))
    p.thread_bytes = (p.thread_bytes + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
    cdef Kernel made = tier.kernel(
        f"gather+{kernel.name.partition(':')[2]}", kernel.run, (p.steps, *kernel.reads[1:]), kernel.writes)
    made.operands, made.further, made.types = kernel.operands, kernel.further, (dtype, *kernel.types[1:])
    made.held, made.refuses = held, True
    made.constant_bytes = kernel.constant_bytes + 4 * rows.shape[0] * rows.shape[1]
    made.constant_bytes += sum([(<Memory> memory).size for memory in held[2:]])
    made.scratch_bytes, made.thread_bytes = p.shared_bytes, p.thread_bytes
    made.keep(&p, sizeof(p))
    return made
