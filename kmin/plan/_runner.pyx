# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, freethreading_compatible=True
"""Program: a flat array of kernel steps over one workspace, run by a single call without touching Python objects."""

cimport cython
cimport numpy as cnp
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc
from libc.stdint cimport int64_t

from kmin.ops.kernels._tiers cimport (
    KMIN_ALIGN,
    KMIN_MAX_OPERANDS,
    KMIN_MAX_THREADS,
    Kernel,
    enter_team,
    kmin_operand,
    kmin_step,
    kmin_team,
    leave_team,
    run_relay,
    run_tasks,
)
from kmin.plan._shapes cimport MAX_RANK, Shape, allocate, fits

import numpy as np

cnp.import_array()

cdef extern from *:
    """
    #include <time.h>
    static int64_t clock_nanoseconds(void)
    {
        struct timespec t;
        timespec_get(&t, TIME_UTC);
        return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    }
    """
    int64_t clock_nanoseconds() noexcept nogil


cdef enum:
    STACK_BYTES = 16384
    MAX_BASES = 65  # the workspace, the caller's arrays, and where kernels refuse
    MAX_IDLE = 32

# Below this much work, letting go of the interpreter lock costs more than it gives.
cdef double LOCKED_NANOSECONDS = 3000.0
# Below this much, threads cost more than they give.
cdef double ALONE_NANOSECONDS = 2500.0
# What the tasks of one step take at most, all together.
cdef double STEP_NANOSECONDS = 1e6


cdef int read_shape(Shape *shape, sizes, str dtype) except -1:
    shape.rank = len(sizes) + 1
    if shape.rank > MAX_RANK:
        raise ValueError(f"a tensor of rank {shape.rank}; at most {MAX_RANK} are supported")
    shape.type, shape.row_bytes = np.dtype(dtype).num, np.dtype(dtype).itemsize
    for at, size in enumerate(sizes):
        shape.sizes[at + 1] = size
        shape.row_bytes *= size
    return 0


ctypedef struct Job:
    const kmin_step *steps
    int count
    char **bases  # the workspace of thread 0, then the caller's arrays
    char **workspaces  # one for each thread
    int64_t rows
    int64_t block
    int64_t *spent  # nanoseconds of each step are added here, unless NULL


cdef void execute(const Job *job, int64_t start, char *workspace, kmin_team *team) noexcept nogil:
    """Every step for the block of rows that begins at `start`."""
    cdef char *operands[KMIN_MAX_OPERANDS]
    cdef const kmin_operand *operand
    cdef const kmin_step *step
    cdef int64_t size = min(job.block, job.rows - start)
    cdef char *base
    cdef int at = 0, number
    while at < job.count:
        step = &job.steps[at]
        if step.relay > 1 and size == 1 and team is not NULL and job.spent is NULL:
            run_relay(step, step.relay, job.bases, start, team)
            at += step.relay
            continue
        for number in range(step.count):
            operand = &step.operands[number]
            base = job.bases[operand.base] if operand.base else workspace
            operands[number] = base + operand.offset + operand.per_block * size + operand.per_start * start
        if job.spent is NULL:
            step.run(step.params, operands, size, team)
        else:
            job.spent[at] -= clock_nanoseconds()
            step.run(step.params, operands, size, team)
            job.spent[at] += clock_nanoseconds()
        at += 1


cdef void execute_block(const void *context, int64_t task, int thread) noexcept nogil:
    """One block of rows on one thread: rows stay in its cache from the first step to the last."""
    cdef const Job *job = <const Job *> context
    execute(job, task * job.block, job.workspaces[thread], NULL)


cdef void execute_all(const Job *job, kmin_team *team) noexcept nogil:
    cdef int64_t start = 0
    while start < job.rows:
        execute(job, start, job.bases[0], team)
        start += job.block


cdef inline char *align(char *address) noexcept nogil:
    return <char *> ((<size_t> address + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN)


@cython.final
cdef class Program:
    """Kernels bound to places in a workspace, in the caller's arrays and in the results; safe to run from many threads.

    Args:
        steps: (kernel, ((base, per_block, per_start, offset), ...)) in order. Base 0 is the workspace, then come the
            inputs, then the outputs; an operand lies `offset` bytes plus `per_block` bytes per row of the block plus
            `per_start` bytes per row before it from the base.
        inputs, outputs: (row shape, without the batch axis; dtype) of each.
        row_bytes: workspace per row of a block, a multiple of 64. The scratch of kernels that need some lies behind it.
        block_rows: rows that go through all steps together.
        row_nanoseconds: estimated time per row; decides whether the interpreter lock is released and threads are used.
        threads: most threads that one call runs on.
    """

    cdef kmin_step *steps
    cdef int count
    cdef Shape *shapes
    cdef int input_count
    cdef int output_count
    cdef object kernels
    cdef double row_nanoseconds
    cdef readonly int64_t row_bytes
    cdef readonly int64_t block_rows
    cdef readonly int64_t scratch_bytes
    cdef readonly int threads
    cdef cython.pymutex mutex
    cdef void *idle[MAX_IDLE]
    cdef int idle_count

    def __init__(self, steps, inputs, outputs, int64_t row_bytes, int64_t block_rows, double row_nanoseconds,
                 int threads=1):
        cdef Kernel kernel
        cdef int at, number
        if self.steps is not NULL:
            raise ValueError("a Program is built once")
        self.input_count, self.output_count = len(inputs), len(outputs)
        if 2 + self.input_count + self.output_count > MAX_BASES:
            raise ValueError(f"a Program has at most {MAX_BASES - 2} inputs and outputs")
        self.count = len(steps)
        self.kernels = tuple(kernel for kernel, _ in steps)
        self.row_bytes, self.block_rows, self.row_nanoseconds = row_bytes, block_rows, row_nanoseconds
        self.threads = min(max(threads, 1), KMIN_MAX_THREADS)
        self.steps = <kmin_step *> PyMem_RawCalloc(self.count, sizeof(kmin_step))
        self.shapes = <Shape *> PyMem_RawCalloc(self.input_count + self.output_count, sizeof(Shape))
        if self.steps is NULL or self.shapes is NULL:
            raise MemoryError
        for at, (sizes, dtype) in enumerate((*inputs, *outputs)):
            read_shape(&self.shapes[at], sizes, dtype)
        for at, (kernel, operands) in enumerate(steps):
            if kernel.run is NULL or len(operands) != kernel.operands:
                raise ValueError(f"{kernel.name} has {kernel.operands} operands; received {len(operands)}")
            spaces = bool(kernel.scratch_bytes or kernel.thread_bytes) + bool(kernel.refuses)
            if kernel.operands + spaces > KMIN_MAX_OPERANDS:
                raise ValueError(f"{kernel.name} has too many operands")
            self.steps[at].run = kernel.run
            self.steps[at].params = kernel.params
            self.steps[at].part, self.steps[at].parts = kernel.part, kernel.most_parts
            self.steps[at].count = kernel.operands
            for number, (base, per_block, per_start, offset) in enumerate(operands):
                if not 0 <= base <= self.input_count + self.output_count:
                    raise ValueError(f"{kernel.name} has an operand at base {base}")
                self.steps[at].operands[number].base = base
                self.steps[at].operands[number].per_block = per_block
                self.steps[at].operands[number].per_start = per_start
                self.steps[at].operands[number].offset = offset
            if kernel.scratch_bytes or kernel.thread_bytes:  # behind all rows of the block
                self.steps[at].operands[kernel.operands].per_block = row_bytes
                self.steps[at].count += 1
                self.scratch_bytes = max(
                    self.scratch_bytes, kernel.scratch_bytes + self.threads * kernel.thread_bytes)
            if kernel.refuses:
                self.steps[at].operands[self.steps[at].count].base = 1 + self.input_count + self.output_count
                self.steps[at].count += 1
        self.find_relays()

    cdef void find_relays(self) noexcept:
        """Notes steps that follow each other and are made of parts, some of several."""
        cdef int at = 0, end, most
        while at < self.count:
            end, most = at, 0
            while end < self.count and self.steps[end].part is not NULL:
                most = max(most, self.steps[end].parts)
                end += 1
            if end - at > 1 and most > 1:
                self.steps[at].relay = end - at
            at = end + 1

    @property
    def relays(self):
        """Of the steps that threads hand on to each other for single rows, as (first step, number of steps)."""
        return [(at, self.steps[at].relay) for at in range(self.count) if self.steps[at].relay]

    def __dealloc__(self):
        cdef int at
        for at in range(self.idle_count):
            PyMem_RawFree(self.idle[at])
        PyMem_RawFree(self.steps)
        PyMem_RawFree(self.shapes)

    cdef void *take(self) except NULL:
        """A workspace for a whole block: an idle one, or a new one."""
        cdef void *space = NULL
        with self.mutex:
            if self.idle_count:
                self.idle_count -= 1
                space = self.idle[self.idle_count]
        if space is NULL:
            space = PyMem_RawMalloc(self.row_bytes * self.block_rows + self.scratch_bytes + KMIN_ALIGN)
            if space is NULL:
                raise MemoryError
        return space

    cdef void give(self, void *space) noexcept:
        with self.mutex:
            if self.idle_count < MAX_IDLE:
                self.idle[self.idle_count] = space
                self.idle_count += 1
                space = NULL
        PyMem_RawFree(space)

    cdef int run_rows(self, char **bases, int64_t rows, int64_t *spent=NULL) except -1:
        """0, or 1 when a kernel refused what it read."""
        cdef char stack[STACK_BYTES + KMIN_ALIGN]
        cdef void *space = NULL
        cdef Job job
        cdef kmin_team *team
        cdef double nanoseconds = rows * self.row_nanoseconds
        cdef int64_t refused = 0
        job.steps, job.count, job.bases, job.rows = self.steps, self.count, bases, rows
        job.block, job.spent = min(rows, self.block_rows), spent
        bases[0] = stack
        bases[1 + self.input_count + self.output_count] = <char *> &refused
        if self.row_bytes * job.block + self.scratch_bytes > STACK_BYTES:
            space = self.take()
            bases[0] = <char *> space
        bases[0] = align(bases[0])
        if nanoseconds > LOCKED_NANOSECONDS:
            self.run_unlocked(&job, nanoseconds)
        elif nanoseconds > ALONE_NANOSECONDS and self.threads > 1:
            team = enter_team(self.threads, nanoseconds)
            execute_all(&job, team)
            leave_team(team)
        else:
            execute_all(&job, NULL)
        if space is not NULL:
            self.give(space)
        return refused != 0

    cdef int run_unlocked(self, Job *job, double nanoseconds) except -1:
        """The job without the interpreter lock and on several threads: each takes whole blocks when there are enough of
        them, else they share every step."""
        cdef char *workspaces[KMIN_MAX_THREADS]
        cdef void *spaces[KMIN_MAX_THREADS]
        cdef kmin_team *team
        cdef int64_t blocks = (job.rows + job.block - 1) // job.block
        cdef bint many = blocks % self.threads == 0 or blocks >= 4 * self.threads
        cdef bint apart = self.threads > 1 and many and job.spent is NULL
        cdef int at, others = self.threads - 1 if apart else 0
        for at in range(others):
            spaces[at] = self.take()
            workspaces[at + 1] = align(<char *> spaces[at])
        workspaces[0] = job.bases[0]
        job.workspaces = workspaces
        with nogil:
            # Tasks of one step are short: a wait for them says early that a thread was taken off its core.
            team = enter_team(self.threads, nanoseconds if apart else min(nanoseconds, STEP_NANOSECONDS))
            if apart:
                run_tasks(team, execute_block, job, blocks)
            else:
                execute_all(job, team)
            leave_team(team)
        for at in range(others):
            self.give(spaces[at])
        return 0

    cpdef call(self, x):
        """The output array for the one input `x`, or None unless `x` is exactly what the steps read.

        That is a C-contiguous ndarray of the right dtype and row shape with at least one row; None too when the
        Program has several inputs or outputs, or a kernel refuses the values.
        """
        cdef cnp.ndarray array, result
        cdef char *bases[4]
        cdef int64_t rows
        if not cnp.PyArray_CheckExact(x) or self.input_count != 1 or self.output_count != 1:
            return None
        array = <cnp.ndarray> x
        if not fits(array, &self.shapes[0]):
            return None
        rows = cnp.PyArray_DIM(array, 0)
        if rows == 0:
            return None
        result = allocate(&self.shapes[1], rows)
        bases[1] = cnp.PyArray_BYTES(array)
        bases[2] = cnp.PyArray_BYTES(result)
        if self.run_rows(bases, rows):
            return None
        return result

    def step_nanoseconds(self, arrays, int repeats):
        """The least time that each step took in `repeats` runs, in nanoseconds."""
        cdef int64_t *spent = <int64_t *> PyMem_RawMalloc(max(self.count, 1) * sizeof(int64_t))
        cdef int at
        if spent is NULL:
            raise MemoryError
        least = [0] * self.count
        try:
            for turn in range(repeats):
                for at in range(self.count):
                    spent[at] = 0
                self.run_timed(arrays, spent)
                for at in range(self.count):
                    least[at] = min(least[at], spent[at]) if turn else spent[at]
        finally:
            PyMem_RawFree(spent)
        return least

    def run(self, arrays):
        """Output arrays for the inputs, which are copied where they are not C-contiguous; None when a kernel refuses
        their values.

        Raises:
            ValueError: an input has another row shape or number of rows than the steps were compiled for.
        """
        return self.run_timed(arrays, NULL)

    cdef object run_timed(self, arrays, int64_t *spent):
        cdef cnp.ndarray array
        cdef char *bases[MAX_BASES]
        cdef int64_t rows = -1
        cdef int at
        if len(arrays) != self.input_count:
            raise ValueError(f"{self.input_count} inputs are read; received {len(arrays)}")
        keep = []
        for at in range(self.input_count):
            array = np.ascontiguousarray(arrays[at])
            keep.append(array)
            if rows == -1:
                rows = cnp.PyArray_DIM(array, 0)
            if not fits(array, &self.shapes[at]) or cnp.PyArray_DIM(array, 0) != rows:
                sizes = [self.shapes[at].sizes[axis] for axis in range(1, self.shapes[at].rank)]
                received = f"{arrays[at].dtype} of shape {arrays[at].shape}"
                raise ValueError(f"{rows} rows of shape {tuple(sizes)} are read; received {received}")
            bases[1 + at] = cnp.PyArray_BYTES(array)
        results = []
        for at in range(self.output_count):
            array = allocate(&self.shapes[self.input_count + at], rows)
            results.append(array)
            bases[1 + self.input_count + at] = cnp.PyArray_BYTES(array)
        if rows > 0 and self.run_rows(bases, rows, spent):
            return None
        return results


cdef class Caller:
    """The shortest way from a call to a Program, around Python's own way of calling methods; see kmin.plan.caller."""

    cdef Program program

    def __call__(self, x):
        cdef object result
        if self.program is not None:
            result = self.program.call(x)
            if result is not None:
                return result
        return self.call_checked(x)

    def call_straight(self, program):
        """Hands every array that is exactly what `program` reads to it; None ends that."""
        self.program = program
