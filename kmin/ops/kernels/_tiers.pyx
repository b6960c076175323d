# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Tier and Kernel: the compiled kernels of one class of CPUs, bound to their parameters and packed weights."""

cimport numpy as cnp
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.math cimport INFINITY
from libc.string cimport memcpy

import numpy as np

cnp.import_array()

NAMES = ("generic", "avx2", "avx512", "neon")
PAIRS = {kmin_pair_name(at).decode(): at for at in range(KMIN_PAIR_COUNT)}
REDUCTIONS = {"max": KMIN_MAX, "mean": KMIN_MEAN, "min": KMIN_MIN, "sum": KMIN_SUM}
FUNCTIONS = {kmin_function_name(at).decode(): at for at in range(KMIN_FUNCTION_COUNT)}

MOST_JOINED = 14

cdef double WORTH_WAKING = 1e9
# Weights of a product that is done by fixed-point numbers where rows are single: fewer stay in a first cache, more
# would take much memory twice.
cdef int64_t LEAST_FIXED = 12288, MOST_FIXED = 1 << 20
# Weights that take a thread about as long to read as it takes to hear from another.
cdef int64_t PART_BYTES = 1 << 15


cdef kmin_team *enter_team(int threads, double nanoseconds) noexcept nogil:
    return kmin_team_enter(threads, nanoseconds)


cdef void leave_team(kmin_team *team) noexcept nogil:
    kmin_team_leave(team)


cdef void run_tasks(kmin_team *team, kmin_task task, const void *context, int64_t tasks) noexcept nogil:
    kmin_parallel(team, task, context, tasks)


cdef void run_relay(
        const kmin_step *steps, int64_t count, char *const *bases, int64_t start, kmin_team *team) noexcept nogil:
    kmin_run_relay(steps, count, bases, start, team)


def find_tier(str name):
    """The Tier of that name, or None when it was not built or cannot run on this machine."""
    cdef const kmin_tier *table = kmin_find_tier(name.encode())
    cdef Tier tier
    if table is NULL:
        return None
    tier = Tier.__new__(Tier)
    tier.table = table
    tier.name, tier.funnel = name, kmin_cpu_features() & KMIN_CPU_VBMI2 != 0
    return tier


def cpu_features():
    """Names of the features of this processor that tiers ask about."""
    cdef int found = kmin_cpu_features()
    bits = {"avx2": KMIN_CPU_AVX2, "avx512": KMIN_CPU_AVX512, "avx512vbmi2": KMIN_CPU_VBMI2, "fma": KMIN_CPU_FMA,
            "neon": KMIN_CPU_NEON}
    return tuple(name for name, bit in bits.items() if found & bit)


cdef class Memory:
    """Aligned, zeroed floats; `next` is further memory that lives as long."""

    def __cinit__(self, int64_t count):
        cdef size_t address
        self.size = 4 * count
        self.block = PyMem_RawCalloc(1, self.size + KMIN_ALIGN)
        if self.block is NULL:
            raise MemoryError
        address = (<size_t> self.block + KMIN_ALIGN - 1) // KMIN_ALIGN * KMIN_ALIGN
        self.floats = <float *> address

    def __dealloc__(self):
        PyMem_RawFree(self.block)


cdef class Kernel:
    """Compiled code with its parameters; immutable, used by the steps of a plan.

    Attributes:
        name: such as `avx2:dense`.
        operands: arrays it reads and writes, the written ones last.
        reads: values per sample of each array it reads.
        writes: values per sample of its result.
        further: values per sample of each further result.
        types: dtype of each operand.
        refuses: whether it can refuse what it reads.
        most_parts: into how many parts single rows are cut at most; 0 where they cannot be.
        constant_bytes: size of its packed weights.
        scratch_bytes: memory it needs while it runs.
        thread_bytes: further memory, for each thread that runs it.
        columns: values in a row that stays whole when rows of the result lie apart; 0 when they cannot.
        parts: what a concatenation joins, in floats per row; None for any other kernel.
        packed: rows, columns and lanes of the weights it has packed, when nothing of them is lost, and also the depth
            when they can be given back with what `_packing.differences` tells; else None.
    """

    def __dealloc__(self):
        PyMem_RawFree(self.own)

    cdef void keep(self, const void *params, size_t size) except *:
        """Copies the parameters of the compiled code."""
        self.own = PyMem_RawCalloc(1, size)
        if self.own is NULL:
            raise MemoryError
        memcpy(self.own, params, size)
        self.params = self.own

    @property
    def reads_apart(self):
        """Whether rows of the first array it reads may lie apart."""
        return self.read_stride is not NULL

    @property
    def writes_apart(self):
        """Whether rows of its result may lie apart."""
        return self.write_stride is not NULL

    def lay_apart(self, read=None, write=None):
        """Rows of `columns` values lie `read` floats apart in what it reads, `write` floats in what it writes.

        Raises:
            ValueError: the compiled code cannot do that.
        """
        if (read is not None and self.read_stride is NULL) or (write is not None and self.write_stride is NULL):
            raise ValueError(f"{self.name} needs its rows side by side")
        if read is not None:
            self.read_stride[0] = read
        if write is not None:
            self.write_stride[0] = write

    def __call__(self, *arrays, int threads=1):
        """Runs on the arrays that come first and writes the results, which come last; all with samples on axis 0.

        Args:
            threads: most threads that share the work.

        Raises:
            ValueError: a result is not C-contiguous and of its type, an array has not the right number of values per
                sample, or the kernel refuses what it reads.
        """
        cdef char *operands[KMIN_MAX_OPERANDS]
        cdef cnp.ndarray array
        cdef int at
        if self.run is NULL:
            raise TypeError("a Kernel is made by a Tier")
        if len(arrays) != self.operands:
            raise ValueError(f"{self.name} has {self.operands} operands; received {len(arrays)}")
        cdef int inputs = len(self.reads)
        keep = [np.ascontiguousarray(arrays[at], dtype=self.types[at]) for at in range(inputs)]
        cdef int64_t rows = len(arrays[inputs]), refused = 0
        for at in range(inputs, self.operands):
            array = arrays[at]
            if array.dtype != self.types[at] or not cnp.PyArray_ISCARRAY(array):
                raise ValueError(f"{self.name} writes to C-contiguous arrays of {', '.join(self.types[inputs:])}")
            keep.append(array)
        sizes = (*self.reads, self.writes, *self.further)
        if [array.size for array in keep] != [rows * size for size in sizes]:
            reads, writes = (" and ".join(map(str, part)) for part in (self.reads, sizes[inputs:]))
            raise ValueError(f"{self.name} turns {reads} values per sample into {writes}")
        cdef int64_t most = min(max(threads, 1), KMIN_MAX_THREADS)
        cdef Memory scratch = Memory((self.scratch_bytes + most * self.thread_bytes) // 4)
        cdef kmin_team *team
        for at in range(self.operands):
            array = keep[at]
            operands[at] = cnp.PyArray_BYTES(array)
        at = self.operands
        if self.scratch_bytes or self.thread_bytes:
            operands[at] = <char *> scratch.floats
            at += 1
        operands[at] = <char *> &refused
        with nogil:
            team = kmin_team_enter(threads, WORTH_WAKING)
            self.run(self.params, operands, rows, team)
            kmin_team_leave(team)
        if refused:
            raise ValueError(f"{self.name} refuses what it reads")

    def __repr__(self):
        return f"<Kernel {self.name}>"


cdef class Tier:
    """The kernels compiled for one class of CPUs.

    Attributes:
        name: `generic`, `avx2`, `avx512` or `neon`.
        lanes: floats per vector register.
        tile_rows: rows that the dense kernel keeps in registers.
        funnel: whether fixed-point numbers are taken apart by instructions of AVX-512 VBMI2; with the same results.
    """

    @property
    def lanes(self):
        return self.table.lanes

    @property
    def tile_rows(self):
        return self.table.tile_rows

    def __repr__(self):
        return f"<Tier {self.name}: {self.lanes} lanes>"

    cdef Kernel kernel(self, str name, kmin_run run, tuple reads, int64_t writes):
        cdef Kernel kernel = Kernel.__new__(Kernel)
        kernel.name = f"{self.name}:{name}"
        kernel.run = run
        kernel.operands = len(reads) + 1
        kernel.reads, kernel.writes = reads, writes
        kernel.further, kernel.types = (), ("float32",) * kernel.operands
        return kernel

    cdef Memory columns(self, const float[:, ::1] weights, bias, int64_t further):
        """Weights [K, N] in panels of two vectors of columns, then the padded bias, then `further` zeros."""
        cdef int64_t k = weights.shape[0], n = weights.shape[1], lanes = self.table.lanes
        cdef int64_t padded = (n + lanes - 1) // lanes * lanes
        cdef Memory memory = Memory(padded * (k + 1) + further)
        cdef const float[::1] offsets
        cdef float *to = memory.floats
        cdef int64_t column = 0, wide, columns, at
        with nogil:
            while column < n:
                wide = 2 * lanes if n - column > lanes else lanes
                columns = min(wide, n - column)
                for at in range(k):
                    memcpy(to, &weights[at, column], 4 * columns)
                    to += wide
                column += wide
        if bias is not None:
            offsets = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
            for at in range(n):
                to[at] = offsets[at]
        return memory

    cdef Memory fixed(self, const float[:, ::1] weights, int64_t block, int64_t beside, kmin_fixed *to):
        """The weights as fixed-point numbers, or None where the tier has none or most would be too coarse.

        `block` rows have a scale of their own in each column; rows of `beside` groups lie side by side.
        """
        cdef int64_t k = weights.shape[0], n = weights.shape[1], fitting
        cdef int64_t groups = n // KMIN_FIXED_COLUMNS // beside * beside
        if self.table.fixed_pack is NULL or groups == 0:
            return None
        cdef int64_t words = groups * k * KMIN_FIXED_WORDS, blocks = (k + block - 1) // block
        cdef Memory memory = Memory(words + groups * blocks * KMIN_FIXED_COLUMNS)
        with nogil:
            fitting = self.table.fixed_pack(
                &weights[0, 0], k, n, block, beside, <int32_t *> memory.floats, memory.floats + words)
        if 2 * fitting < groups:
            return None
        to.words, to.scales, to.funnel = <int32_t *> memory.floats, memory.floats + words, self.funnel
        return memory

    cdef Memory filters(self, const float[:, ::1] weights, bias):
        """Weights [taps, channels] as [vectors of channels][taps][lanes], then the padded bias."""
        cdef int64_t taps = weights.shape[0], c = weights.shape[1], lanes = self.table.lanes, tap, at
        cdef int64_t padded = (c + lanes - 1) // lanes * lanes
        cdef Memory memory = Memory(padded * (taps + 1))
        cdef const float[::1] offsets
        for at in range(c):
            for tap in range(taps):
                memory.floats[(at // lanes * taps + tap) * lanes + at % lanes] = weights[tap, at]
        if bias is not None:
            offsets = np.ascontiguousarray(bias, dtype=np.float32).reshape(c)
            for at in range(c):
                memory.floats[padded * taps + at] = offsets[at]
        return memory

    cdef void finish(
            self, Kernel kernel, kmin_after *after, int64_t columns, low, high, function, args, bint residual) except *:
        """What a kernel does after its sums to rows of `columns`: adding a residual, clipping, the named function."""
        cdef int at
        after.y_stride = columns
        if residual:
            after.residual = 1
            kernel.operands += 1
            kernel.reads += (kernel.writes,)
            kernel.types += ("float32",)
            kernel.name += "+residual"
        after.low, after.high, after.map = low, high, NULL
        if function is not None:
            after.map = self.table.maps[<int> FUNCTIONS[function]]
            after.map_rows = self.table.map_rows[<int> FUNCTIONS[function]]
            kernel.name += f"+{function}"
        elif low != -INFINITY or high != INFINITY:
            kernel.name += "+relu" if low == 0 and high == INFINITY else "+clip"
        for at, value in enumerate(args):
            after.args[at] = value

    def dense(self, weights, bias, int64_t rows_per_sample=1, low=-INFINITY, high=INFINITY, function=None, args=(),
              bint residual=False):
        """clip(x @ weights + bias, low, high), then the named function; weights [K, N], bias [N] or None are copied.

        `residual`: a second operand, shaped like the result, is added before clipping.
        """
        cdef const float[:, ::1] source = np.ascontiguousarray(weights, dtype=np.float32)
        cdef int64_t k = source.shape[0], n = source.shape[1], lanes = self.table.lanes
        cdef Memory memory = self.columns(source, bias, 0)
        cdef Kernel kernel = self.kernel("dense", self.table.dense, (k * rows_per_sample,), n * rows_per_sample)
        kernel.dense.k = k
        kernel.dense.n = n
        kernel.dense.rows_per_sample = rows_per_sample
        kernel.dense.weights = memory.floats
        kernel.dense.bias = memory.floats + (n + lanes - 1) // lanes * lanes * k
        self.finish(kernel, &kernel.dense.after, n, low, high, function, args, residual)
        if rows_per_sample == 1:
            kernel.part = self.table.dense_part
            kernel.most_parts = max(min(4 * k * n // PART_BYTES, n // (4 * lanes)), 1)
        if rows_per_sample == 1 and LEAST_FIXED <= k * n <= MOST_FIXED:
            memory.next = self.fixed(source, KMIN_FIXED_BLOCK, 1, &kernel.dense.fixed)
        kernel.params = &kernel.dense
        kernel.columns, kernel.write_stride = n, &kernel.dense.after.y_stride
        kernel.memory, kernel.packed = memory, (k, n, lanes)
        kernel.constant_bytes = memory.size + (memory.next.size if memory.next is not None else 0)
        return kernel

    def elementwise(self, str function, args=(), int64_t per_sample=1, columns=None):
        """The named function of `per_sample` values in a sample, in rows of `columns` that may lie apart."""
        cdef Kernel kernel = self.kernel(function, self.table.elementwise, (per_sample,), per_sample)
        cdef int at
        kernel.elementwise.per_sample = per_sample
        kernel.columns = columns if columns is not None else per_sample
        kernel.elementwise.n = kernel.elementwise.x_stride = kernel.elementwise.y_stride = kernel.columns
        kernel.read_stride, kernel.write_stride = &kernel.elementwise.x_stride, &kernel.elementwise.y_stride
        kernel.elementwise.map = self.table.maps[<int> FUNCTIONS[function]]
        for at, value in enumerate(args):
            kernel.elementwise.args[at] = value
        kernel.params = &kernel.elementwise
        return kernel

    def softmax(self, int64_t n, int64_t rows_per_sample=1, bint logarithm=False):
        """Softmax, or its logarithm, over a last axis of size n; `rows_per_sample` such axes in a sample."""
        cdef int64_t size = n * rows_per_sample
        cdef Kernel kernel = self.kernel("log_softmax" if logarithm else "softmax", self.table.softmax, (size,), size)
        kernel.softmax.n = n
        kernel.softmax.rows_per_sample = rows_per_sample
        kernel.softmax.logarithm = logarithm
        kernel.params = &kernel.softmax
        return kernel

    def concat(self, int64_t outer, sizes, columns=None, strides=None, total=None, y_stride=None):
        """Operands of `sizes` floats in each of `outer` rows of a sample, side by side.

        Args:
            columns: where each operand begins in a row of the result, when others write the rest of it.
            strides: floats from one row of each operand to the next.
            total: floats in a row of the result.
            y_stride: floats from one row of the result to the next.
        """
        cdef int at
        cdef int64_t begin = 0
        if not 1 <= len(sizes) <= MOST_JOINED:
            raise ValueError(f"concat joins at most {MOST_JOINED} arrays; received {len(sizes)}")
        whole = sum(sizes) if total is None else total
        cdef Kernel kernel = self.kernel(
            "concat", self.table.concat, tuple(outer * size for size in sizes), outer * whole)
        kernel.concat.outer, kernel.concat.count, kernel.concat.total = outer, len(sizes), sum(sizes)
        for at, size in enumerate(sizes):
            kernel.concat.sizes[at] = size
            kernel.concat.strides[at] = size if strides is None else strides[at]
            kernel.concat.columns[at] = begin if columns is None else columns[at]
            begin += size
        kernel.concat.y_stride = whole if y_stride is None else y_stride
        kernel.columns, kernel.write_stride, kernel.parts = whole, &kernel.concat.y_stride, tuple(sizes)
        kernel.params = &kernel.concat
        return kernel


cdef Memory vectors(int64_t n, int64_t lanes, arrays):
    """Vectors of n floats one after the other, each padded with zeros to whole `lanes`."""
    cdef int64_t padded = (n + lanes - 1) // lanes * lanes, at
    cdef Memory memory = Memory(padded * len(arrays))
    cdef const float[::1] source
    for number, array in enumerate(arrays):
        source = np.ascontiguousarray(array, dtype=np.float32).reshape(n)
        for at in range(n):
            memory.floats[<int64_t> number * padded + at] = source[at]
    return memory
