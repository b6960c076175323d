# cython: language_level=3, boundscheck=False, wraparound=False, freethreading_compatible=True
"""Tier and Kernel: the compiled kernels of one class of CPUs, bound to their parameters and packed weights."""

cimport numpy as cnp
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.math cimport INFINITY
from libc.string cimport memcpy

import numpy as np

cnp.import_array()

NAMES = ("generic", "avx2", "avx512", "neon")
FUNCTIONS = {kmin_function_name(at).decode(): at for at in range(KMIN_FUNCTION_COUNT)}


def find_tier(str name):
    """The Tier of that name, or None when it was not built or cannot run on this machine."""
    cdef const kmin_tier *table = kmin_find_tier(name.encode())
    cdef Tier tier
    if table is NULL:
        return None
    tier = Tier.__new__(Tier)
    tier.table = table
    tier.name = name
    return tier


def cpu_features():
    """Names of the features of this processor that tiers ask about."""
    cdef int found = kmin_cpu_features()
    bits = {"avx2": KMIN_CPU_AVX2, "avx512": KMIN_CPU_AVX512, "fma": KMIN_CPU_FMA, "neon": KMIN_CPU_NEON}
    return tuple(name for name, bit in bits.items() if found & bit)


cdef class Memory:
    """Aligned, zeroed floats."""

    cdef void *block
    cdef float *floats
    cdef readonly int64_t size

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
        operands: arrays it reads and writes, the written one last.
        reads, writes: floats per sample.
        constant_bytes: size of its packed weights.
    """

    def __call__(self, x, cnp.ndarray y not None):
        """Runs on `x` and writes `y`, both with samples on axis 0.

        Raises:
            ValueError: `y` is not C-contiguous float32, or an array has not `reads` or `writes` values per sample.
        """
        cdef cnp.ndarray source = np.ascontiguousarray(x, dtype=np.float32)
        cdef char *operands[2]
        if self.run is NULL:
            raise TypeError("a Kernel is made by a Tier")
        cdef int64_t rows = cnp.PyArray_DIM(source, 0)
        if cnp.PyArray_TYPE(y) != cnp.NPY_FLOAT32 or not cnp.PyArray_ISCARRAY(y):
            raise ValueError("results go to a C-contiguous float32 array")
        if cnp.PyArray_SIZE(source) != rows * self.reads or cnp.PyArray_SIZE(y) != rows * self.writes:
            raise ValueError(f"{self.name} turns {self.reads} values per sample into {self.writes}")
        operands[0] = cnp.PyArray_BYTES(source)
        operands[1] = cnp.PyArray_BYTES(y)
        with nogil:
            self.run(self.params, operands, rows)

    def __repr__(self):
        return f"<Kernel {self.name}>"


cdef class Tier:
    """The kernels compiled for one class of CPUs.

    Attributes:
        name: `generic`, `avx2`, `avx512` or `neon`.
        lanes: floats per vector register.
        tile_rows: rows that the dense kernel keeps in registers.
    """

    @property
    def lanes(self):
        return self.table.lanes

    @property
    def tile_rows(self):
        return self.table.tile_rows

    def __repr__(self):
        return f"<Tier {self.name}: {self.lanes} lanes>"

    cdef Kernel _kernel(self, str name, kmin_run run, int64_t reads, int64_t writes):
        cdef Kernel kernel = Kernel.__new__(Kernel)
        kernel.name = f"{self.name}:{name}"
        kernel.run = run
        kernel.operands = 2
        kernel.reads, kernel.writes = reads, writes
        return kernel

    def dense(self, weights, bias, int64_t rows_per_sample=1, low=-INFINITY, high=INFINITY, function=None, args=()):
        """clip(x @ weights + bias, low, high), then the named function; weights [K, N], bias [N] or None are copied."""
        cdef const float[:, ::1] source = np.ascontiguousarray(weights, dtype=np.float32)
        cdef int64_t k = source.shape[0], n = source.shape[1], lanes = self.table.lanes
        cdef int64_t padded = (n + lanes - 1) // lanes * lanes
        cdef Memory memory = Memory(padded * (k + 1))
        cdef const float[::1] offsets
        cdef float *to = memory.floats
        cdef int64_t column = 0, wide, columns, at
        cdef Kernel kernel = self._kernel(
            "dense", self.table.dense, k * rows_per_sample, n * rows_per_sample)
        with nogil:
            while column < n:
                wide = 2 * lanes if n - column > lanes else lanes
                columns = min(wide, n - column)
                for at in range(k):
                    memcpy(to, &source[at, column], 4 * columns)
                    to += wide
                column += wide
        if bias is not None:
            offsets = np.ascontiguousarray(bias, dtype=np.float32).reshape(n)
            for at in range(n):
                to[at] = offsets[at]
        kernel.dense.k = k
        kernel.dense.n = n
        kernel.dense.rows_per_sample = rows_per_sample
        kernel.dense.weights = memory.floats
        kernel.dense.bias = to
        kernel.dense.low = low
        kernel.dense.high = high
        kernel.dense.map = NULL
        if function is not None:
            kernel.dense.map = self.table.maps[<int> FUNCTIONS[function]]
            kernel.name += f"+{function}"
        elif low != -INFINITY or high != INFINITY:
            kernel.name += "+relu" if low == 0 and high == INFINITY else "+clip"
        for at, value in enumerate(args):
            kernel.dense.args[at] = value
        kernel.params = &kernel.dense
        kernel.memory = memory
        kernel.constant_bytes = memory.size
        return kernel

    def elementwise(self, str function, args=(), int64_t per_sample=1):
        """The named function of every value; `per_sample` values in a sample."""
        cdef Kernel kernel = self._kernel(function, self.table.elementwise, per_sample, per_sample)
        cdef int at
        kernel.elementwise.per_sample = per_sample
        kernel.elementwise.map = self.table.maps[<int> FUNCTIONS[function]]
        for at, value in enumerate(args):
            kernel.elementwise.args[at] = value
        kernel.params = &kernel.elementwise
        return kernel

    def softmax(self, int64_t n, int64_t rows_per_sample=1, bint logarithm=False):
        """Softmax, or its logarithm, over a last axis of size n; `rows_per_sample` such axes in a sample."""
        cdef int64_t size = n * rows_per_sample
        cdef Kernel kernel = self._kernel("log_softmax" if logarithm else "softmax", self.table.softmax, size, size)
        kernel.softmax.n = n
        kernel.softmax.rows_per_sample = rows_per_sample
        kernel.softmax.logarithm = logarithm
        kernel.params = &kernel.softmax
        return kernel
