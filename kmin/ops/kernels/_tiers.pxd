from libc.stdint cimport int32_t, int64_t, uint8_t


cdef extern from "team.h":
    ctypedef struct kmin_team
    ctypedef void (*kmin_task)(const void *context, int64_t task, int thread) noexcept nogil

    enum:
        KMIN_MAX_SHARES
        KMIN_MAX_THREADS

    kmin_team *kmin_team_enter(int threads, double nanoseconds) nogil
    void kmin_team_leave(kmin_team *team) nogil
    void kmin_parallel(kmin_team *team, kmin_task task, const void *context, int64_t tasks) nogil


cdef extern from "kernels.h":
    enum:
        KMIN_MAX_OPERANDS
        KMIN_MAX_ARGS
        KMIN_ALIGN
        KMIN_FUNCTION_COUNT
        KMIN_PAIR_COUNT
        KMIN_MAX
        KMIN_MEAN
        KMIN_MIN
        KMIN_SUM
        KMIN_CPU_AVX2
        KMIN_CPU_FMA
        KMIN_CPU_AVX512
        KMIN_CPU_NEON
        KMIN_CPU_VBMI2

    ctypedef void (*kmin_run)(const void *params, char *const *operands, int64_t rows, kmin_team *team) noexcept nogil
    ctypedef void (*kmin_part)(
        const void *params, char *const *operands, int64_t part, int64_t parts) noexcept nogil
    ctypedef void (*kmin_map)(const float *args, const float *x, float *y, int64_t count) noexcept nogil
    ctypedef void (*kmin_map_rows)(
        const float *args, float *y, int64_t stride, int64_t rows, int64_t columns) noexcept nogil

    ctypedef struct kmin_operand:
        int32_t base
        int64_t per_block
        int64_t per_start
        int64_t offset

    ctypedef struct kmin_step:
        kmin_run run
        kmin_part part
        const void *params
        int32_t count
        int32_t parts
        int32_t relay
        kmin_operand operands[16]

    void kmin_run_relay(
        const kmin_step *steps, int64_t count, char *const *bases, int64_t start, kmin_team *team) nogil

    ctypedef void (*kmin_pair)(const float *a, const float *b, float *y, int64_t count, int single) noexcept nogil

    ctypedef struct kmin_after:
        float low
        float high
        kmin_map map
        kmin_map_rows map_rows
        float args[4]
        int64_t y_stride
        int32_t residual

    enum:
        KMIN_FIXED_COLUMNS
        KMIN_FIXED_WORDS
        KMIN_FIXED_BLOCK
        KMIN_SHORT_LANES
        KMIN_MOST_FEW
        KMIN_STRASSEN_APART
        KMIN_STRASSEN_SET

    ctypedef struct kmin_fixed:
        const int32_t *words
        const float *scales
        int32_t funnel

    ctypedef struct kmin_dense:
        int64_t k
        int64_t n
        int64_t rows_per_sample
        const float *weights
        const float *bias
        kmin_fixed fixed
        kmin_after after

    ctypedef struct kmin_gated:
        kmin_dense of
        int64_t thread_bytes

    enum:
        KMIN_PLAIN_FEW

    ctypedef struct kmin_plain:
        int64_t k
        int64_t n
        const float *weights
        const float *bias
        int32_t finite
        kmin_after after

    enum:
        KMIN_NARROW_LAYERS
        KMIN_NARROW_WIDTH

    ctypedef struct kmin_narrow:
        int64_t count
        int64_t rows_per_sample
        int64_t products
        kmin_dense layers[8]
        const float *plain[8]

    ctypedef struct kmin_elementwise:
        int64_t per_sample
        kmin_map map
        float args[4]
        int64_t n
        int64_t x_stride
        int64_t y_stride

    ctypedef struct kmin_softmax:
        int64_t n
        int64_t rows_per_sample
        int32_t logarithm

    ctypedef struct kmin_binary:
        int64_t outer
        int64_t middle
        int64_t inner
        const float *constant
        kmin_pair pair
        int32_t broadcast
        int32_t swapped

    ctypedef struct kmin_concat:
        int64_t outer
        int64_t sizes[14]
        int64_t strides[14]
        int64_t columns[14]
        int64_t y_stride
        int64_t total
        int32_t count

    ctypedef struct kmin_scale_shift:
        int64_t n
        int64_t rows_per_sample
        int64_t x_stride
        int64_t y_stride
        const float *mean
        const float *scale
        const float *shift
        float low
        float high

    ctypedef struct kmin_reduce:
        int64_t outer
        int64_t count
        int64_t inner
        int32_t kind

    ctypedef struct kmin_norm:
        int64_t outer
        int64_t n
        int64_t run
        int64_t period
        const float *gamma
        const float *beta
        float epsilon
        int32_t centred
        int32_t keeps_mean
        int32_t length

    ctypedef struct kmin_norm_columns:
        kmin_norm of
        int64_t count
        int64_t columns
        int64_t group
        int64_t tasks
        int32_t by_row

    ctypedef struct kmin_product:
        int64_t sizes[4]
        int64_t a_steps[4]
        int64_t b_steps[4]
        int64_t y_steps[4]
        int64_t rows
        int64_t columns
        int64_t depth
        int64_t a_row
        int64_t a_depth
        int64_t b_column
        int64_t b_depth
        int64_t y_row
        int64_t a_sample
        int64_t b_sample
        int64_t y_sample
        const float *a_constant
        const float *b_constant
        int64_t row_blocks
        int64_t thread_bytes

    ctypedef struct kmin_attention:
        int64_t heads
        int64_t group
        int64_t queries
        int64_t keys
        int64_t size
        int64_t value_size
        int64_t q_sample
        int64_t q_head
        int64_t q_row
        int64_t k_sample
        int64_t k_head
        int64_t k_row
        int64_t v_sample
        int64_t v_head
        int64_t v_row
        int64_t y_sample
        int64_t y_head
        int64_t y_row
        int64_t q_start
        int64_t k_start
        int64_t v_start
        int64_t mask_sample
        int64_t mask_head
        int64_t mask_row
        int64_t mask_step
        const float *band
        float scale
        float low
        int32_t masked
        int32_t mask_bytes
        int32_t causal
        int32_t additive
        int32_t zeroed
        int64_t blocks
        int64_t rows
        int64_t scratch_bytes
        int64_t thread_bytes

    ctypedef struct kmin_move:
        int64_t sizes[6]
        int64_t strides[6]
        int64_t offset
        int64_t x_sample

    ctypedef struct kmin_geometry:
        int64_t images
        int64_t height
        int64_t width
        int64_t channels
        int64_t out_height
        int64_t out_width
        int64_t filters
        int64_t kernel_height
        int64_t kernel_width
        int64_t stride_y
        int64_t stride_x
        int64_t dilation_y
        int64_t dilation_x
        int64_t top
        int64_t left

    ctypedef struct kmin_window:
        kmin_geometry g
        int64_t taps
        int64_t length
        int64_t group
        int64_t group_tiles
        int64_t parts
        int64_t lines
        int64_t thread_bytes
        int64_t repeats
        int64_t plane
        int64_t skip
        int64_t pooled_height
        int64_t pooled_width
        const float *weights
        const float *bias
        const float *zeros
        kmin_after after
        int32_t kind
        float fill

    ctypedef struct kmin_volume:
        kmin_window w
        int64_t depth
        int64_t out_depth
        int64_t kernel_depth
        int64_t stride_z
        int64_t dilation_z
        int64_t front
        int64_t copied

    ctypedef struct kmin_axis:
        int64_t size
        int64_t out
        int64_t step
        int64_t phases
        const int64_t *starts
        const int64_t *offsets

    ctypedef struct kmin_indirect:
        int64_t images
        int64_t channels
        int64_t filters
        int64_t groups
        int64_t group
        int64_t thread_bytes
        kmin_axis axes[3]
        const kmin_window *windows
        const float *zeros
        kmin_after after

    ctypedef struct kmin_sample_axis:
        int64_t size
        int64_t out
        int64_t taps
        const int64_t *cells
        const float *weights

    ctypedef struct kmin_resample:
        int64_t images
        int64_t channels
        kmin_sample_axis axes[3]
        int32_t maximum
        int32_t copies
        float fill

    enum:
        KMIN_CHAIN_COPY
        KMIN_CHAIN_POINT
        KMIN_CHAIN_DEPTHWISE
        KMIN_CHAIN_STAGES

    ctypedef struct kmin_chain_stage:
        int64_t kind
        int64_t height
        int64_t width
        int64_t channels
        int64_t k
        kmin_window w
        const float *weights
        const float *bias
        kmin_after after
        int64_t rows
        int64_t kept
        int64_t place
        int64_t ring
        int64_t line
        int64_t left
        int64_t cell
        int64_t panel

    ctypedef struct kmin_chain:
        int64_t count
        int64_t residual
        int64_t reads
        int64_t thread_bytes
        int64_t strips
        kmin_chain_stage stages[6]

    ctypedef struct kmin_expand:
        int64_t height
        int64_t width
        int64_t k
        int64_t channels
        const float *weights
        const float *bias
        kmin_after point
        kmin_window w
        int64_t left
        int64_t line
        int64_t pairs
        int64_t tasks
        int64_t thread_bytes

    ctypedef struct kmin_activation:
        int32_t kind
        kmin_map map
        float args[4]

    ctypedef struct kmin_kept:
        int32_t *places
        int64_t *used
        int64_t room
        float *rows

    ctypedef struct kmin_direction:
        kmin_dense project
        const float *weights
        const float *candidate
        kmin_fixed fixed[2]
        const float *inner_bias
        int32_t states[2]
        int32_t finals[2]
        int32_t y
        int32_t backwards
        int32_t flipped
        int64_t column
        kmin_kept kept

    enum:
        KMIN_LSTM
        KMIN_GRU
        KMIN_GRU_RESET_FIRST
        KMIN_SIMPLE_RNN
        KMIN_JOIN
        KMIN_SUM_UP
        KMIN_MULTIPLY
        KMIN_AVERAGE
        KMIN_AHEAD_FEATURES
        KMIN_AHEAD_STEPS
        KMIN_MERGED_ROWS
        KMIN_FLOAT32
        KMIN_INT32
        KMIN_INT64

    ctypedef struct kmin_recurrent:
        int64_t steps
        int64_t features
        int64_t units
        int64_t vectors
        int64_t stored_steps
        int64_t stride
        int64_t space
        int64_t group
        int64_t shares
        int64_t ahead
        int64_t shared_bytes
        int64_t thread_bytes
        int32_t cell
        int32_t gates
        int32_t directions
        int32_t merge
        int32_t plain
        int32_t sequences
        int32_t zero_output
        int32_t mask
        int32_t operands
        kmin_activation activation
        kmin_activation recurrent_activation
        kmin_direction direction[2]
        const float *table
        int64_t count
        int64_t most
        int32_t wide
        int32_t wrap

    ctypedef struct kmin_conv_lstm:
        kmin_run project
        kmin_run recur
        const void *project_params
        const void *recur_params
        int64_t steps
        int64_t x_step
        int64_t cells
        int64_t filters
        int64_t chunk
        int64_t tasks
        int64_t z_bytes
        int32_t mask
        int32_t states[2]
        int32_t y
        int32_t backwards
        int32_t sequences
        int32_t plain
        kmin_activation activation
        kmin_activation recurrent_activation

    ctypedef struct kmin_gather:
        int64_t per_sample
        int64_t count
        int64_t width
        const float *table
        int32_t wide
        int32_t wrap

    ctypedef struct kmin_differ:
        int64_t per_sample
        int64_t whole
        float real
        int32_t type

    enum:
        KMIN_SQUARES
        KMIN_ROWS
        KMIN_COLUMNS

    enum:
        KMIN_CHAIN_256
        KMIN_CHAIN_64
        KMIN_CHAIN_32

    ctypedef struct kmin_winograd:
        kmin_geometry g
        int32_t size
        int32_t taps
        int32_t wide
        int32_t line
        int32_t chain
        int64_t planes
        int64_t out_planes
        int64_t taps_z
        int64_t stride_z
        int64_t dilation_z
        int64_t front
        int64_t across
        int64_t tiles_y
        int64_t tiles_x
        int64_t pooled_height
        int64_t pooled_width
        int64_t depth
        int64_t groups
        int64_t parts
        int64_t thread_bytes
        const float *weights
        const float *bias
        const float *zeros
        kmin_after after

    ctypedef struct kmin_strassen:
        int64_t k
        int64_t n
        int64_t rows
        int64_t width
        int64_t line
        int64_t cell
        int64_t x_sample
        int64_t depth
        int64_t blocks
        int64_t groups
        int64_t parts
        int64_t thread_bytes
        const float *weights
        const float *bias
        const float *zeros
        kmin_after after

    ctypedef struct kmin_pooled:
        kmin_dense of
        kmin_strassen by_halves
        int64_t outer
        int64_t rows
        int64_t columns
        int64_t padded
        int64_t blocks
        int64_t groups
        int64_t shared_bytes
        int64_t thread_bytes
        int32_t halves
        int32_t kind

    enum:
        KMIN_SPREAD_AXES
        KMIN_EXPRESSION_INPUTS
        KMIN_EXPRESSION_STEPS
        KMIN_EXPRESSION_BLOCK

    ctypedef struct kmin_spread:
        const float *constant
        int64_t strides[6]
        int64_t sample
        int32_t operand
        int32_t bytes
        int32_t whole
        int32_t single
        int64_t period

    ctypedef struct kmin_expression_step:
        kmin_map map
        kmin_pair pair
        float args[4]
        int32_t kind
        int32_t a
        int32_t b
        int32_t c

    ctypedef struct kmin_expression:
        int64_t size
        int64_t sizes[6]
        int64_t thread_bytes
        int32_t inputs
        int32_t steps
        int32_t operands
        int32_t bytes
        int32_t flat
        int32_t slots[44]
        kmin_spread spreads[12]
        kmin_expression_step code[32]

    ctypedef struct kmin_packed:
        const float *floats
        int64_t planes
        int64_t cells
        int64_t channels
        int64_t n
        int64_t depth
        int32_t points
        int32_t taps
        int32_t line
        int32_t points_x

    enum:
        KMIN_MOST_KEPT

    ctypedef struct kmin_lost:
        uint8_t *bytes
        int64_t at
        int32_t all

    ctypedef int32_t (*kmin_original)(
        const kmin_packed *packed, int64_t row, float *weights, int64_t apart, kmin_lost *kept,
        int32_t keep) noexcept nogil

    ctypedef struct kmin_tier:
        const char *name
        int32_t lanes
        int32_t tile_rows
        kmin_run dense
        kmin_part dense_part
        kmin_run elementwise
        kmin_run softmax
        kmin_run binary
        kmin_run expression
        kmin_run concat
        kmin_run scale_shift
        kmin_run reduce
        kmin_run conv
        kmin_run volume
        kmin_run indirect
        kmin_run winograd
        void (*winograd_weights)(
            int32_t reach, int32_t reach_x, int32_t taps, const float *weights, int64_t channels, int64_t filters,
            int64_t depth, float *to) noexcept nogil
        void (*winograd_line_weights)(
            int32_t reach, int32_t taps, const float *weights, int64_t channels, int64_t filters, int64_t depth,
            float *to) noexcept nogil
        kmin_original original_filters
        kmin_original original_halves
        int64_t (*fixed_pack)(
            const float *weights, int64_t k, int64_t n, int64_t block, int64_t beside, int32_t *words,
            float *scales) noexcept nogil
        kmin_run plain
        int (*plain_finite)(const float *weights, int64_t count) noexcept nogil
        kmin_run strassen
        kmin_run pooled
        kmin_run depthwise
        kmin_run grouped
        kmin_run few
        kmin_run pool
        kmin_run pad
        kmin_run resample
        kmin_run norm
        kmin_run norm_columns
        kmin_run product
        kmin_run attention
        kmin_run move
        kmin_run chain
        kmin_run expand
        kmin_run gated
        kmin_run narrow
        kmin_run recurrent
        kmin_run conv_lstm
        kmin_run gather
        kmin_run differ
        kmin_run to_int32
        kmin_map maps[1]
        kmin_map_rows map_rows[1]
        kmin_pair pairs[1]

    const kmin_tier *kmin_find_tier(const char *name) nogil
    const char *kmin_function_name(int at) nogil
    const char *kmin_pair_name(int at) nogil
    int kmin_cpu_features() nogil


cdef class Memory:
    cdef void *block
    cdef float *floats
    cdef readonly int64_t size
    cdef Memory next


cdef class Kernel:
    cdef kmin_run run
    cdef kmin_part part
    cdef readonly int most_parts
    cdef const void *params
    cdef kmin_dense dense
    cdef kmin_elementwise elementwise
    cdef kmin_softmax softmax
    cdef kmin_concat concat
    cdef kmin_scale_shift scale_shift
    cdef Memory memory
    cdef object held
    cdef void *own
    cdef readonly str name
    cdef readonly int operands
    cdef readonly tuple reads
    cdef readonly int64_t writes
    cdef readonly tuple further
    cdef readonly tuple types
    cdef readonly bint refuses
    cdef readonly int64_t constant_bytes
    cdef readonly int64_t scratch_bytes
    cdef readonly int64_t thread_bytes
    cdef readonly int64_t columns
    cdef readonly tuple parts
    cdef readonly tuple packed
    cdef kmin_packed lossy
    cdef kmin_original original
    cdef int64_t *read_stride
    cdef int64_t *write_stride
    cdef void keep(self, const void *params, size_t size) except *


cdef class Tier:
    cdef const kmin_tier *table
    cdef readonly str name
    cdef public bint funnel
    cdef Kernel kernel(self, str name, kmin_run run, tuple reads, int64_t writes)
    cdef Memory columns(self, const float[:, ::1] weights, bias, int64_t further)
    cdef Memory filters(self, const float[:, ::1] weights, bias)
    cdef Memory fixed(self, const float[:, ::1] weights, int64_t block, int64_t beside, kmin_fixed *to)
    cdef void finish(
        self, Kernel kernel, kmin_after *after, int64_t columns, low, high, function, args, bint residual) except *


cdef Memory vectors(int64_t n, int64_t lanes, arrays)
cdef kmin_team *enter_team(int threads, double nanoseconds) noexcept nogil
cdef void leave_team(kmin_team *team) noexcept nogil
cdef void run_relay(
    const kmin_step *steps, int64_t count, char *const *bases, int64_t start, kmin_team *team) noexcept nogil
cdef void run_tasks(kmin_team *team, kmin_task task, const void *context, int64_t tasks) noexcept nogil
