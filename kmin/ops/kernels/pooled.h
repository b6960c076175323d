/* Products whose rows are reduced to one, their largest, their sum or their mean, while they are near: what comes before that
   never goes to memory.

   Rows of a sample are cut into blocks, each of which leaves one row of partial results; these are joined in order, so that
   the result does not depend on who computed them. */
#ifndef KMIN_POOLED_H
#define KMIN_POOLED_H

#include "collect.h"
#include "strassen.h"

typedef struct {
    const kmin_pooled *p;
    const float *x, *residual;
    float *y;
    char *scratch; /* rows of partial results, then what each thread has: one more row, what `held` says, sums of halves */
    int64_t sample; /* the one that all tasks share, or the first */
} pooled_job;

/* Columns from .. to - 1 of rows first .. last - 1. */
static void pooled_plain(const kmin_pooled *p, const float *x, const float *residual, int64_t first, int64_t last, int64_t from,
                         int64_t to, float *partial)
{
    const kmin_dense *of = &p->of;
    const int64_t k = of->k, n = of->n, panel = 2 * LANES, blocks = (last - first + DENSE_BLOCK - 1) / DENSE_BLOCK;
    const dense_shape shape = {k, k, panel, n, vset(of->after.low), vset(of->after.high)};
    float near[(DENSE_NEARBY ? DENSE_BLOCK : TILE_ROWS) * 2 * LANES] = {0};
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t start = first + block * (last - first) / blocks, end = first + (block + 1) * (last - first) / blocks;
        const int64_t tiles = (end - start + TILE_ROWS - 1) / TILE_ROWS;
        for (int64_t column = from; column < to; column += panel) {
            const dense_tile_run *run = dense_panel(n - column);
            const int64_t columns = n - column < panel ? n - column : panel;
            const float *weights = of->weights + column * k, *bias = of->bias + column;
            vf so_far[2] = {vset(0.0f), vset(0.0f)};
            const int together = DENSE_NEARBY && k > DENSE_DEPTH;
#if DENSE_NEARBY
            if (together)
                dense_nearby(&shape, x + start * k, weights, bias, residual ? residual + start * n + column : NULL, near, end - start,
                             tiles, columns, column == from, NULL);
#endif
            for (int64_t tile = 0; tile < tiles; tile++) {
                const int64_t row = start + tile * (end - start) / tiles;
                const int64_t height = start + (tile + 1) * (end - start) / tiles - row;
                float *results = together ? near + (row - start) * panel : near;
                if (!together)
                    run[height - 1](&shape, x + row * k, weights, bias, residual ? residual + row * n + column : NULL, near, columns);
                if (of->after.map_rows)
                    of->after.map_rows(of->after.args, results, panel, height, columns);
                collect_rows(p->kind, columns > LANES ? 2 : 1, results, height, panel, tile == 0, so_far);
            }
            collect_into(p->kind, so_far, columns, block == 0, partial + column);
        }
    }
}

/* Rows of partial results to those of a sample. */
static void pooled_finish(const kmin_pooled *p, const float *partial, int64_t blocks, float *y)
{
    const vf count = vset((float)p->rows);
    for (int64_t column = 0; column < p->columns; column += LANES) {
        vf value = vload(partial + column);
        for (int64_t block = 1; block < blocks; block++)
            value = collect_two(p->kind, value, vload(partial + block * p->padded + column));
        if (p->kind == KMIN_MEAN)
            value = vdiv(value, count);
        if (p->columns - column >= LANES)
            vstore(y + column, value);
        else
            vstore_part(y + column, value, p->columns - column);
    }
}

static void pooled_task(const void *context, int64_t task, int thread)
{
    const pooled_job *job = context;
    const kmin_pooled *p = job->p;
    const int64_t tasks = p->blocks * p->groups, sample = job->sample + task / tasks;
    const int64_t block = task % tasks / p->groups, group = task % p->groups;
    char *own = job->scratch + p->shared_bytes + thread * p->thread_bytes;
    float *partial = tasks > 1 ? (float *)job->scratch + block * p->padded : (float *)own;
    const float *residual = job->residual ? job->residual + sample * p->rows * p->columns : NULL;
    if (p->halves) {
        const kmin_strassen *s = &p->by_halves;
        const strassen_job part = {s, job->x + sample * s->x_sample, residual, NULL, own + 4 * p->padded, (s->rows + 1) / 2,
                                   partial, p->kind};
        strassen_part(&part, sample * p->blocks + block, block, group);
    } else {
        const int64_t panels = (p->columns + 2 * LANES - 1) / (2 * LANES);
        const int64_t from = group * panels / p->groups * 2 * LANES, to = (group + 1) * panels / p->groups * 2 * LANES;
        pooled_plain(p, job->x + sample * p->rows * p->of.k, residual, block * p->rows / p->blocks,
                     (block + 1) * p->rows / p->blocks, from, to < p->columns ? to : p->columns, partial);
    }
    if (tasks == 1)
        pooled_finish(p, partial, 1, job->y + sample * p->columns);
}

static void pooled(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_pooled *p = params;
    char *const *results = operands + 1 + p->of.after.residual;
    pooled_job job = {p, (const float *)operands[0], p->of.after.residual ? (const float *)operands[1] : NULL,
                      (float *)results[0], results[1], 0};
    const int64_t samples = rows * p->outer, tasks = p->blocks * p->groups;
    for (int thread = 0; p->halves && thread < kmin_team_size(team); thread++)
        *(int64_t *)(job.scratch + p->shared_bytes + thread * p->thread_bytes + 4 * p->padded) = -1;
    if (tasks == 1) {
        kmin_parallel(team, pooled_task, &job, samples);
        return;
    }
    for (; job.sample < samples; job.sample++) {
        kmin_parallel(team, pooled_task, &job, tasks);
        pooled_finish(p, (const float *)job.scratch, p->blocks, job.y + job.sample * p->columns);
    }
}

#endif
