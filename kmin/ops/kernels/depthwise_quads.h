/* Depthwise convolution of two columns of one or two rows of results at a time, all channels of them: what is read and written lies
   together, also where cells lie so far apart that they would drive each other out of the nearest cache. Undilated windows of 3 x 3
   or 5 x 5, whole vectors of channels, 16 registers.

   Products are added in the order of depthwise.h, so that results are the same. */
#ifndef KMIN_DEPTHWISE_QUADS_H
#define KMIN_DEPTHWISE_QUADS_H

#include "simd.h"

/* lines[j]: what row j of the upper result's taps reads, at the first cell of the left one; those from `first` to `end` - 1 are in
   the image. Strides in floats. */
typedef struct {
    const float *const *lines;
    int64_t first, end, cell, y_cell, y_line, channels;
    const float *weights, *bias;
    float *y;
    float low, high;
} depthwise_quad;

typedef void (*depthwise_quad_run)(const depthwise_quad *);

#if LANES == 8

enum { QUAD_COLUMNS = 2, QUAD_ROWS = 2, QUAD_TAPS = 5 };

/* Adds what line number `line` contributes to the upper row, to the lower row, or to both. Of the cells that the columns read,
   those before `from` and from `to` on are padding. */
INLINE void quad_line(const int taps, const int stride, const int from, const int to, const int upper, const int lower,
                      const depthwise_quad *d, int64_t line, int64_t channel, const float *weights, vf (*sum)[QUAD_COLUMNS])
{
    const float *x = d->lines[line] + channel;
    vf w[QUAD_ROWS][QUAD_TAPS];
    UNROLL for (int i = 0; i < taps; i++) {
        if (upper)
            w[0][i] = vload(weights + (line * taps + i) * LANES);
        if (lower)
            w[1][i] = vload(weights + ((line - stride) * taps + i) * LANES);
    }
    UNROLL for (int i = from; i < to; i++) {
        const vf cell = vload(x + i * d->cell);
        UNROLL for (int c = 0; c < QUAD_COLUMNS; c++) {
            const int tap = i - c * stride;
            if (tap < 0 || tap >= taps)
                continue;
            if (upper)
                sum[0][c] = vfma(cell, w[0][tap], sum[0][c]);
            if (lower)
                sum[1][c] = vfma(cell, w[1][tap], sum[1][c]);
        }
    }
    UNROLL for (int row = 0; row < QUAD_ROWS; row++)
        UNROLL for (int c = 0; c < QUAD_COLUMNS; c++)
            VHELD(sum[row][c]);
}

/* `rows` rows; `whole`: all lines are in the image. */
INLINE void quad_block(const int taps, const int stride, const int rows, const int whole, const int from, const int to,
                       const depthwise_quad *d)
{
    const vf low = vset(d->low), high = vset(d->high);
    const float *weights = d->weights;
    const int64_t end = d->end;
    for (int64_t channel = 0; channel < d->channels; channel += LANES, weights += taps * taps * LANES) {
        const vf bias = vload(d->bias + channel);
        vf sum[QUAD_ROWS][QUAD_COLUMNS] = {{bias, bias}, {bias, bias}};
        int64_t line = whole ? 0 : d->first;
        if (whole && taps == 3 && rows == 2) { /* nine weights stay in registers */
            UNROLL for (int at = 0; at < stride + taps; at++)
                quad_line(taps, stride, from, to, at < taps, at >= stride, d, at, channel, weights, sum);
        } else if (rows == 2) {
            for (; line < stride && line < end; line++)
                quad_line(taps, stride, from, to, 1, 0, d, line, channel, weights, sum);
            for (; line < taps && line < end; line++)
                quad_line(taps, stride, from, to, 1, 1, d, line, channel, weights, sum);
            for (; line < end; line++)
                quad_line(taps, stride, from, to, 0, 1, d, line, channel, weights, sum);
        } else {
            for (; line < end; line++)
                quad_line(taps, stride, from, to, 1, 0, d, line, channel, weights, sum);
        }
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int c = 0; c < QUAD_COLUMNS; c++)
                vstore(d->y + row * d->y_line + c * d->y_cell + channel, vmin(high, vmax(low, sum[row][c])));
    }
}

/* For the cells that are missing on the left and on the right. */
#define QUAD_BLOCK(taps, stride, left, right)                                                   \
    static void quad_##taps##_##stride##_##left##_##right(const depthwise_quad *d)             \
    {                                                                                           \
        const int to = stride + taps - right;                                                   \
        if (d->y_line == 0)                                                                     \
            quad_block(taps, stride, 1, 0, left, to, d);                                        \
        else if (taps == 3 && d->first == 0 && d->end == stride + taps)                         \
            quad_block(taps, stride, 2, 1, left, to, d);                                        \
        else                                                                                    \
            quad_block(taps, stride, 2, 0, left, to, d);                                        \
    }
#define QUAD_BLOCKS(taps, stride) QUAD_BLOCK(taps, stride, 0, 0) QUAD_BLOCK(taps, stride, 1, 0) QUAD_BLOCK(taps, stride, 0, 1)
#define QUAD_BLOCKS_5(stride) QUAD_BLOCKS(5, stride) QUAD_BLOCK(5, stride, 2, 0) QUAD_BLOCK(5, stride, 0, 2)
QUAD_BLOCKS(3, 1)
QUAD_BLOCKS(3, 2)
QUAD_BLOCKS_5(1)
QUAD_BLOCKS_5(2)

/* By cells that are missing on the left, and on the right. */
typedef struct {
    depthwise_quad_run left[3], right[3];
} quad_runs;
#define QUAD_RUNS_3(stride) \
    {{quad_3_##stride##_0_0, quad_3_##stride##_1_0, NULL}, {quad_3_##stride##_0_0, quad_3_##stride##_0_1, NULL}}
#define QUAD_RUNS_5(stride)                                            \
    {{quad_5_##stride##_0_0, quad_5_##stride##_1_0, quad_5_##stride##_2_0}, \
     {quad_5_##stride##_0_0, quad_5_##stride##_0_1, quad_5_##stride##_0_2}}

/* What computes these windows, or NULL where something else does. */
static const quad_runs *depthwise_quads_choose(const kmin_geometry *g)
{
    static const quad_runs runs[2][2] = {{QUAD_RUNS_3(1), QUAD_RUNS_3(2)}, {QUAD_RUNS_5(1), QUAD_RUNS_5(2)}};
    const int64_t taps = g->kernel_width, stride = g->stride_x, right = (g->out_width - 1) * stride - g->left + taps - g->width;
    if ((taps != 3 && taps != 5) || g->kernel_height != taps || stride > 2 || g->stride_y != stride || g->dilation_x != 1 ||
        g->dilation_y != 1 || g->out_width < QUAD_COLUMNS || g->left > taps / 2 || right > taps / 2 || g->width < stride + taps)
        return NULL;
    return &runs[taps == 5][stride - 1];
}

/* One row or two at y, whole vectors of channels from .. to - 1. lines[j]: column 0, channel 0 of the lines that depthwise_top
   names. */
static void depthwise_quads(const quad_runs *runs, const kmin_window *p, const float *const *lines, int64_t first, int64_t end,
                            int64_t rows, int64_t from, int64_t to, float *y)
{
    const kmin_geometry *g = &p->g;
    const int64_t cell = g->channels, taps = g->kernel_width, stride = g->stride_x;
    const float *here[QUAD_ROWS + QUAD_TAPS];
    depthwise_quad d = {here, first, end, cell, cell, rows == 2 ? g->out_width * cell : 0, to - from,
                        p->weights + from * taps * taps, p->bias + from, NULL, p->after.low, p->after.high};
    for (int64_t column = 0; column < g->out_width; column += QUAD_COLUMNS) {
        if (column + QUAD_COLUMNS > g->out_width)
            column = g->out_width - QUAD_COLUMNS;
        const int64_t at = column * stride - g->left, beyond = at + stride + taps - g->width;
        for (int64_t line = first; line < end; line++)
            here[line] = lines[line] + at * cell + from;
        d.y = y + column * cell + from;
        (at < 0 ? runs->left[-at] : runs->right[beyond > 0 ? beyond : 0])(&d);
    }
}

#endif

#endif
