from libc.stdint cimport int32_t, int64_t


cdef extern from "kernels.h":
    enum:
        KMIN_MAX_OPERANDS
        KMIN_MAX_ARGS
        KMIN_ALIGN
        KMIN_FUNCTION_COUNT
        KMIN_CPU_AVX2
        KMIN_CPU_FMA
        KMIN_CPU_AVX512
        KMIN_CPU_NEON

    ctypedef void (*kmin_run)(const void *params, char *const *operands, int64_t rows) noexcept nogil
    ctypedef void (*kmin_map)(const float *args, const float *x, float *y, int64_t count) noexcept nogil

    ctypedef struct kmin_operand:
        int32_t base
        int64_t per_block
        int64_t per_start

    ctypedef struct kmin_step:
        kmin_run run
        const void *params
        int32_t count
        kmin_operand operands[8]

    ctypedef struct kmin_dense:
        int64_t k
        int64_t n
        int64_t rows_per_sample
        const float *weights
        const float *bias
        float low
        float high
        kmin_map map
        float args[4]

    ctypedef struct kmin_elementwise:
        int64_t per_sample
        kmin_map map
        float args[4]

    ctypedef struct kmin_softmax:
        int64_t n
        int64_t rows_per_sample
        int32_t logarithm

    ctypedef struct kmin_tier:
        const char *name
        int32_t lanes
        int32_t tile_rows
        kmin_run dense
        kmin_run elementwise
        kmin_run softmax
        kmin_map maps[1]

    const kmin_tier *kmin_find_tier(const char *name) nogil
    const char *kmin_function_name(int at) nogil
    int kmin_cpu_features() nogil


cdef class Kernel:
    cdef kmin_run run
    cdef const void *params
    cdef kmin_dense dense
    cdef kmin_elementwise elementwise
    cdef kmin_softmax softmax
    cdef object memory
    cdef readonly str name
    cdef readonly int operands
    cdef readonly int64_t reads
    cdef readonly int64_t writes
    cdef readonly int64_t constant_bytes


cdef class Tier:
    cdef const kmin_tier *table
    cdef readonly str name
    cdef Kernel _kernel(self, str name, kmin_run run, int64_t reads, int64_t writes)
