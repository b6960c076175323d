/* Depthwise convolution: one vector of channels at a time, four columns at a time.

   Padded cells count as zeros, rows of padding are left out; products are added row after row, left to right, for every
   column. */
#ifndef KMIN_DEPTHWISE_H
#define KMIN_DEPTHWISE_H

#include "depthwise_pairs.h"
#include "depthwise_quads.h"
#include "split.h"

enum { DEPTHWISE_COLUMNS = 4 };

/* The taps first .. end - 1 of `kernel` that read cells 0 .. size - 1 when tap 0 reads cell `at`. */
INLINE void window_taps(int64_t at, int64_t kernel, int64_t dilation, int64_t size, int64_t *first, int64_t *end)
{
    *first = at < 0 ? (-at + dilation - 1) / dilation : 0;
    *end = at >= size ? 0 : (size - 1 - at) / dilation + 1;
    if (*end > kernel)
        *end = kernel;
    if (*first > *end)
        *first = *end;
}

INLINE vf depthwise_load(const float *p, const int part, int64_t lanes)
{
    return part ? vload_part(p, lanes, vset(0.0f)) : vload(p);
}

/* One vector of channels of one row of results: its first `lanes` channels are there. lines: the image rows that taps
   read, `count` of them, at this vector of column 0; `cell` and `y_cell`: floats from one column to the next. */
typedef struct {
    const kmin_window *p;
    const float *const *lines;
    int64_t count, cell, y_cell, lanes;
    const float *weights, *bias; /* of the first line's taps */
    float *y;
} depthwise_line;

INLINE void depthwise_store(const depthwise_line *d, const int part, int64_t column, vf sum)
{
    const kmin_after *after = &d->p->after;
    vf value = vmin(vset(after->high), vmax(vset(after->low), sum));
    if (part)
        vstore_part(d->y + column * d->y_cell, value, d->lanes);
    else
        vstore(d->y + column * d->y_cell, value);
}

/* Four columns of windows that are `taps` cells wide and undilated, the first at cell `at`. */
INLINE void depthwise_four(const int taps, const int stride, const int part, const int inside, const depthwise_line *d,
                           int64_t at, int64_t column)
{
    const int64_t width = d->p->g.width;
    const float *weights = d->weights;
    const vf bias = vload(d->bias);
    vf sum[DEPTHWISE_COLUMNS] = {bias, bias, bias, bias};
    for (int64_t j = 0; j < d->count; j++, weights += taps * LANES) {
        const float *x = d->lines[j] + at * d->cell;
        vf w[7], cell[3 * 2 + 7];
        UNROLL for (int i = 0; i < taps; i++)
            w[i] = vload(weights + i * LANES);
        UNROLL for (int i = 0; i < 3 * stride + taps; i++)
            cell[i] = inside || (at + i >= 0 && at + i < width) ? depthwise_load(x + i * d->cell, part, d->lanes)
                                                               : vset(0.0f);
        UNROLL for (int c = 0; c < DEPTHWISE_COLUMNS; c++)
            UNROLL for (int i = 0; i < taps; i++)
                sum[c] = vfma(cell[c * stride + i], w[i], sum[c]);
    }
    UNROLL for (int c = 0; c < DEPTHWISE_COLUMNS; c++)
        depthwise_store(d, part, column + c, sum[c]);
}

#if LANES < 16
/* Seven columns of windows that are inside the image, cell after cell, which needs few registers. */
INLINE void depthwise_block(const int taps, const int stride, const depthwise_line *d, int64_t at, int64_t column)
{
    const float *weights = d->weights;
    const vf bias = vload(d->bias);
    vf sum[7] = {bias, bias, bias, bias, bias, bias, bias};
    for (int64_t j = 0; j < d->count; j++, weights += taps * LANES) {
        const float *x = d->lines[j] + at * d->cell;
        vf w[7];
        UNROLL for (int i = 0; i < taps; i++)
            w[i] = vload(weights + i * LANES);
        _Pragma("GCC unroll 19") for (int i = 0; i < 6 * stride + taps; i++) {
            const vf cell = vload(x + i * d->cell);
            UNROLL for (int c = 0; c < 7; c++)
                if (i >= c * stride && i < c * stride + taps)
                    sum[c] = vfma(cell, w[i - c * stride], sum[c]);
        }
        UNROLL for (int c = 0; c < 7; c++)
            VHELD(sum[c]);
    }
    UNROLL for (int c = 0; c < 7; c++)
        depthwise_store(d, 0, column + c, sum[c]);
}
#endif

/* The whole row, of at least four columns; the last four may be computed twice. */
INLINE void depthwise_fours(const int taps, const int stride, const int part, const depthwise_line *d)
{
    const kmin_geometry *g = &d->p->g;
    for (int64_t column = 0; column < g->out_width; column += DEPTHWISE_COLUMNS) {
#if LANES < 16
        for (int64_t from = column * stride - g->left; !part && column + 7 <= g->out_width && from >= 0 &&
                                                       from + 6 * stride + taps <= g->width; from += 7 * stride) {
            depthwise_block(taps, stride, d, from, column);
            column += 7;
        }
        if (column >= g->out_width)
            return;
#endif
        const int64_t first = column + DEPTHWISE_COLUMNS <= g->out_width ? column : g->out_width - DEPTHWISE_COLUMNS;
        const int64_t at = first * stride - g->left;
        if (at >= 0 && at + 3 * stride + taps <= g->width)
            depthwise_four(taps, stride, part, 1, d, at, first);
        else
            depthwise_four(taps, stride, part, 0, d, at, first);
    }
}

#if LANES >= 16
/* Three by three inside an image with its padding, nine weights in registers: the common case, on 32 registers. */
INLINE void depthwise_three(const int stride, const depthwise_line *d)
{
    const kmin_geometry *g = &d->p->g;
    const kmin_after *after = &d->p->after;
    const vf low = vset(after->low), high = vset(after->high), bias = vload(d->bias);
    vf w[9];
    UNROLL for (int i = 0; i < 9; i++)
        w[i] = vload(d->weights + i * LANES);
    for (int64_t column = 0; column < g->out_width; column += DEPTHWISE_COLUMNS) {
        const int64_t first = column + DEPTHWISE_COLUMNS <= g->out_width ? column : g->out_width - DEPTHWISE_COLUMNS;
        const int64_t at = (first * stride - g->left) * d->cell;
        float *y = d->y + first * d->y_cell;
        vf sum[DEPTHWISE_COLUMNS] = {bias, bias, bias, bias};
        UNROLL for (int j = 0; j < 3; j++) {
            const float *x = d->lines[j] + at;
            vf cell[3 * 2 + 3];
            UNROLL for (int i = 0; i < 3 * stride + 3; i++)
                cell[i] = vload(x + i * d->cell);
            UNROLL for (int c = 0; c < DEPTHWISE_COLUMNS; c++)
                UNROLL for (int i = 0; i < 3; i++)
                    sum[c] = vfma(cell[c * stride + i], w[j * 3 + i], sum[c]);
        }
        UNROLL for (int c = 0; c < DEPTHWISE_COLUMNS; c++)
            vstore(y + c * d->y_cell, vmin(high, vmax(low, sum[c])));
    }
}
/* Seven columns at a time inside an image with its padding: images are often a multiple of that wide, and more sums are in
   flight than with four. */
INLINE void depthwise_sevens(const int taps, const int stride, const depthwise_line *d)
{
    const kmin_geometry *g = &d->p->g;
    const kmin_after *after = &d->p->after;
    const vf low = vset(after->low), high = vset(after->high), bias = vload(d->bias);
    const int64_t cell = d->cell, count = d->count;
    const float *const *lines = d->lines;
    for (int64_t column = 0; column < g->out_width; column += 7) {
        const int64_t at = column * stride * cell;
        const float *weights = d->weights;
        float *y = d->y + column * d->y_cell;
        vf sum[7] = {bias, bias, bias, bias, bias, bias, bias};
        for (int64_t j = 0; j < count; j++, weights += taps * LANES) {
            const float *x = lines[j] + at;
            vf w[7], cells[6 * 2 + 7];
            UNROLL for (int i = 0; i < taps; i++)
                w[i] = vload(weights + i * LANES);
            _Pragma("GCC unroll 19") for (int i = 0; i < 6 * stride + taps; i++)
                cells[i] = vload(x + i * cell);
            UNROLL for (int i = 0; i < taps; i++)
                UNROLL for (int c = 0; c < 7; c++)
                    sum[c] = vfma(cells[c * stride + i], w[i], sum[c]);
        }
        UNROLL for (int c = 0; c < 7; c++)
            vstore(y + c * d->y_cell, vmin(high, vmax(low, sum[c])));
    }
}
#define DEPTHWISE_THREE(taps, stride)                                                               \
    if (d->lanes == LANES && d->p->g.left == 0 && (d->p->g.out_width - 1) * stride + taps <= d->p->g.width) { \
        if (d->p->g.out_width % 7 == 0 && taps < 7) {                                               \
            depthwise_sevens(taps, stride, d);                                                      \
            return;                                                                                 \
        }                                                                                           \
        if (taps == 3 && d->count == 3) {                                                           \
            depthwise_three(stride, d);                                                             \
            return;                                                                                 \
        }                                                                                           \
    }
#else
#define DEPTHWISE_THREE(taps, stride)
#endif

#define DEPTHWISE_FOURS(taps, stride)                                           \
    static void depthwise_##taps##_##stride(const depthwise_line *d)            \
    {                                                                           \
        DEPTHWISE_THREE(taps, stride)                                           \
        d->lanes < LANES ? depthwise_fours(taps, stride, 1, d) : depthwise_fours(taps, stride, 0, d); \
    }
DEPTHWISE_FOURS(3, 1)
DEPTHWISE_FOURS(3, 2)
DEPTHWISE_FOURS(5, 1)
DEPTHWISE_FOURS(5, 2)
DEPTHWISE_FOURS(7, 1)
DEPTHWISE_FOURS(7, 2)

/* Any windows, column after column. */
static void depthwise_any(const depthwise_line *d)
{
    const kmin_geometry *g = &d->p->g;
    for (int64_t column = 0; column < g->out_width; column++) {
        const int64_t at = column * g->stride_x - g->left;
        int64_t i0, i1;
        window_taps(at, g->kernel_width, g->dilation_x, g->width, &i0, &i1);
        vf sum = vload(d->bias);
        for (int64_t j = 0; j < d->count; j++)
            for (int64_t i = i0; i < i1; i++)
                sum = vfma(depthwise_load(d->lines[j] + (at + i * g->dilation_x) * d->cell, d->lanes < LANES, d->lanes),
                           vload(d->weights + (j * g->kernel_width + i) * LANES), sum);
        depthwise_store(d, d->lanes < LANES, column, sum);
    }
}

typedef void (*depthwise_run)(const depthwise_line *);

/* What computes rows of these windows. */
static depthwise_run depthwise_choose(const kmin_geometry *g)
{
    static const depthwise_run runs[3][2] = {
        {depthwise_3_1, depthwise_3_2}, {depthwise_5_1, depthwise_5_2}, {depthwise_7_1, depthwise_7_2}};
    const int64_t taps = g->kernel_width, stride = g->stride_x;
    if (g->dilation_x != 1 || stride > 2 || taps % 2 == 0 || taps < 3 || taps > 7 || g->out_width < DEPTHWISE_COLUMNS)
        return depthwise_any;
    return runs[taps / 2 - 1][stride - 1];
}

enum { DEPTHWISE_LINES = 64 }; /* kernel rows at most */

/* How rows of results, and the lines that they read, lie in memory: floats from one column to the next, from one panel of two
   vectors of channels to the next, and from one row of results to the next. */
typedef struct {
    const kmin_window *p;
    depthwise_run run;
    depthwise_pair_run run_pair; /* NULL: one row at a time */
    int64_t cell, panel, y_cell, y_panel, y_line;
} depthwise_layout;

INLINE depthwise_layout depthwise_laid(const kmin_window *p, int64_t cell, int64_t panel, int64_t y_cell, int64_t y_panel,
                                       int64_t y_line)
{
    const depthwise_layout layout = {p, depthwise_choose(&p->g), depthwise_pair_choose(&p->g), cell, panel, y_cell, y_panel, y_line};
    return layout;
}

/* How many rows to compute together, of `left`. */
INLINE int64_t depthwise_together(const depthwise_layout *layout, int64_t left)
{
    return layout->run_pair && left > 1 ? 2 : 1;
}

/* Those of the lines top, top + dilation .. that `rows` rows from number `row` on read and that are in the image: first .. end - 1. */
INLINE int64_t depthwise_top(const kmin_geometry *g, int64_t row, int64_t rows, int64_t *first, int64_t *end)
{
    const int64_t top = row * g->stride_y - g->top;
    window_taps(top, g->kernel_height + (rows - 1) * g->stride_y, g->dilation_y, g->height, first, end);
    return top;
}

/* One or two rows at y, channels from .. to - 1; `from` begins a vector. lines[j]: column 0, channel 0 of the lines that
   depthwise_top names. */
static void depthwise_strip(const depthwise_layout *layout, const float *const *lines, int64_t first, int64_t end, int64_t rows,
                            int64_t from, int64_t to, float *y)
{
    const kmin_window *p = layout->p;
    const int64_t height = p->g.kernel_height, width = p->g.kernel_width, taps = height * width, wide = 2 * LANES;
    for (; from < to; from += LANES) {
        const float *here[DEPTHWISE_LINES];
        const int64_t lanes = to - from < LANES ? to - from : LANES, read = from / wide * layout->panel + from % wide;
        float *results = y + from / wide * layout->y_panel + from % wide;
        const float *weights = p->weights + from * taps, *bias = p->bias + from;
        for (int64_t j = first; j < end; j++)
            here[j] = lines[j] + read;
        if (rows == 2 && lanes == LANES) {
            const depthwise_pair d = {p, here, first, end, layout->cell, layout->y_cell, layout->y_line, weights, bias, results};
            layout->run_pair(&d);
            continue;
        }
        for (int64_t i = 0; i < rows; i++) {
            const int64_t own = i * p->g.stride_y, j0 = first < own ? own : first, j1 = end - own < height ? end : height + own;
            const depthwise_line d = {p, here + j0, j1 - j0, layout->cell, layout->y_cell, lanes, weights + (j0 - own) * width * LANES,
                                      bias, results + i * layout->y_line};
            layout->run(&d);
        }
    }
}

#if LANES == 8
enum { DEPTHWISE_FAR = 512, DEPTHWISE_COPY = 4096 };

/* The same where cells lie a multiple of DEPTHWISE_FAR floats apart and would drive each other out of the nearest cache: what both
   vectors of a panel read is copied first. */
static void depthwise_far(const depthwise_layout *layout, const float *const *lines, int64_t first, int64_t end, int64_t rows,
                          int64_t from, int64_t to, float *y)
{
    const int64_t width = layout->p->g.width, wide = 2 * LANES;
    float copies[DEPTHWISE_COPY];
    depthwise_layout near = *layout;
    near.cell = wide, near.panel = 0;
    for (int64_t next; from < to; from = next) {
        const float *here[DEPTHWISE_LINES];
        next = from / wide * wide + wide < to ? from / wide * wide + wide : to;
        float *copy = copies;
        for (int64_t j = first; j < end; j++) {
            here[j] = copy;
            for (int64_t column = 0; column < width; column++, copy += wide)
                for (int64_t at = from; at < next; at += LANES)
                    vstore(copy + at % wide, vload(lines[j] + column * layout->cell + at));
        }
        depthwise_strip(&near, here, first, end, rows, from, next, y);
    }
}
#endif

typedef struct {
    const kmin_window *p;
    const float *x;
    float *y;
    int64_t rows, tasks; /* rows of results of all images */
    int64_t parts;       /* of the channels */
} window_job;

/* Pairs of rows of an image, and its last where their number is odd, by parts of the channels. */
static void depthwise_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const window_job *job = context;
    const kmin_window *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t c = g->channels, vectors = (c + LANES - 1) / LANES, pairs = (g->out_height + 1) / 2;
    const depthwise_layout layout = depthwise_laid(p, c, 2 * LANES, c, 2 * LANES, g->out_width * c);
#if LANES == 8
    const quad_runs *quads = depthwise_quads_choose(g);
    const int64_t together = quads || layout.run_pair ? 2 : 1;
#else
    const int64_t together = layout.run_pair ? 2 : 1;
#endif
    for (int64_t at = task * job->rows / job->tasks; at < (task + 1) * job->rows / job->tasks; at++) {
        const int64_t part = at % job->parts, image = at / job->parts / pairs, row = at / job->parts % pairs * 2;
        const int64_t from = part * vectors / job->parts * LANES, end = (part + 1) * vectors / job->parts * LANES;
        const int64_t to = end < c ? end : c;
        const float *x = job->x + image * g->height * g->width * c;
        for (int64_t i = row, rows; i < row + 2 && i < g->out_height; i += rows) {
            const float *lines[DEPTHWISE_LINES];
            int64_t first, last;
            rows = together < g->out_height - i ? together : g->out_height - i;
            const int64_t top = depthwise_top(g, i, rows, &first, &last);
            for (int64_t j = first; j < last; j++)
                lines[j] = x + (top + j * g->dilation_y) * g->width * c;
            float *y = job->y + (image * g->out_height + i) * layout.y_line;
            int64_t done = from;
#if LANES == 8
            if (quads) {
                done = to - (to - from) % LANES;
                depthwise_quads(quads, p, lines, first, last, rows, from, done, y);
            } else if (c % DEPTHWISE_FAR == 0 && (last - first) * g->width * 2 * LANES <= DEPTHWISE_COPY) {
                depthwise_far(&layout, lines, first, last, rows, from, to, y);
                done = to;
            }
#endif
            depthwise_strip(&layout, lines, first, last, rows, done, to, y);
            if (p->after.map_rows)
                p->after.map_rows(p->after.args, y + from, c, rows * g->out_width, to - from);
        }
    }
}

/* Runs `task` over all rows of results; `work`: operations per value of the result. */
INLINE void window_rows(const void *params, char *const *operands, int64_t rows, kmin_team *team, kmin_task task,
                        int64_t work)
{
    const kmin_window *p = params;
    window_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->g.images * p->g.out_height, 1, 1};
    job.tasks = light_tasks(job.rows, p->g.out_width * p->g.channels * work);
    kmin_parallel(team, task, &job, job.tasks);
}

static void depthwise_images(const kmin_window *p, const float *x, float *y, int64_t images, kmin_team *team)
{
    const kmin_geometry *g = &p->g;
    const int64_t pairs = images * ((g->out_height + 1) / 2), work = g->kernel_height * g->kernel_width / 4 + 1;
    window_job job = {p, x, y, pairs, 1, 1};
    if (pairs < LIGHT_TASKS && g->channels >= 4 * LANES)
        job.parts = 2, job.rows = 2 * pairs;
    job.tasks = light_tasks(job.rows, 2 * g->out_width * g->channels / job.parts * work);
    kmin_parallel(team, depthwise_task, &job, job.tasks);
}

/* `count` values, each `repeats` times. */
typedef struct {
    const float *x;
    float *y;
    int64_t count, repeats, tasks;
} depthwise_copies;

static void depthwise_repeat(const void *context, int64_t task, int thread)
{
    (void)thread;
    const depthwise_copies *job = context;
    const int64_t first = task * job->count / job->tasks, last = (task + 1) * job->count / job->tasks, n = job->repeats;
    float *to = job->y + first * n, *const end = job->y + last * n;
    for (int64_t at = first; at < last; at++, to += n) {
        const vf value = vset(job->x[at]);
        for (int64_t done = 0; done < n; done += LANES) /* what is written too far the next value covers */
            if (end - to - done >= LANES)
                vstore(to + done, value);
            else
                vstore_part(to + done, value, end - to - done);
    }
}

/* Scratch: an image whose channels are repeated, where they are. */
static void depthwise(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_window *p = params;
    const kmin_geometry *g = &p->g;
    float *y = (float *)operands[1];
    if (p->repeats == 0) {
        depthwise_images(p, (const float *)operands[0], y, rows * g->images, team);
        return;
    }
    const int64_t count = g->height * g->width * g->channels / p->repeats;
    depthwise_copies job = {(const float *)operands[0], (float *)operands[2], count, p->repeats, light_tasks(count, p->repeats)};
    for (int64_t image = 0; image < rows * g->images; image++, job.x += count) {
        kmin_parallel(team, depthwise_repeat, &job, job.tasks);
        depthwise_images(p, job.y, y + image * g->out_height * g->out_width * g->channels, 1, team);
    }
}

#endif
