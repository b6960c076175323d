/* Convolution of channels-last images as an indirect matrix product: every window is a list of pointers to contiguous
   pieces of the image (its cells, or whole kernel rows), padded cells point to zeros, and nothing is copied.

   Products are added tap after tap and channel after channel, at most DENSE_DEPTH of them before their sum joins the
   total, whatever the tile. */
#ifndef KMIN_CONV_H
#define KMIN_CONV_H

#include "dense.h"

/* `rows` windows by `wide` vectors of filters; piece `tap` of window `row` is at pieces[tap * group + row]. */
INLINE void conv_tile(const int rows, const int wide, const dense_shape *shape, const kmin_window *p,
                      const float *const *pieces, const float *weights, const float *bias, const float *residual, float *y,
                      int64_t columns)
{
    const int64_t length = p->length;
    vf sum[TILE_ROWS][8], total[TILE_ROWS][2];
    int64_t held = 0; /* products in `sum` */
    int begun = 0;    /* there are some in `total` */
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vset(0.0f);
#define CONV_STEP(at)                                                    \
    {                                                                    \
        vf w[2];                                                         \
        UNROLL for (int v = 0; v < wide; v++)                            \
            w[v] = vload(weights + v * LANES);                           \
        weights += wide * LANES;                                         \
        UNROLL for (int row = 0; row < rows; row++) {                    \
            vf value = vset(x[row][at]);                                 \
            UNROLL for (int v = 0; v < wide; v++)                        \
                sum[row][v] = vfma(value, w[v], sum[row][v]);            \
        }                                                                \
        dense_hold(rows, wide, sum);                                     \
    }
    for (int64_t tap = 0; tap < p->taps; tap++, pieces += p->group) {
        const float *x[TILE_ROWS];
        UNROLL for (int row = 0; row < rows; row++)
            x[row] = pieces[row];
        for (int64_t at = 0; at < length;) {
            const int64_t end = length - at < DENSE_DEPTH ? length : at + DENSE_DEPTH;
            if (held + end - at > DENSE_DEPTH) {
                UNROLL for (int row = 0; row < rows; row++)
                    UNROLL for (int v = 0; v < wide; v++) {
                        total[row][v] = begun ? vadd(total[row][v], sum[row][v]) : sum[row][v];
                        sum[row][v] = vset(0.0f);
                    }
                held = 0, begun = 1;
            }
            held += end - at;
            for (; at + 4 <= end; at += 4) { /* pointers that do not fit into registers are fetched once for four */
                CONV_STEP(at)
                CONV_STEP(at + 1)
                CONV_STEP(at + 2)
                CONV_STEP(at + 3)
            }
            for (; at < end; at++)
                CONV_STEP(at)
        }
    }
    if (begun)
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++)
                sum[row][v] = vadd(total[row][v], sum[row][v]);
#undef CONV_STEP
    dense_store(rows, wide, shape, sum, bias, residual, y, columns);
}

enum {
    CONV_NEARBY = 32, /* tiles whose results are summed up in turn, at most */
    CONV_DEEP = 128   /* products of such results, at least */
};

typedef void (*conv_tile_run)(const dense_shape *, const kmin_window *, const float *const *, const float *,
                              const float *, const float *, float *, int64_t);

#define CONV_TILE(rows, wide)                                                                                       \
    static void conv_##rows##_##wide(const dense_shape *shape, const kmin_window *p, const float *const *pieces,    \
                                     const float *weights, const float *bias, const float *residual, float *y,      \
                                     int64_t columns)                                                               \
    {                                                                                                               \
        conv_tile(rows, wide, shape, p, pieces, weights, bias, residual, y, columns);                               \
    }
#define CONV_TILES(rows) CONV_TILE(rows, 1) CONV_TILE(rows, 2)
TILE_HEIGHTS(CONV_TILES)
#define CONV_ENTRY_1(rows) conv_##rows##_1,
#define CONV_ENTRY_2(rows) conv_##rows##_2,

/* By number of vectors per panel, then rows. */
static const conv_tile_run conv_tiles[2][TILE_ROWS] = {{TILE_HEIGHTS(CONV_ENTRY_1)}, {TILE_HEIGHTS(CONV_ENTRY_2)}};

/* The pieces of windows first .. first + count - 1, counted through all images of x. A kernel row that is one piece but hangs
   over the image's side is copied to `edge` with zeros beside it. */
static void conv_pieces(const kmin_window *p, const float *x, int64_t first, int64_t count, const float **pieces, float *edge)
{
    const kmin_geometry *g = &p->g;
    const int64_t columns = p->taps / g->kernel_height; /* 1 where a whole kernel row is one piece */
    const int64_t c = g->channels, cells = g->out_height * g->out_width, wide = columns == 1 ? g->kernel_width : 1;
    int64_t row = first % cells / g->out_width, column = first % g->out_width;
    x += first / cells * g->height * g->width * c;
    for (int64_t at = 0; at < count; at++) {
        const int64_t x0 = column * g->stride_x - g->left, y0 = row * g->stride_y - g->top;
        const float **to = pieces + at;
        for (int64_t j = 0; j < g->kernel_height; j++) {
            const int64_t line = y0 + j * g->dilation_y;
            const int inside = line >= 0 && line < g->height;
            const float *from = x + line * g->width * c;
            for (int64_t i = 0; i < columns; i++, to += p->group) {
                const int64_t cell = x0 + i * g->dilation_x;
                const int64_t begin = cell < 0 ? 0 : cell;
                const int64_t end = cell + wide < g->width ? cell + wide : g->width;
                if (!inside || begin >= end) {
                    *to = p->zeros;
                } else if (end - begin == wide) {
                    *to = from + cell * c;
                } else {
                    memset(edge, 0, (size_t)(4 * wide * c));
                    memcpy(edge + (begin - cell) * c, from + begin * c, (size_t)(4 * (end - begin) * c));
                    *to = edge;
                    edge += wide * c;
                }
            }
        }
        if (++column == g->out_width) {
            column = 0;
            if (++row == g->out_height)
                row = 0, x += g->height * g->width * c;
        }
    }
}

/* A grid of tasks: groups of windows, by parts of the filters. Tasks that read the same weights follow each other, of each half of
   the windows where every thread may read all weights. */
typedef struct {
    const kmin_window *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t windows, tiles, groups;
} conv_job;

#if DENSE_NEARBY
/* A run of products that are summed up together: `count` of them from number `at` of piece `tap` on. */
typedef struct {
    int64_t tap, at, count;
} conv_run;

/* The run that follows, of as many pieces, or parts of DENSE_DEPTH of one, as are DENSE_DEPTH products at most; 0 at the end. */
INLINE int conv_next_run(const kmin_window *p, conv_run *run)
{
    const int64_t done = run->at + run->count;
    run->tap += done / p->length, run->at = done % p->length;
    int64_t tap = run->tap, at = run->at;
    for (run->count = 0; tap < p->taps;) {
        const int64_t end = p->length - at < DENSE_DEPTH ? p->length : at + DENSE_DEPTH;
        if (run->count + end - at > DENSE_DEPTH)
            break;
        run->count += end - at;
        at = end == p->length ? 0 : end;
        tap += end == p->length;
    }
    return run->count > 0;
}

/* totals[row][v] += a run's products, or are those where it is the first. */
INLINE void conv_more(const int rows, const int wide, const kmin_window *p, const float *const *pieces, const float *weights,
                      const conv_run *run, const char *ahead, int64_t apace, float *totals)
{
    vf sum[TILE_ROWS][8];
    int64_t at = run->at;
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vset(0.0f);
    pieces += run->tap * p->group;
    for (int64_t left = run->count; left > 0; pieces += p->group, at = 0) {
        const int64_t count = p->length - at < left ? p->length - at : left;
        const float *x[TILE_ROWS];
        UNROLL for (int row = 0; row < rows; row++)
            x[row] = pieces[row] + at;
        left -= count;
        for (int64_t i = 0; i < count; i++, weights += wide * LANES, ahead += apace) {
            vf w[2];
            PREFETCH_FAR(ahead);
            UNROLL for (int v = 0; v < wide; v++)
                w[v] = vload(weights + v * LANES);
            UNROLL for (int row = 0; row < rows; row++) {
                const vf value = vset(x[row][i]);
                UNROLL for (int v = 0; v < wide; v++)
                    sum[row][v] = vfma(value, w[v], sum[row][v]);
            }
            dense_hold(rows, wide, sum);
        }
    }
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++) {
            float *total = totals + (row * wide + v) * LANES;
            vstore(total, run->tap || run->at ? vadd(vload(total), sum[row][v]) : sum[row][v]);
        }
}

typedef void (*conv_more_run)(const kmin_window *, const float *const *, const float *, const conv_run *, const char *, int64_t,
                              float *);

#define CONV_MORE(rows, wide)                                                                                        \
    static void conv_more_##rows##_##wide(const kmin_window *p, const float *const *pieces, const float *weights,    \
                                          const conv_run *run, const char *ahead, int64_t apace, float *totals)      \
    {                                                                                                                \
        conv_more(rows, wide, p, pieces, weights, run, ahead, apace, totals);                                        \
    }
#define CONV_MORES(rows) CONV_MORE(rows, 1) CONV_MORE(rows, 2)
TILE_HEIGHTS(CONV_MORES)
#define CONV_MORE_ENTRY_1(rows) conv_more_##rows##_1,
#define CONV_MORE_ENTRY_2(rows) conv_more_##rows##_2,
static const conv_more_run conv_mores[2][TILE_ROWS] = {{TILE_HEIGHTS(CONV_MORE_ENTRY_1)}, {TILE_HEIGHTS(CONV_MORE_ENTRY_2)}};

/* As dense_nearby: a panel's results of `count` windows in `tiles` tiles, run after run. */
static void conv_nearby(const kmin_window *p, const dense_shape *shape, const float *const *pieces, int64_t count, int64_t tiles,
                        const float *weights, const float *bias, const float *residual, float *y, int64_t columns)
{
    const int wide = columns > LANES ? 2 : 1;
    const int64_t line = wide * LANES, apace = (4 * line + tiles - 1) / tiles;
    float totals[CONV_NEARBY * TILE_ROWS * 2 * LANES];
    conv_run run = {0, 0, 0};
    while (conv_next_run(p, &run)) {
        const float *next = weights + run.count * line;
        const int last = run.tap * p->length + run.at + run.count == shape->k;
        for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t first = tile * count / tiles, height = (tile + 1) * count / tiles - first;
            const float *more = residual ? residual + first * shape->residual_stride : NULL;
            float *total = totals + first * line, *to = y + first * shape->y_stride;
            if (last)
                dense_fetch(shape, more, to, height);
            conv_mores[wide - 1][height - 1](p, pieces + first, weights, &run, (const char *)next + tile * run.count * apace, apace,
                                             total);
            if (last)
                dense_parts[wide - 1][height - 1].results(shape, total, bias, more, to, columns);
        }
        weights = next;
    }
}

/* Whether so many tiles of sums of k products had better be computed run after run. */
INLINE int conv_is_nearby(int64_t k, int64_t tiles)
{
    return k >= CONV_DEEP && tiles > 1 && tiles <= CONV_NEARBY;
}
#endif

static void conv_task(const void *context, int64_t task, int thread)
{
    const conv_job *job = context;
    const kmin_window *p = job->p;
    const int64_t n = p->g.filters, panel = 2 * LANES, panels = (n + panel - 1) / panel;
    const int64_t k = p->taps * p->length, stride = p->after.y_stride;
    int64_t group, part;
    if (k * n <= DENSE_NEAR)
        dense_place(task, job->groups, p->parts, &group, &part);
    else
        group = task % job->groups, part = task / job->groups;
    const int64_t tile0 = group * job->tiles / job->groups, tile1 = (group + 1) * job->tiles / job->groups;
    const int64_t start = tile0 * job->windows / job->tiles, count = tile1 * job->windows / job->tiles - start;
    const int64_t from = part * panels / p->parts * panel, to = (part + 1) * panels / p->parts * panel;
    const dense_shape shape = {k, 0, stride, n, vset(p->after.low), vset(p->after.high)};
    const float **pieces = (const float **)(job->scratch + thread * p->thread_bytes);
    float *y = job->y + start * stride;
    const float *residual = job->residual ? job->residual + start * n : NULL;
    conv_pieces(p, job->x, start, count, pieces, (float *)(pieces + p->group * p->taps));
    for (int64_t column = from; column < to && column < n; column += panel) {
        const conv_tile_run *run = conv_tiles[n - column > LANES];
        const int64_t columns = n - column < panel ? n - column : panel;
#if DENSE_NEARBY
        if (conv_is_nearby(k, tile1 - tile0)) {
            conv_nearby(p, &shape, pieces, count, tile1 - tile0, p->weights + column * k, p->bias + column,
                        residual ? residual + column : NULL, y + column, columns);
            finish_rows(&p->after, y + column, count, columns);
            continue;
        }
#endif
        for (int64_t tile = tile0; tile < tile1; tile++) {
            const int64_t first = tile * job->windows / job->tiles - start;
            const int64_t height = (tile + 1) * job->windows / job->tiles - start - first;
            run[height - 1](&shape, p, pieces + first, p->weights + column * k, p->bias + column,
                            residual ? residual + first * n + column : NULL, y + first * stride + column, columns);
            finish_rows(&p->after, y + first * stride + column, height, columns);
        }
    }
}

/* Scratch of each thread: group * taps pointers, then, where kernel rows are pieces, room for as many of them. */
static void conv_looked_up(const kmin_window *p, char *const *operands, int64_t rows, kmin_team *team)
{
    char *const *results = operands + (p->after.residual ? 2 : 1);
    conv_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                    (float *)results[0], results[1], rows * p->g.images * p->g.out_height * p->g.out_width, 0, 0};
    job.tiles = (job.windows + TILE_ROWS - 1) / TILE_ROWS;
    job.groups = (job.tiles + p->group_tiles - 1) / p->group_tiles;
    kmin_parallel(team, conv_task, &job, job.groups * p->parts);
}

#endif
