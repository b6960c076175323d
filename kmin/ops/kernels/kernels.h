/* What a tier offers and what a plan's flat list of steps is made of. */
#ifndef KMIN_KERNELS_H
#define KMIN_KERNELS_H

#include "team.h"

#include <stdint.h>

/* A kernel reads and writes `rows` rows (samples) behind `operands`: inputs first, then the results, then the scratch of
   those that need some (what they said they share, then what every thread of the team needs), then, of those that can
   refuse what they read, an int64_t that they set to 1 when they do. `params` is immutable. It may split its work with
   kmin_parallel; the result must not depend on the team. */
typedef void (*kmin_run)(const void *params, char *const *operands, int64_t rows, kmin_team *team);

/* An elementwise function: y[i] = f(x[i]); x and y may be the same array. */
typedef void (*kmin_map)(const float *args, const float *x, float *y, int64_t count);

/* The same in place on rows of `columns` values, `stride` floats apart. */
typedef void (*kmin_map_rows)(const float *args, float *y, int64_t stride, int64_t rows, int64_t columns);

enum { KMIN_MAX_OPERANDS = 16, KMIN_MAX_ARGS = 4, KMIN_ALIGN = 64 };

/* Where an operand lies when a block of `block` rows that begins at row `start` is computed:
   bases[base] + offset + per_block * block + per_start * start, all in bytes. Buffers of the workspace grow with the block,
   arrays of the caller are walked through. */
typedef struct {
    int32_t base;
    int64_t per_block;
    int64_t per_start;
    int64_t offset;
} kmin_operand;

/* Part number `part` of `parts` of what a kernel does with one row; the result must not depend on `parts`. */
typedef void (*kmin_part)(const void *params, char *const *operands, int64_t part, int64_t parts);

/* `relay`: that many steps, from this one on, may be handed from thread to thread in parts when there is one row; 0 or 1: none. */
typedef struct {
    kmin_run run;
    kmin_part part; /* or NULL */
    const void *params;
    int32_t count, parts, relay; /* parts: at most */
    kmin_operand operands[KMIN_MAX_OPERANDS];
} kmin_step;

/* `count` steps for row number `start`, whose operands begin at `bases`: each part waits for the step before. */
void kmin_run_relay(const kmin_step *steps, int64_t count, char *const *bases, int64_t start, kmin_team *team);

/* Elementwise functions; args as noted. Functions of x with NaN in give NaN out. */
#define KMIN_FUNCTIONS(X)                                                        \
    X(abs)                                                                       \
    X(celu)           /* alpha */                                                \
    X(elu)            /* alpha */                                                \
    X(erf)                                                                       \
    X(exp)                                                                       \
    X(gelu)           /* x * (1 + erf(x / sqrt 2)) / 2 */                        \
    X(gelu_tanh)                                                                 \
    X(hard_shrink)    /* threshold */                                            \
    X(hard_sigmoid)   /* slope, offset: clip(slope * x + offset, 0, 1) */        \
    X(hard_silu)                                                                 \
    X(leaky_relu)     /* slope below 0 */                                        \
    X(linear)                                                                    \
    X(log)                                                                       \
    X(log_sigmoid)                                                               \
    X(mish)                                                                      \
    X(reciprocal)                                                                \
    X(relu)           /* slope, threshold, minimum and maximum above it */       \
    X(rsqrt)                                                                     \
    X(selu)           /* alpha, scale */                                         \
    X(sigmoid)                                                                   \
    X(silu)                                                                      \
    X(soft_shrink)    /* threshold */                                            \
    X(softplus)                                                                  \
    X(softsign)                                                                  \
    X(sparse_plus)                                                               \
    X(sparse_sigmoid)                                                            \
    X(sqrt)                                                                      \
    X(square)                                                                    \
    X(squareplus)     /* b */                                                    \
    X(tanh)                                                                      \
    X(tanh_shrink)                                                               \
    X(threshold)      /* threshold, value at or below it */                      \
    X(clip)           /* minimum, maximum */

#define KMIN_NAME(name) KMIN_##name,
enum { KMIN_FUNCTIONS(KMIN_NAME) KMIN_FUNCTION_COUNT };
#undef KMIN_NAME

/* Name of function number `at`. */
const char *kmin_function_name(int at);

/* What becomes of a result after its sum. */
typedef struct {
    float low, high; /* it is clipped to [low, high] in registers; infinite where it is not to be */
    kmin_map map;    /* applied after that, or NULL, */
    kmin_map_rows map_rows; /* and in rows that lie apart */
    float args[KMIN_MAX_ARGS];
    int64_t y_stride; /* floats from one row of results to the next: more than a row holds when it is part of a wider one */
    int32_t residual; /* 1: operand 1, contiguous and shaped like the result, is added before all that; the result is next */
} kmin_after;

/* Floats of a vector up to which it is short: such tiers have 16 registers, low tiles and, mostly, small caches. */
#define KMIN_SHORT_LANES 8

/* Filters of `few`, at most. */
enum { KMIN_MOST_FEW = 3 };
/* Blocks of pairs of rows that go through a panel together in products by halves of short vectors, and floats between
   positions, so that they do not lie in the same lines of a cache. */
enum { KMIN_STRASSEN_SET = 6, KMIN_STRASSEN_APART = 16 };

/* Weights once more, as fixed-point numbers (fixed.h): [group of columns][k][words], and [group][block of k][columns] scales, the
   first of which is NaN where a group has no such numbers. Columns behind the last whole group have none. */
enum { KMIN_FIXED_COLUMNS = 64, KMIN_FIXED_WORDS = 48, KMIN_FIXED_BLOCK = 256 };
typedef struct {
    const int32_t *words; /* or NULL */
    const float *scales;
    int32_t funnel; /* whether the processor shifts pairs of words (AVX-512 VBMI2) */
} kmin_fixed;

/* y[rows, n] = f(x[rows, k] @ weights + bias) for `rows_per_sample` rows per sample. */
typedef struct {
    int64_t k, n, rows_per_sample;
    const float *weights; /* panels of 2 * lanes columns (the last may be of 1 * lanes): [panel][k][columns] */
    const float *bias;    /* n floats, padded to whole panels */
    kmin_fixed fixed;     /* for single rows */
    kmin_after after;
} kmin_dense;

/* The same for one row per sample and few samples, with large weights that stay where and as they are, [k][n] (plain.h). Sums of
   blocks of k, of up to KMIN_PLAIN_FEW rows, are in the scratch. */
enum { KMIN_PLAIN_FEW = 4 };
typedef struct {
    int64_t k, n;
    const float *weights;
    const float *bias; /* n floats, padded to whole panels */
    int32_t finite;    /* 0 where a weight is an infinity or NaN, which times zero is not zero */
    kmin_after after;
} kmin_plain;

/* Dense layers one after the other, none wider than KMIN_NARROW_WIDTH at either end. */
enum { KMIN_NARROW_LAYERS = 8, KMIN_NARROW_WIDTH = 64 };
typedef struct {
    int64_t count, rows_per_sample, products; /* products: per row, of all layers */
    kmin_dense layers[KMIN_NARROW_LAYERS];
    const float *plain[KMIN_NARROW_LAYERS]; /* the weights again, [k][n] */
} kmin_narrow;

/* The same of x times a gate of k numbers for each sample. */
typedef struct {
    kmin_dense of;
    int64_t thread_bytes;
} kmin_gated;

/* y = f(x) over `per_sample` floats of each sample, or rows of `n` of them that lie x_stride and y_stride floats apart. */
typedef struct {
    int64_t per_sample;
    kmin_map map;
    float args[KMIN_MAX_ARGS];
    int64_t n, x_stride, y_stride;
} kmin_elementwise;

/* y = softmax or log softmax of x over the last axis of size n. */
typedef struct {
    int64_t n, rows_per_sample;
    int32_t logarithm;
} kmin_softmax;

/* Arithmetic of two numbers; NaN in either gives NaN out. */
#define KMIN_PAIRS(X) X(add) X(divide) X(maximum) X(minimum) X(multiply) X(subtract)
#define KMIN_PAIR_NAME(name) KMIN_PAIR_##name,
enum { KMIN_PAIRS(KMIN_PAIR_NAME) KMIN_PAIR_COUNT };
#undef KMIN_PAIR_NAME
const char *kmin_pair_name(int at);

/* y[i] = f(a[i], b[i]); where `single` is 1 (2), a (b) is one number. */
typedef void (*kmin_pair)(const float *a, const float *b, float *y, int64_t count, int single);

/* y[outer, middle, inner] = f(big[outer, middle, inner], small[middle]) of each sample, or f(small, big) when `swapped`;
   without `broadcast` small is as large as big. Operands: big, small unless it is `constant`, y. */
typedef struct {
    int64_t outer, middle, inner;
    const float *constant; /* or NULL */
    kmin_pair pair;
    int32_t broadcast, swapped;
} kmin_binary;

/* Operand i holds rows of sizes[i] floats, strides[i] apart; they go to columns[i] of y's rows, y_stride apart. */
typedef struct {
    int64_t outer; /* rows in a sample */
    int64_t sizes[KMIN_MAX_OPERANDS - 2], strides[KMIN_MAX_OPERANDS - 2], columns[KMIN_MAX_OPERANDS - 2];
    int64_t y_stride, total; /* total: floats copied per row */
    int32_t count;
} kmin_concat;

/* y = clip((x - mean) * scale + shift, low, high) over a last axis of size n; rows of x lie x_stride floats apart. */
typedef struct {
    int64_t n, rows_per_sample, x_stride, y_stride;
    const float *mean, *scale, *shift;
    float low, high;
} kmin_scale_shift;

/* y[outer, inner] = the mean, sum, maximum or minimum of x[outer, count, inner] over its middle axis. */
enum { KMIN_MAX, KMIN_MEAN, KMIN_MIN, KMIN_SUM };
typedef struct {
    int64_t outer, count, inner;
    int32_t kind;
} kmin_reduce;

/* y = (x - mean) / deviation * gamma + beta over each of `outer` rows of n contiguous values. Weights stand for `run` values
   each, those of `period` rows follow each other; they may be NULL. */
typedef struct {
    int64_t outer, n, run, period;
    const float *gamma, *beta;
    float epsilon;      /* added to the variance; the least length */
    int32_t centred;    /* the deviation is measured from the mean, else from 0 */
    int32_t keeps_mean; /* the mean is not subtracted */
    int32_t length;     /* divided by the root of the sum of squares, not of their mean */
} kmin_norm;

/* The same over `count` rows of `columns` values for each column, or `group` neighbouring ones together. Weights belong to
   columns or, `by_row`, to rows. */
typedef struct {
    kmin_norm of;
    int64_t count, columns, group, tasks;
    int32_t by_row;
} kmin_norm_columns;

/* y[..., row, column] = sum over k of a[..., row, k] * b[..., k, column] within the loops around it. Strides and steps are in
   floats; columns of y are contiguous. Operands: a and b unless they are constant, then y. */
enum { KMIN_MAX_LOOPS = 4 };
typedef struct {
    int64_t sizes[KMIN_MAX_LOOPS], a_steps[KMIN_MAX_LOOPS], b_steps[KMIN_MAX_LOOPS], y_steps[KMIN_MAX_LOOPS];
    int64_t rows, columns, depth;
    int64_t a_row, a_depth, b_column, b_depth, y_row;
    int64_t a_sample, b_sample, y_sample;
    const float *a_constant, *b_constant; /* or NULL */
    int64_t row_blocks;                   /* into which rows are split for the team */
    int64_t thread_bytes;
} kmin_product;

/* y[head, query] = sum over keys of softmax(scale * q[head, query] . k[head, key]) * v[head, key]; strides in floats, the values
   of a query, key or value contiguous. Operands: q, k, v, the mask if `masked`, y. */
typedef struct {
    int64_t heads, group; /* query heads, of which `group` neighbours share keys and values */
    int64_t queries, keys, size, value_size;
    int64_t q_sample, q_head, q_row, k_sample, k_head, k_row, v_sample, v_head, v_row, y_sample, y_head, y_row;
    int64_t q_start, k_start, v_start; /* where those of a sample begin in what is read */
    int64_t mask_sample, mask_head, mask_row, mask_step;
    const float *band;   /* [queries, keys], 1 where a key is seen and 0 where not, or NULL */
    float scale, low;
    int32_t masked, mask_bytes; /* whether there is a mask, and whether it is of bytes, else of floats */
    int32_t causal;         /* queries see keys up to their own place, and no other mask is given */
    int32_t additive;       /* scores grow by (1 - mask) * low; else low takes the place of unseen ones */
    int32_t zeroed;         /* weights of unseen keys are 0 even where a query sees none */
    int64_t blocks, rows;   /* into which queries are split, and most of them in one */
    int64_t scratch_bytes, thread_bytes;
} kmin_attention;

/* y[i] = x[offset + i . strides] over six axes; steps in floats, y contiguous. */
typedef struct {
    int64_t sizes[6], strides[6];
    int64_t offset, x_sample;
} kmin_move;

/* Images [height, width, channels] and the windows that slide over them; padded cells lie outside. */
typedef struct {
    int64_t images; /* per sample */
    int64_t height, width, channels;
    int64_t out_height, out_width, filters;
    int64_t kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
    int64_t top, left; /* padding before the first row and column */
} kmin_geometry;

/* Convolution, depthwise convolution, that of groups, pooling, and padding with a constant. */
typedef struct {
    kmin_geometry g;
    int64_t taps, length; /* conv, few: pieces that a window consists of, and contiguous floats in each; grouped: channels of a group */
    int64_t group, group_tiles; /* conv: windows whose pieces are looked up together, at most, and tiles of them */
    int64_t parts;        /* conv: into how many groups of panels the filters are split; grouped: of vectors */
    int64_t lines;        /* conv: into how many tasks the lines of results are split when nothing is looked up, else 0; grouped */
    int64_t thread_bytes; /* conv, grouped: scratch of a thread */
    int64_t repeats;      /* depthwise: how many of the channels read the same one of x, or 0; grouped: filters of a group */
    int64_t plane, skip;  /* conv by lines of volumes: kernel rows in a plane, and floats from behind the last to the next plane's */
    int64_t pooled_height, pooled_width; /* conv by lines: of the largest of each 2 x 2 results, which become one; else 0 */
    const float *weights; /* conv: panels as in kmin_dense; few: [filters][taps][length]; depthwise, grouped: [vectors of filters][taps][lanes] */
    const float *bias;    /* padded like the weights */
    const float *zeros;   /* conv: what padded cells read */
    kmin_after after;
    int32_t kind;         /* pooling: KMIN_MAX or KMIN_MEAN */
    float fill;           /* pad */
} kmin_window;

/* Convolution of volumes, planes of which are the images of w. */
typedef struct {
    kmin_window w;
    int64_t depth, out_depth, kernel_depth, stride_z, dilation_z, front;
    int64_t copied; /* floats of a plane where it is copied */
} kmin_volume;

/* One axis of an indirect convolution: phase number f has taps at offsets[starts[f]] .. offsets[starts[f + 1] - 1] cells from
   cell q * step for result q of that phase, which is result f + phases * q of the axis. */
typedef struct {
    int64_t size, out, step, phases;
    const int64_t *starts, *offsets;
} kmin_axis;

/* Convolution of three axes, groups of channels, and transposed ones. */
typedef struct {
    int64_t images, channels, filters, groups;
    int64_t group; /* results whose pieces are looked up together, at most */
    int64_t thread_bytes;
    kmin_axis axes[3];
    const kmin_window *windows; /* [phases of axis 0][of axis 1][of axis 2][groups]: taps, length, group, weights and bias */
    const float *zeros;
    kmin_after after;
} kmin_indirect;

/* One axis of results that read `taps` cells each: cells[out][taps], -1 for none, and their weights. */
typedef struct {
    int64_t size, out, taps;
    const int64_t *cells;
    const float *weights;
} kmin_sample_axis;

/* Weighted sums, or the largest, of cells along three axes; `copies`: one cell each with weight 1, else `fill`. */
typedef struct {
    int64_t images, channels;
    kmin_sample_axis axes[3];
    int32_t maximum, copies;
    float fill;
} kmin_resample;

/* A stage of a chain: a copy of the image, a pointwise or a depthwise convolution. Value (row, column, channel) of its result
   lies at place + (row - start) % ring * line + (left + column) * cell + channel / wide * panel + channel % wide floats, wide
   being two vectors; the last stage's result is a plain image. */
enum { KMIN_CHAIN_COPY, KMIN_CHAIN_POINT, KMIN_CHAIN_DEPTHWISE, KMIN_CHAIN_STAGES = 6 };
typedef struct {
    int64_t kind, height, width, channels;
    int64_t k;                   /* point: channels that it reads */
    kmin_window w;               /* depthwise: what slides over rows with their padding on both sides */
    const float *weights, *bias; /* packed as for dense and depthwise */
    kmin_after after;
    int64_t rows; /* computed together, at most */
    int64_t kept; /* whether rows stay where they are until others need their place; else each batch begins anew */
    int64_t place, ring, line, left, cell, panel;
} kmin_chain_stage;

typedef struct {
    int64_t count, residual, reads, thread_bytes;
    int64_t strips; /* of an image, at most, unless there are more threads: of more, too much would be computed twice */
    kmin_chain_stage stages[KMIN_CHAIN_STAGES];
} kmin_chain;

/* A pointwise convolution of k channels and the depthwise one after it, in slices of two vectors of channels. */
typedef struct {
    int64_t height, width, k, channels; /* height, width: of the image */
    const float *weights, *bias;        /* packed as for dense */
    kmin_after point;
    kmin_window w;       /* depthwise: what slides over rows with their padding on both sides */
    int64_t left, line;  /* a row of a slice begins with `left` columns of padding; rows lie `line` floats apart */
    int64_t pairs, tasks; /* that many tasks of two slices come first, the others are of one */
    int64_t thread_bytes;
} kmin_expand;

/* An activation of a recurrent layer: number and arguments of the function, and its map. */
typedef struct {
    int32_t kind;
    kmin_map map;
    float args[KMIN_MAX_ARGS];
} kmin_activation;

/* Projected rows of a table, kept from one call to the next: as many as there is room for. */
typedef struct {
    int32_t *places; /* of each row of the table: one more than its number among those kept; 0: not kept; -1: about to be */
    int64_t *used;
    int64_t room;
    float *rows;
} kmin_kept;

/* One direction of a recurrent layer. Columns of all weights are interleaved: [vector of units][gate][lanes]. Fields that
   number an operand are -1 where there is none. */
typedef struct {
    kmin_dense project;      /* x to the gates, with the biases that can be added there */
    const float *weights;    /* recurrent: [group of vectors of units][k][vector][gate][lanes] */
    const float *candidate;  /* KMIN_GRU_RESET_FIRST: likewise with one gate; weights hold the other two */
    kmin_fixed fixed[2];     /* those of `weights` and `candidate` whose groups have eight vectors, for one row */
    const float *inner_bias; /* KMIN_GRU: of the candidate's recurrent product */
    int32_t states[2], finals[2], y; /* y is -1 where the result waits to be merged into that of the other direction */
    int32_t backwards; /* steps run from the last to the first, */
    int32_t flipped;   /* and y is in the opposite order of the steps */
    int64_t column;    /* of y where its first unit goes */
    kmin_kept kept;
} kmin_direction;

enum { KMIN_LSTM, KMIN_GRU, KMIN_GRU_RESET_FIRST, KMIN_SIMPLE_RNN };
enum { KMIN_JOIN, KMIN_SUM_UP, KMIN_MULTIPLY, KMIN_AVERAGE };
enum { KMIN_MERGED_ROWS = 24 };
/* Steps whose inputs are projected while those before them are computed, if x has so many features at most. */
enum { KMIN_AHEAD_STEPS = 8, KMIN_AHEAD_FEATURES = 256 };

/* A recurrent layer over x [steps, features] of each sample in one direction or two at once. */
typedef struct {
    int64_t steps, features, units, vectors;
    int64_t stored_steps, stride; /* steps in y of a sample, and floats in each */
    int64_t space;                /* floats of projected inputs that are made at a time */
    int64_t group, shares;        /* vectors of units that stay together, and shares of them in every step */
    int64_t ahead;                /* vectors of columns that are projected while a step's products are added, or 0 */
    int64_t shared_bytes, thread_bytes;
    int32_t cell, gates, directions, merge;
    int32_t plain; /* the activations are tanh and sigmoid */
    int32_t sequences, zero_output, mask, operands;
    kmin_activation activation, recurrent_activation;
    kmin_direction direction[2];
    /* In place of x: ids [steps] of rows of a table [count, features], int64 or else int32; where `wrap`, negative ids count from
       the end. */
    const float *table; /* or NULL */
    int64_t count, most; /* `most` projected rows are made at a time, or one of each sample */
    int32_t wide, wrap;
} kmin_recurrent;

/* LSTM over images. `project` turns an image of x_step floats into z, [cells][gate][filters]; `recur` adds the products of the
   states to it. Fields that number an operand are -1 where there is none; from `y` on lie y, the last state, the last carry. */
typedef struct {
    kmin_run project, recur;
    const void *project_params, *recur_params;
    int64_t steps, x_step, cells, filters;
    int64_t chunk;   /* steps that are projected together */
    int64_t tasks;   /* into which a step's gates are split */
    int64_t z_bytes; /* of scratch; that of the convolutions comes next */
    int32_t mask, states[2], y;
    int32_t backwards, sequences;
    int32_t plain; /* the activations are tanh and sigmoid */
    kmin_activation activation, recurrent_activation;
} kmin_conv_lstm;

/* Rows of a table by ids, int64 or else int32; where `wrap`, negative ids count from the end. */
typedef struct {
    int64_t per_sample, count, width;
    const float *table;
    int32_t wide, wrap;
} kmin_gather;

/* Which values are not one number. */
enum { KMIN_FLOAT32, KMIN_INT32, KMIN_INT64 };
typedef struct {
    int64_t per_sample, whole;
    float real;
    int32_t type;
} kmin_differ;

/* Convolution with square windows and stride 1 by tiles of `size` x `wide` results, or with windows of one row or one column
   by tiles of `size` results. Images may be planes of volumes: cells of all planes that a window reads are its channels then. */
enum { KMIN_SQUARES, KMIN_ROWS, KMIN_COLUMNS };
enum { KMIN_CHAIN_256, KMIN_CHAIN_64, KMIN_CHAIN_32 };
typedef struct {
    kmin_geometry g;
    int32_t size, taps;       /* 2 or 4 for windows of 3, 3 of 4, 2 of 5; in lines so many that both make 5, 7 or 9 */
    int32_t wide;             /* the same, or 4 where size is 2 and windows are of 3 */
    int32_t line;             /* what windows are */
    int32_t chain;            /* products in one accumulator at most */
    int64_t planes, out_planes, taps_z, stride_z, dilation_z, front; /* of volumes, else 1, 1, 1, 1, 1, 0 */
    int64_t across;           /* windows cut into taps_z pieces of taps * taps cells: how many of them in a row, else 0 */
    int64_t tiles_y, tiles_x; /* of a plane */
    int64_t pooled_height, pooled_width; /* of the largest of each 2 x 2 results, which become one; else 0 */
    int64_t depth;            /* channels, padded to whole vectors, of all planes of a window */
    int64_t groups;           /* into which a volume's tiles are split, each computed by one thread; 0: steps are shared */
    int64_t parts;            /* into how many groups of panels the filters are split when steps are shared */
    int64_t thread_bytes;     /* scratch of a thread */
    const float *weights;     /* (size + taps - 1)^2, or of a line as many, times panels as in kmin_dense */
    const float *bias, *zeros;
    kmin_after after;
} kmin_winograd;

/* y[rows, n] = f(x[rows, k] @ weights + bias) of each sample by seven products of halves. Row r of x begins at
   r / width * line + r % width * cell floats. */
typedef struct {
    int64_t k, n, rows;
    int64_t width, line, cell, x_sample;
    int64_t depth;         /* k / 2, padded to whole vectors */
    int64_t blocks;        /* of pairs of rows, each as high as a tile or less */
    int64_t groups, parts; /* into which blocks and panels of columns are split */
    int64_t thread_bytes;
    const float *weights;  /* [panel of n / 2 columns][7] times [depth][columns] */
    const float *bias, *zeros;
    kmin_after after;
} kmin_strassen;

/* The rows of a product of each of `outer` parts of a sample, reduced to one. */
typedef struct {
    kmin_dense of;
    kmin_strassen by_halves; /* takes its place where `halves` */
    int64_t outer, rows, columns, padded; /* rows: that become one; padded: columns, to whole panels */
    int64_t blocks, groups;               /* into which rows and columns are split, by halves as that is */
    int64_t shared_bytes, thread_bytes;
    int32_t halves, kind;
} kmin_pooled;

/* A tensor that is read by an expression: number `operand`, or `constant`. Where it is not `whole`, as large as the result and
   shaped like it, strides say how it is spread over the result, in values. */
enum { KMIN_SPREAD_AXES = 6 };
typedef struct {
    const float *constant; /* or NULL */
    int64_t strides[KMIN_SPREAD_AXES];
    int64_t sample;        /* values in a sample, 0 where all samples read the same */
    int32_t operand;
    int32_t bytes;         /* truth as bytes, else floats */
    int32_t whole, single; /* single: one value per sample */
    int64_t period;        /* of a constant that begins anew after so many values, and is stored a block further; else 0 */
} kmin_spread;

/* One step on values that were read or made before, inputs first: a function, arithmetic of two, or else of a kind. */
enum {
    KMIN_EXPRESSION_EQUAL, KMIN_EXPRESSION_NOT_EQUAL, KMIN_EXPRESSION_GREATER, KMIN_EXPRESSION_GREATER_EQUAL,
    KMIN_EXPRESSION_LESS, KMIN_EXPRESSION_LESS_EQUAL, KMIN_EXPRESSION_AND, KMIN_EXPRESSION_OR, KMIN_EXPRESSION_NOT,
    KMIN_EXPRESSION_TRUTH, KMIN_EXPRESSION_ISNAN, KMIN_EXPRESSION_NEGATIVE, KMIN_EXPRESSION_CHOOSE
};
typedef struct {
    kmin_map map;
    kmin_pair pair;
    float args[KMIN_MAX_ARGS];
    int32_t kind, a, b, c;
} kmin_expression_step;

/* Elementwise steps on blocks of values; the result may be truth as bytes. */
enum { KMIN_EXPRESSION_INPUTS = 12, KMIN_EXPRESSION_STEPS = 32, KMIN_EXPRESSION_BLOCK = 512 };
typedef struct {
    int64_t size, sizes[KMIN_SPREAD_AXES]; /* of a sample of the result */
    int64_t thread_bytes;
    int32_t inputs, steps, operands;
    int32_t bytes; /* the result is truth */
    int32_t flat;  /* samples can be taken as one */
    int32_t slots[KMIN_EXPRESSION_INPUTS + KMIN_EXPRESSION_STEPS]; /* where in the scratch each value lies */
    kmin_spread spreads[KMIN_EXPRESSION_INPUTS];
    kmin_expression_step code[KMIN_EXPRESSION_STEPS];
} kmin_expression;

/* Weights [planes, cells, channels, n] as a kernel holds them, in a form that loses bits. */
typedef struct {
    const float *floats;
    int64_t planes, cells, channels, n;
    int64_t depth;              /* rows of a panel */
    int32_t points, taps, line; /* of minimal filtering; else 0 */
    int32_t points_x;           /* of squares, in a row */
} kmin_packed;

/* What is kept of weights beside: `at` is the next byte; `all`: of those that the packed form should hold as they are, too. */
typedef struct {
    uint8_t *bytes;
    int64_t at;
    int32_t all;
} kmin_lost;

/* Keeps what is lost of a row of weights, whose cells lie `apart` floats from each other, or gives the row back. `row` counts
   channels, those of a plane padded to whole vectors. 0 when the row would not be given back as it is. */
enum { KMIN_MOST_KEPT = 6 }; /* bytes of a weight */
typedef int32_t (*kmin_original)(const kmin_packed *packed, int64_t row, float *weights, int64_t apart, kmin_lost *kept,
                                 int32_t keep);

typedef struct {
    const char *name;
    int32_t lanes;     /* floats per vector */
    int32_t tile_rows; /* rows that the dense kernel holds in registers */
    kmin_run dense;
    kmin_part dense_part;
    kmin_run elementwise;
    kmin_run softmax;
    kmin_run binary;
    kmin_run expression;
    kmin_run concat;
    kmin_run scale_shift;
    kmin_run reduce;
    kmin_run conv;
    kmin_run volume;
    kmin_run indirect;
    kmin_run winograd;
    void (*winograd_weights)(int32_t reach, int32_t reach_x, int32_t taps, const float *weights, int64_t channels, int64_t filters, int64_t depth, float *to);
    void (*winograd_line_weights)(int32_t reach, int32_t taps, const float *weights, int64_t channels, int64_t filters, int64_t depth, float *to);
    kmin_original original_filters;
    kmin_original original_halves;
    /* Weights [k, n] as fixed-point numbers, with a scale for each `block` of k, rows of `beside` groups side by side; how many
       groups have some. NULL where that saves nothing. */
    int64_t (*fixed_pack)(const float *weights, int64_t k, int64_t n, int64_t block, int64_t beside, int32_t *words, float *scales);
    kmin_run plain;
    int (*plain_finite)(const float *weights, int64_t count);
    kmin_run strassen;
    kmin_run pooled;
    kmin_run depthwise;
    kmin_run grouped;
    kmin_run few;
    kmin_run pool;
    kmin_run pad;
    kmin_run resample;
    kmin_run norm;
    kmin_run norm_columns;
    kmin_run product;
    kmin_run attention;
    kmin_run move;
    kmin_run chain;
    kmin_run expand;
    kmin_run gated;
    kmin_run narrow;
    kmin_run recurrent;
    kmin_run conv_lstm;
    kmin_run gather;
    kmin_run differ;
    kmin_run to_int32;
    kmin_map maps[KMIN_FUNCTION_COUNT];
    kmin_map_rows map_rows[KMIN_FUNCTION_COUNT];
    kmin_pair pairs[KMIN_PAIR_COUNT];
} kmin_tier;

/* The tier's table; defined once per compiled tier. */
const kmin_tier *kmin_tier_generic(void);
const kmin_tier *kmin_tier_avx2(void);
const kmin_tier *kmin_tier_avx512(void);
const kmin_tier *kmin_tier_neon(void);

/* The table of a tier that was built and that this processor and operating system can run, else NULL. */
const kmin_tier *kmin_find_tier(const char *name);

/* Features of this processor that tiers ask about, as a bit set of KMIN_CPU_*. */
enum { KMIN_CPU_AVX2 = 1, KMIN_CPU_FMA = 2, KMIN_CPU_AVX512 = 4, KMIN_CPU_NEON = 8, KMIN_CPU_VBMI2 = 16 };
int kmin_cpu_features(void);

#endif
