/* Matrix products with one step of Strassen's method (Numer. Math. 13, 1969): rows of a sample are cut into even and odd ones,
   depth and columns into halves, and seven products of halves take the place of eight. The weights' sums are made when they are
   packed.

   Rows are taken in pairs of neighbours (a row of zeros where there is none), so that those of a thread lie together and are
   still near it from the step before. The seven sums of their halves ("positions") lie
   [position][STRASSEN_DEPTH of depth][block of pairs][vector of depth][pair][lane], so that tiles of the product read one stream.
   Sums are taken in short chains, which makes up for what the method loses in rounding. NaN and infinity spread to the partner
   of a row. */
#ifndef KMIN_STRASSEN_H
#define KMIN_STRASSEN_H

#include "collect.h"
#include "strassen_tile.h"

typedef struct {
    const kmin_strassen *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t pairs; /* of a sample */
    float *partial; /* a row that takes the place of y: what the rows of a group of blocks come to; or NULL */
    int kind;       /* how */
} strassen_job;

/* The first pair of a block. */
INLINE int64_t strassen_pair(const strassen_job *job, int64_t block)
{
    return block * job->pairs / job->p->blocks;
}

INLINE const float *strassen_row(const kmin_strassen *p, const float *x, int64_t row)
{
    return row < p->rows ? x + row / p->width * p->line + row % p->width * p->cell : p->zeros;
}

/* The sums of products `from` to `end` of one pair, `apart` floats after each other at v; what lies `next` floats further is
   fetched. */
INLINE void strassen_sums(const float *upper, const float *lower, int64_t half, int64_t from, int64_t end, float *v, int64_t apart,
                          int64_t position, int64_t next)
{
    for (int64_t at = from; at < end; at += LANES, v += apart) {
        const int64_t left = half - at;
        PREFETCH(upper + at + next);
        PREFETCH(upper + half + at + next);
        PREFETCH(lower + at + next);
        PREFETCH(lower + half + at + next);
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
    const int64_t start = strassen_pair(job, block0), pairs = strassen_pair(job, block1) - start;
    for (int64_t block = block0; block < block1; block++) {
        const int64_t first = strassen_pair(job, block), rows = strassen_pair(job, block + 1) - first;
        for (int64_t from = 0, end; from < p->depth; from = end) {
            end = strassen_end(p->depth, from);
            float *to = v + from * pairs + (first - start) * (end - from);
            for (int64_t row = 0; row < rows; row++) {
                const float *upper = strassen_row(p, job->x, 2 * (first + row));
                const int64_t next = row + 1 < rows ? strassen_row(p, job->x, 2 * (first + row + 1)) - upper
                    : end < p->depth ? strassen_row(p, job->x, 2 * first) - upper + end - from
                    : strassen_row(p, job->x, 2 * (first + rows)) - upper - from;
                strassen_sums(upper, strassen_row(p, job->x, 2 * (first + row) + 1), p->k / 2, from, end, to + row * LANES,
                              rows * LANES, position, next);
            }
        }
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
INLINE void strassen_results(const strassen_job *job, const float *m, int64_t pair, int64_t column, int64_t end, float *y,
                             int64_t stride, int64_t far)
{
    enum { POSITION = STRASSEN_PAIRS * 2 * LANES };
    const kmin_strassen *p = job->p;
    const int64_t half = p->n / 2, row = 2 * pair, other = row + 1;
    const vf low = vset(p->after.low), high = vset(p->after.high);
    const float *residual = job->residual ? job->residual + row * p->n : NULL;
    const float *residual_too = job->residual ? job->residual + other * p->n : NULL;
    const int plain = !residual && other < p->rows;
    float *y_too = y + stride;
    for (; column < end; column += LANES, m += LANES, y += LANES, y_too += LANES) {
        const int64_t left = end - column;
        const vf m1 = vload(m), m2 = vload(m + POSITION), m3 = vload(m + 2 * POSITION), m4 = vload(m + 3 * POSITION),
                 m5 = vload(m + 4 * POSITION), m6 = vload(m + 5 * POSITION), m7 = vload(m + 6 * POSITION);
        const vf first = vadd(vsub(m1, m5), vadd(m4, m7)), second = vadd(m3, m5), third = vadd(m2, m4),
                 fourth = vadd(vsub(m1, m2), vadd(m3, m6));
        if (plain && left >= LANES) { /* the common case, apart: nothing is asked of each vector */
            const vf bias = vload(p->bias + column), bias_too = vload(p->bias + column + half);
            vstore(y, vmin(high, vmax(low, vadd(first, bias))));
            vstore(y + far, vmin(high, vmax(low, vadd(second, bias_too))));
            vstore(y_too, vmin(high, vmax(low, vadd(third, bias))));
            vstore(y_too + far, vmin(high, vmax(low, vadd(fourth, bias_too))));
            continue;
        }
        strassen_store(p, first, residual, y, column, left, low, high);
        strassen_store(p, second, residual, y + far, column + half, left, low, high);
        if (other < p->rows) {
            strassen_store(p, third, residual_too, y_too, column, left, low, high);
            strassen_store(p, fourth, residual_too, y_too + far, column + half, left, low, high);
        }
    }
}

/* Fetches where the results of pairs from .. to - 1 by a panel go, and what is added to them. */
INLINE void strassen_fetch(const strassen_job *job, int64_t from, int64_t to, int64_t column)
{
    const kmin_strassen *p = job->p;
    const int64_t half = p->n / 2;
    for (int64_t row = 2 * from; row < 2 * to && row < p->rows; row++)
        for (int64_t at = column; at <= column + half; at += half) {
            PREFETCH_OWN(job->y + row * p->after.y_stride + at);
            PREFETCH_OWN(job->y + row * p->after.y_stride + at + 2 * LANES - 1);
            if (job->residual)
                PREFETCH(job->residual + row * p->n + at);
        }
}

/* Blocks that go through a panel together: pairs starts[block] .. starts[block + 1] - 1 of a group of `pairs` from `first` on,
   whose sums begin at v. */
typedef struct {
    const float *v;
    int64_t position, first, pairs, blocks, starts[STRASSEN_SET + 1];
} strassen_set;

/* Their products by a panel of `vectors` vectors from `column` on: products[position][pair of STRASSEN_PAIRS][panel]. */
static void strassen_products(const strassen_job *job, const strassen_set *set, int64_t column, int64_t vectors, float *products)
{
    const int64_t depth = job->p->depth, line = vectors * LANES;
    const float *weights = job->p->weights + STRASSEN_POSITIONS * column * depth;
    for (int64_t at = 0; at < STRASSEN_POSITIONS; at++, weights += depth * line, products += STRASSEN_PAIRS * 2 * LANES) {
        const float *v = set->v + at * set->position;
#if DENSE_NEARBY
        const int64_t apace = (4 * line + set->blocks - 1) / set->blocks;
        for (int64_t from = 0, end; from < depth; from = end) {
            end = strassen_end(depth, from);
            const char *ahead = (const char *)(weights + end * line);
            for (int64_t block = 0; block < set->blocks; block++, ahead += (end - from) * apace) {
                const int64_t start = set->starts[block], next = set->starts[block + 1];
                if (at == STRASSEN_POSITIONS - 1 && end == depth && !job->partial)
                    strassen_fetch(job, set->first + start, set->first + next, column);
                strassen_tiles[vectors - 1][next - start - 1](end - from, !from, v + from * set->pairs + start * (end - from),
                                                              weights + from * line, ahead, apace,
                                                              products + (start - set->starts[0]) * 2 * LANES);
            }
        }
#else
        winograd_tiles[KMIN_CHAIN_64][vectors - 1][set->starts[1] - set->starts[0] - 1](
            depth, v + set->starts[0] * depth, weights, products, 2 * LANES, NULL, 0);
#endif
    }
}

/* The results of a block: `rows` pairs from `pair` on, by a panel of columns column .. end - 1; or, where they are reduced at once,
   what they come to together with the blocks before, if it is not the `fresh` first one. */
INLINE void strassen_finish(const strassen_job *job, const float *products, int64_t pair, int64_t rows, int64_t column, int64_t end,
                            int fresh, float *near, vf *so_far)
{
    const kmin_strassen *p = job->p;
    const int64_t panel = 2 * LANES, apart = job->partial ? 2 * panel : p->after.y_stride, far = job->partial ? panel : p->n / 2;
    float *y = job->partial ? near : job->y + 2 * pair * apart + column;
    for (int64_t row = 0; row < rows; row++)
        strassen_results(job, products + row * panel, pair + row, column, end, y + 2 * row * apart, apart, far);
    const int64_t left = p->rows - 2 * pair < 2 * rows ? p->rows - 2 * pair : 2 * rows;
    for (int64_t at = 0; at <= far; at += far) {
        if (job->partial && p->after.map_rows)
            p->after.map_rows(p->after.args, y + at, apart, left, end - column);
        else if (!job->partial)
            finish_rows(&p->after, y + at, left, end - column);
        if (job->partial)
            collect_rows(job->kind, end - column > LANES ? 2 : 1, y + at, left, apart, fresh, so_far + at / panel * 2);
    }
}

/* Blocks block0 .. block1 - 1, the sums of whose pairs begin at v, by panels from .. to - 1. */
static void strassen_block(const strassen_job *job, int64_t block0, int64_t block1, int64_t from, int64_t to, const float *v,
                           int64_t position, float *products)
{
    const kmin_strassen *p = job->p;
    const int64_t half = p->n / 2, panel = 2 * LANES, count = block1 - block0, sets = (count + STRASSEN_SET - 1) / STRASSEN_SET;
    strassen_set set = {.v = v, .position = position, .first = strassen_pair(job, block0)};
    set.pairs = strassen_pair(job, block1) - set.first;
    float near[4 * TILE_ROWS * 2 * LANES];
    if (job->partial)
        memset(near, 0, sizeof(near));
    for (int64_t column = from * panel; column < to * panel && column < half; column += panel) {
        const int64_t vectors = half - column > LANES ? 2 : 1, end = half - column < panel ? half : column + panel;
        vf so_far[4] = {vset(0.0f), vset(0.0f), vset(0.0f), vset(0.0f)};
        for (int64_t number = 0; number < sets; number++) {
            const int64_t begin = number * count / sets;
            set.blocks = (number + 1) * count / sets - begin;
            for (int64_t block = 0; block <= set.blocks; block++)
                set.starts[block] = strassen_pair(job, block0 + begin + block) - set.first;
            strassen_products(job, &set, column, vectors, products);
            for (int64_t block = 0; block < set.blocks; block++)
                strassen_finish(job, products + (set.starts[block] - set.starts[0]) * panel, set.first + set.starts[block],
                                set.starts[block + 1] - set.starts[block], column, end, begin + block == 0, near, so_far);
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
    const int64_t position = (strassen_pair(job, block1) - strassen_pair(job, block0)) * p->depth + KMIN_STRASSEN_APART;
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

/* Scratch of each thread: the number of the group whose sums it holds, these, then the products of a set of blocks by one panel. */
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
