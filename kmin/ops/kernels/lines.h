/* Convolution whose kernel rows are contiguous in the image: neighbouring windows lie a fixed step apart, so nothing is looked
   up. Where the image is padded, the lines that a task reads are copied with zeros around them; that is little where
   channels are few.

   Products are added in the order of conv.h. */
#ifndef KMIN_LINES_H
#define KMIN_LINES_H

#include "conv.h"

/* `rows` windows, `step` floats apart, by `wide` vectors of filters; kernel rows lie `line` floats apart, those of a new plane
   `skip` floats further. `once`: there are at most DENSE_DEPTH products. */
INLINE void lines_sums(const int rows, const int wide, const int once, const dense_shape *shape, const kmin_window *p, const float *x,
                       int64_t line, int64_t step, const float *weights, const float *bias, const float *residual, float *y,
                       int64_t columns)
{
    const int64_t length = p->length;
    vf sum[TILE_ROWS][8], total[TILE_ROWS][2];
    int64_t held = 0;         /* products in `sum` */
    int64_t below = p->plane; /* kernel rows that follow in this plane */
    int begun = 0;            /* there are some in `total` */
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vset(0.0f);
    for (int64_t tap = 0; tap < p->taps; tap++, x += line) {
        if (!once && held + length > DENSE_DEPTH) {
            UNROLL for (int row = 0; row < rows; row++)
                UNROLL for (int v = 0; v < wide; v++) {
                    total[row][v] = begun ? vadd(total[row][v], sum[row][v]) : sum[row][v];
                    sum[row][v] = vset(0.0f);
                }
            held = 0, begun = 1;
        }
        held += length;
        for (int64_t at = 0; at < length; at++) {
            vf w[2];
            UNROLL for (int v = 0; v < wide; v++)
                w[v] = vload(weights + v * LANES);
            weights += wide * LANES;
            UNROLL for (int row = 0; row < rows; row++) {
                vf value = vset(x[row * step + at]);
                UNROLL for (int v = 0; v < wide; v++)
                    sum[row][v] = vfma(value, w[v], sum[row][v]);
            }
            dense_hold(rows, wide, sum);
        }
        if (--below == 0)
            below = p->plane, x += p->skip;
    }
    if (begun)
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++)
                sum[row][v] = vadd(total[row][v], sum[row][v]);
    dense_store(rows, wide, shape, sum, bias, residual, y, columns);
}

INLINE void lines_tile(const int rows, const int wide, const dense_shape *shape, const kmin_window *p, const float *x,
                       int64_t line, int64_t step, const float *weights, const float *bias, const float *residual, float *y,
                       int64_t columns)
{
    if (shape->k <= DENSE_DEPTH)
        lines_sums(rows, wide, 1, shape, p, x, line, step, weights, bias, residual, y, columns);
    else
        lines_sums(rows, wide, 0, shape, p, x, line, step, weights, bias, residual, y, columns);
}

typedef void (*lines_tile_run)(const dense_shape *, const kmin_window *, const float *, int64_t, int64_t, const float *,
                               const float *, const float *, float *, int64_t);

#define LINES_TILE(rows, wide)                                                                                         \
    static void lines_##rows##_##wide(const dense_shape *shape, const kmin_window *p, const float *x, int64_t line,    \
                                      int64_t step, const float *weights, const float *bias, const float *residual,    \
                                      float *y, int64_t columns)                                                       \
    {                                                                                                                  \
        lines_tile(rows, wide, shape, p, x, line, step, weights, bias, residual, y, columns);                          \
    }
#define LINES_TILES(rows) LINES_TILE(rows, 1) LINES_TILE(rows, 2)
TILE_HEIGHTS(LINES_TILES)
#define LINES_ENTRY_1(rows) lines_##rows##_1,
#define LINES_ENTRY_2(rows) lines_##rows##_2,

/* By number of vectors per panel, then rows. */
static const lines_tile_run lines_tiles[2][TILE_ROWS] = {{TILE_HEIGHTS(LINES_ENTRY_1)}, {TILE_HEIGHTS(LINES_ENTRY_2)}};

typedef struct {
    const kmin_window *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t line; /* floats from one line of the image that is read to the next; 0 when lines are copied */
} lines_job;

/* Lines number `first` .. of the padded image, `count` of them, `width` cells each. */
static void lines_copy(const kmin_window *p, const float *x, int64_t first, int64_t count, int64_t width, float *to)
{
    const kmin_geometry *g = &p->g;
    const int64_t c = g->channels, rest = width - g->left - g->width;
    const int64_t inside = rest < 0 ? width - g->left : g->width;
    for (int64_t at = 0; at < count; at++, to += width * c) {
        const int64_t line = first + at - g->top;
        if (line < 0 || line >= g->height || inside <= 0) {
            memset(to, 0, (size_t)(4 * width * c));
            continue;
        }
        memset(to, 0, (size_t)(4 * g->left * c));
        memcpy(to + g->left * c, x + line * g->width * c, (size_t)(4 * inside * c));
        if (rest > 0)
            memset(to + (g->left + g->width) * c, 0, (size_t)(4 * rest * c));
    }
}

/* `count` lines of results of windows that begin at x, in lines `line` floats apart. */
static void lines_group(const kmin_window *p, const float *x, int64_t line, int64_t count, const float *residual, float *y)
{
    const kmin_geometry *g = &p->g;
    const int64_t n = g->filters, panel = 2 * LANES, stride = p->after.y_stride, step = g->stride_x * g->channels;
    const int64_t k = p->taps * p->length, tiles = (g->out_width + TILE_ROWS - 1) / TILE_ROWS;
    const dense_shape shape = {k, 0, stride, n, vset(p->after.low), vset(p->after.high)};
    for (int64_t column = 0; column < n; column += panel) {
        const lines_tile_run *run = lines_tiles[n - column > LANES];
        const int64_t columns = n - column < panel ? n - column : panel;
        for (int64_t row = 0; row < count; row++)
            for (int64_t tile = 0; tile < tiles; tile++) {
                const int64_t start = tile * g->out_width / tiles, height = (tile + 1) * g->out_width / tiles - start;
                const int64_t at = row * g->out_width + start;
                run[height - 1](&shape, p, x + row * g->stride_y * line + start * step, line * g->dilation_y, step,
                                p->weights + column * k, p->bias + column, residual ? residual + at * n + column : NULL,
                                y + at * stride + column, columns);
                finish_rows(&p->after, y + at * stride + column, height, columns);
            }
    }
}

/* Lines of padded images that `count` lines of results read. */
INLINE int64_t lines_read(const kmin_geometry *g, int64_t count)
{
    return (count - 1) * g->stride_y + (g->kernel_height - 1) * g->dilation_y + 1;
}

/* A group of lines of results. */
static void lines_task(const void *context, int64_t task, int thread)
{
    const lines_job *job = context;
    const kmin_window *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t image = task / p->lines, group = task % p->lines;
    const int64_t first = group * g->out_height / p->lines, count = (group + 1) * g->out_height / p->lines - first;
    const int64_t cell = (image * g->out_height + first) * g->out_width;
    const float *x = job->x + image * g->height * g->width * g->channels;
    int64_t line = job->line;
    if (line) {
        x += first * g->stride_y * line;
    } else {
        const int64_t width = (g->out_width - 1) * g->stride_x + g->kernel_width;
        float *copy = (float *)(job->scratch + thread * p->thread_bytes);
        lines_copy(p, x, first * g->stride_y, lines_read(g, count), width, copy);
        x = copy, line = width * g->channels;
    }
    lines_group(p, x, line, count, job->residual ? job->residual + cell * g->filters : NULL,
                job->y + cell * p->after.y_stride);
}

#endif
