/* Convolution by lines (lines.h) whose only reader takes the largest of each 2 x 2 of its results: of the four sums one leaves the
   registers, to which bias, clipping and function come then. None of these changes an order, so that the result is the same.

   A window that hangs over the image's end is the one beside it once more; results that no window reads are not computed.
   Products are added in the order of conv.h; there are at most DENSE_DEPTH. */
#ifndef KMIN_LINES_POOLED_H
#define KMIN_LINES_POOLED_H

#include "lines.h"
#include "merge.h"

enum { LINES_POOLED = TILE_ROWS / 4 }; /* results of a tile */

/* Where a tile's windows begin, in floats: from one pair to the next, from a window to that beside it and that below it; kernel
   rows lie `line` apart. */
typedef struct {
    int64_t step, right, down, line;
} lines_quads;

/* `count` results by `wide` vectors of filters. */
INLINE void lines_largest(const int count, const int wide, const dense_shape *shape, const kmin_window *p, const lines_quads *lie,
                          const float *x, const float *weights, const float *bias, float *y, int64_t columns)
{
    const int64_t length = p->length, step = lie->step, right = lie->right, line = lie->line;
    vf sum[4 * LINES_POOLED][8];
    UNROLL for (int row = 0; row < 4 * count; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vset(0.0f);
    for (int64_t tap = 0; tap < p->taps; tap++, x += line) {
        const float *below = x + lie->down;
        for (int64_t at = 0; at < length; at++) {
            vf w[2];
            UNROLL for (int v = 0; v < wide; v++)
                w[v] = vload(weights + v * LANES);
            weights += wide * LANES;
            UNROLL for (int row = 0; row < 4 * count; row++) {
                const vf value = vset((row % 4 < 2 ? x : below)[row / 4 * step + row % 2 * right + at]);
                UNROLL for (int v = 0; v < wide; v++)
                    sum[row][v] = vfma(value, w[v], sum[row][v]);
            }
        }
    }
    UNROLL for (int at = 0; at < count; at++)
        UNROLL for (int v = 0; v < wide; v++) {
            const vf above = p_maximum(sum[4 * at][v], sum[4 * at + 1][v]);
            sum[at][v] = p_maximum(above, p_maximum(sum[4 * at + 2][v], sum[4 * at + 3][v]));
        }
    dense_store(count, wide, shape, sum, bias, NULL, y, columns);
}

typedef void (*lines_pooled_run)(const dense_shape *, const kmin_window *, const lines_quads *, const float *, const float *,
                                 const float *, float *, int64_t);

#define LINES_LARGEST(count, wide)                                                                                            \
    static void lines_largest_##count##_##wide(const dense_shape *shape, const kmin_window *p, const lines_quads *lie,       \
                                               const float *x, const float *weights, const float *bias, float *y,            \
                                               int64_t columns)                                                               \
    {                                                                                                                         \
        lines_largest(count, wide, shape, p, lie, x, weights, bias, y, columns);                                              \
    }
#define LINES_LARGESTS(count) LINES_LARGEST(count, 1) LINES_LARGEST(count, 2)
#if TILE_ROWS >= 12
#define POOLED_HEIGHTS(X) X(1) X(2) X(3)
#else
#define POOLED_HEIGHTS(X) X(1)
#endif
POOLED_HEIGHTS(LINES_LARGESTS)
#define LINES_LARGEST_1(count) lines_largest_##count##_1,
#define LINES_LARGEST_2(count) lines_largest_##count##_2,

/* By number of vectors per panel, then results. */
static const lines_pooled_run lines_pooled_tiles[2][LINES_POOLED] = {{POOLED_HEIGHTS(LINES_LARGEST_1)},
                                                                     {POOLED_HEIGHTS(LINES_LARGEST_2)}};

/* `count` lines of results of windows that begin at x, in lines `line` floats apart; `last`: the last one has none below it. */
static void lines_pooled_group(const kmin_window *p, const float *x, int64_t line, int64_t count, int last, float *y)
{
    const kmin_geometry *g = &p->g;
    const int64_t n = g->filters, panel = 2 * LANES, stride = p->after.y_stride, k = p->taps * p->length;
    const int64_t pairs = g->out_width / 2 < p->pooled_width ? g->out_width / 2 : p->pooled_width;
    const int64_t tiles = (pairs + LINES_POOLED - 1) / LINES_POOLED, step = g->stride_x * g->channels;
    const dense_shape shape = {k, 0, stride, n, vset(p->after.low), vset(p->after.high)};
    lines_quads lie = {2 * step, step, 0, line * g->dilation_y};
    for (int64_t column = 0; column < n; column += panel) {
        const lines_pooled_run *run = lines_pooled_tiles[n - column > LANES];
        const int64_t columns = n - column < panel ? n - column : panel;
        for (int64_t row = 0; row < count; row++) {
            const float *from = x + 2 * row * g->stride_y * line, *weights = p->weights + column * k;
            float *to = y + row * p->pooled_width * stride + column;
            lie.down = last && row == count - 1 ? 0 : g->stride_y * line;
            for (int64_t tile = 0; tile < tiles; tile++) {
                const int64_t start = tile * pairs / tiles, height = (tile + 1) * pairs / tiles - start;
                run[height - 1](&shape, p, &lie, from + start * lie.step, weights, p->bias + column, to + start * stride, columns);
            }
            if (pairs < p->pooled_width) {
                const lines_quads alone = {0, 0, lie.down, lie.line};
                run[0](&shape, p, &alone, from + pairs * lie.step, weights, p->bias + column, to + pairs * stride, columns);
            }
            finish_rows(&p->after, to, p->pooled_width, columns);
        }
    }
}

/* A group of lines of results. */
static void lines_pooled_task(const void *context, int64_t task, int thread)
{
    const lines_job *job = context;
    const kmin_window *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t image = task / p->lines, group = task % p->lines;
    const int64_t first = group * p->pooled_height / p->lines, count = (group + 1) * p->pooled_height / p->lines - first;
    const int last = 2 * (first + count) > g->out_height;
    const float *x = job->x + image * g->height * g->width * g->channels;
    int64_t line = job->line;
    if (line) {
        x += 2 * first * g->stride_y * line;
    } else {
        const int64_t width = (g->out_width - 1) * g->stride_x + g->kernel_width;
        float *copy = (float *)(job->scratch + thread * p->thread_bytes);
        lines_copy(p, x, 2 * first * g->stride_y, lines_read(g, 2 * count - last), width, copy);
        x = copy, line = width * g->channels;
    }
    lines_pooled_group(p, x, line, count, last, job->y + (image * p->pooled_height + first) * p->pooled_width * p->after.y_stride);
}

/* Scratch of each thread: the lines that one task reads, where the image is padded. */
static void lines(const kmin_window *p, char *const *operands, int64_t rows, kmin_team *team)
{
    char *const *results = operands + (p->after.residual ? 2 : 1);
    const int64_t line = p->thread_bytes ? 0 : p->g.width * p->g.channels;
    const lines_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                           (float *)results[0], line ? NULL : results[1], line};
    kmin_parallel(team, p->pooled_height ? lines_pooled_task : lines_task, &job, rows * p->g.images * p->lines);
}

static void conv(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_window *p = params;
    if (p->lines)
        lines(p, operands, rows, team);
    else
        conv_looked_up(p, operands, rows, team);
}

#endif
