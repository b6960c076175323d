/* Matrix products with one step of Strassen's method (Numer. Math. 13, 1969): rows of a sample are cut into even and odd ones,
   depth and columns into halves, and seven products of halves take the place of eight. The weights' sums are made when they are
   packed.

   Rows are taken in pairs of neighbours (a row of zeros where there is none), so that those of a thread lie together and are
   still near it from the step before. The seven sums of their halves ("positions") lie
   [position][block of pairs][vector of depth][pair][lane], as in winograd.h, so that a tile of the product reads one stream.
   Sums are taken in short chains, which makes up for what the method loses in rounding. NaN and infinity spread to the partner
   of a row. */
#ifndef KMIN_STRASSEN_H
#define KMIN_STRASSEN_H

#include "collect.h"
#include "winograd.h"

enum { STRASSEN_POSITIONS = 7 };

typedef struct {
    const kmin_strassen *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t pairs; /* of a sample */
    float *partial; /* a row that takes the place of y: what the rows of a group of blocks come to; or NULL */
    int kind;       /* how */
} strassen_job;

INLINE const float *strassen_row(const kmin_strassen *p, const float *x, int64_t row)
{
    return row < p->rows ? x + row / p->width * p->line + row % p->width * p->cell : p->zeros;
}

/* The sums of one pair: row `row` of a block of `rows` at v. */
static void strassen_sums(const kmin_strassen *p, const float *upper, const float *lower, float *v, int64_t rows, int64_t row,
                          int64_t position)
{
    const int64_t half = p->k / 2;
    v += row * LANES;
    for (int64_t at = 0; at < half; at += LANES, v += rows * LANES) {
        const int64_t left = half - at;
        vf a, b, c, d;
        if (left >= LANES) {
            a = vload(upper + at), b = vload(upper + half + at), c = vload(lower + at), d = vload(lower + half + at);
        } else {
            const vf zero = vset(0.0f);
            a = vload_part(upper + at, left, zero), b = vload_part(upper + half + at, left, zero);
            c = vload_part(lower + at, left, zero), d = vload_part(lower + half + at, left, zero);
        }
        vstore(v, vadd(a, d));
        vstore(v + position, vadd(c, d));
        vstore(v + 2 * position, a);
        vstore(v + 3 * position, d);
        vstore(v + 4 * position, vadd(a, b));
        vstore(v + 5 * position, vsub(c, a));
        vstore(v + 6 * position, vsub(b, d));
    }
}

/* The sums of blocks block0 .. block1 - 1, the first of which lies at v. */
static void strassen_read(const strassen_job *job, int64_t block0, int64_t block1, float *v, int64_t position)
{
    const kmin_strassen *p = job->p;
    const int64_t start = block0 * job->pairs / p->blocks;
    for (int64_t block = block0; block < block1; block++) {
        const int64_t first = block * job->pairs / p->blocks, rows = (block + 1) * job->pairs / p->blocks - first;
        for (int64_t row = 0; row < rows; row++)
            strassen_sums(p, strassen_row(p, job->x, 2 * (first + row)), strassen_row(p, job->x, 2 * (first + row) + 1),
                          v + (first - start) * p->depth, rows, row, position);
    }
}

/* One vector of results: `left` of it are columns of this half. */
INLINE void strassen_store(const kmin_strassen *p, vf value, const float *residual, float *y, int64_t column, int64_t left,
                           vf low, vf high)
{
    value = vadd(value, vload(p->bias + column));
    if (residual)
        value = vadd(value, left >= LANES ? vload(residual + column) : vload_part(residual + column, left, vset(0.0f)));
    value = vmin(high, vmax(low, value));
    if (left >= LANES)
        vstore(y, value);
    else
        vstore_part(y, value, left);
}

/* Columns `column` .. of both halves of the results of pair number `pair`, of the seven products at m: to y, the other half to
   y + far. */
INLINE void strassen_results(const strassen_job *job, const float *m, int64_t position, int64_t pair, int64_t column,
                             int64_t end, float *y, int64_t stride, int64_t far)
{
    const kmin_strassen *p = job->p;
    const int64_t half = p->n / 2, row = 2 * pair, other = row + 1;
    const vf low = vset(p->after.low), high = vset(p->after.high);
    const float *residual = job->residual ? job->residual + row * p->n : NULL;
    const float *residual_too = job->residual ? job->residual + other * p->n : NULL;
    float *y_too = y + stride;
    for (; column < end; column += LANES, m += LANES, y += LANES, y_too += LANES) {
        const int64_t left = end - column;
        const vf m1 = vload(m), m2 = vload(m + position), m3 = vload(m + 2 * position), m4 = vload(m + 3 * position),
                 m5 = vload(m + 4 * position), m6 = vload(m + 5 * position), m7 = vload(m + 6 * position);
        strassen_store(p, vadd(vsub(m1, m5), vadd(m4, m7)), residual, y, column, left, low, high);
        strassen_store(p, vadd(m3, m5), residual, y + far, column + half, left, low, high);
        if (other < p->rows) {
            strassen_store(p, vadd(m2, m4), residual_too, y_too, column, left, low, high);
            strassen_store(p, vadd(vsub(m1, m2), vadd(m3, m6)), residual_too, y_too + far, column + half, left, low, high);
        }
    }
}

/* Blocks block0 .. block1 - 1, the sums of whose pairs begin at v, by panels from .. to - 1. */
static void strassen_block(const strassen_job *job, int64_t block0, int64_t block1, int64_t from, int64_t to, const float *v,
                           int64_t position, float *products)
{
    const kmin_strassen *p = job->p;
    const int64_t half = p->n / 2, panel = 2 * LANES, apart = job->partial ? 2 * panel : p->after.y_stride;
    const int64_t first = block0 * job->pairs / p->blocks, far = job->partial ? panel : half;
    float near[4 * TILE_ROWS * 2 * LANES];
    if (job->partial)
        memset(near, 0, sizeof(near));
    for (int64_t column = from * panel; column < to * panel && column < half; column += panel) {
        const int64_t vectors = half - column > LANES ? 2 : 1, end = half - column < panel ? half : column + panel;
        const float *weights = p->weights + STRASSEN_POSITIONS * column * p->depth;
        vf so_far[4] = {vset(0.0f), vset(0.0f), vset(0.0f), vset(0.0f)};
        for (int64_t block = block0; block < block1; block++) {
            const int64_t start = block * job->pairs / p->blocks, rows = (block + 1) * job->pairs / p->blocks - start;
            const winograd_tile_run run = winograd_tiles[KMIN_CHAIN_64][vectors - 1][rows - 1];
            for (int64_t at = 0; at < STRASSEN_POSITIONS; at++)
                run(p->depth, v + at * position + (start - first) * p->depth,
                    weights + at * p->depth * vectors * LANES, products + at * TILE_ROWS * panel, panel, NULL, 0);
            float *y = job->partial ? near : job->y + 2 * start * apart + column;
            for (int64_t row = 0; row < rows; row++)
                strassen_results(job, products + row * panel, TILE_ROWS * panel, start + row, column, end, y + 2 * row * apart,
                                 apart, far);
            const int64_t row = 2 * start, left = p->rows - row < 2 * rows ? p->rows - row : 2 * rows;
            for (int64_t at = 0; at <= far; at += far) {
                if (job->partial && p->after.map_rows)
                    p->after.map_rows(p->after.args, y + at, apart, left, end - column);
                else if (!job->partial)
                    finish_rows(&p->after, y + at, left, end - column);
                if (job->partial)
                    collect_rows(job->kind, (int)vectors, y + at, left, apart, block == block0, so_far + at / panel * 2);
            }
        }
        if (job->partial) {
            collect_into(job->kind, so_far, end - column, 1, job->partial + column);
            collect_into(job->kind, so_far + 2, end - column, 1, job->partial + column + half);
        }
    }
}

/* Of a sample, whose x, residual and y those of the job are, a group of blocks by a part of the panels; `name` tells groups
   apart. The job's scratch is the thread's. */
static void strassen_part(const strassen_job *job, int64_t name, int64_t group, int64_t part)
{
    const kmin_strassen *p = job->p;
    const int64_t block0 = group * p->blocks / p->groups, block1 = (group + 1) * p->blocks / p->groups;
    const int64_t position = (block1 * job->pairs / p->blocks - block0 * job->pairs / p->blocks) * p->depth;
    const int64_t panels = (p->n / 2 + 2 * LANES - 1) / (2 * LANES);
    int64_t *held = (int64_t *)job->scratch;
    float *v = (float *)((char *)held + KMIN_ALIGN);
    if (*held != name) { /* else the sums are those of the task before */
        strassen_read(job, block0, block1, v, position);
        *held = name;
    }
    strassen_block(job, block0, block1, part * panels / p->parts, (part + 1) * panels / p->parts, v, position,
                   v + STRASSEN_POSITIONS * position);
}

/* A group of blocks of one sample by a part of the panels, in memory of the thread that stays near it. */
static void strassen_task(const void *context, int64_t task, int thread)
{
    strassen_job job = *(const strassen_job *)context;
    const kmin_strassen *p = job.p;
    const int64_t sample = task / (p->groups * p->parts);
    job.scratch += thread * p->thread_bytes;
    job.x += sample * p->x_sample;
    job.y += sample * p->rows * p->after.y_stride;
    if (job.residual)
        job.residual += sample * p->rows * p->n;
    strassen_part(&job, task / p->parts, task / p->parts % p->groups, task % p->parts);
}

/* Scratch of each thread: the number of the group whose sums it holds, these, then the products of a block by one panel. */
static void strassen(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_strassen *p = params;
    char *const *results = operands + (p->after.residual ? 2 : 1);
    const strassen_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                              (float *)results[0], results[1], (p->rows + 1) / 2, NULL, 0};
    for (int thread = 0; thread < kmin_team_size(team); thread++)
        *(int64_t *)(job.scratch + thread * p->thread_bytes) = -1;
    kmin_parallel(team, strassen_task, &job, rows * p->groups * p->parts);
}

#endif
