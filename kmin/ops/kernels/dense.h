/* Dense: rows of x times packed weights, in tasks of blocks of rows by groups of columns. */
#ifndef KMIN_DENSE_H
#define KMIN_DENSE_H

#include "dense_nearby.h"

/* Columns from .. to - 1 of `rows` rows; `from` begins a panel, `to` ends one or is n. */
static void dense_rows(const kmin_dense *p, const float *x, const float *residual, float *y, int64_t rows, int64_t from,
                       int64_t to)
{
    const int64_t k = p->k, n = p->n, panel = 2 * LANES, stride = p->after.y_stride;
    const dense_shape shape = {k, k, stride, n, vset(p->after.low), vset(p->after.high)};
    /* Narrow rows that follow each other are one long row to a function. */
    const int at_once = rows <= 3 || (n <= panel && n == stride);
    int64_t column = from;
#define RESIDUAL(row) (residual ? residual + (row) * n + column : NULL)
    if (rows == 1 && p->fixed.words)
        for (; column + FIXED_COLUMNS <= to; column += FIXED_COLUMNS) {
            vf sum[1][8];
            if (fixed_sums(&p->fixed, column / FIXED_COLUMNS, k, x, sum[0]))
                dense_store(1, 4, &shape, sum, p->bias + column, RESIDUAL(0), y + column, FIXED_COLUMNS);
            else
                dense_1_2(&shape, x, p->weights + column * k, p->bias + column, RESIDUAL(0), y + column, FIXED_COLUMNS);
        }
    if (rows == 1)
        for (; column + 4 * panel <= to; column += 4 * panel)
            dense_1_4(&shape, x, p->weights + column * k, p->bias + column, RESIDUAL(0), y + column, 4 * panel);
    if (rows > 0 && rows <= 3) { /* few rows: more panels at a time keep enough sums in flight */
        const dense_tile_run run = rows == 1 ? dense_1_2 : rows == 2 ? dense_2_2 : dense_3_2;
        for (; column + 2 * panel <= to; column += 2 * panel)
            run(&shape, x, p->weights + column * k, p->bias + column, RESIDUAL(0), y + column, 2 * panel);
    }
    const int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (; column < to; column += panel) {
        const dense_tile_run *run = rows == 1 && k > DENSE_DEPTH ? &dense_deep_tiles[n - column > LANES] : dense_panel(n - column);
        const int64_t columns = n - column < panel ? n - column : panel;
#if DENSE_NEARBY
        if ((k > DENSE_DEPTH / 2 || column == from) && tiles > 2 && rows <= DENSE_BLOCK) {
            dense_nearby(&shape, x, p->weights + column * k, p->bias + column, RESIDUAL(0), y + column, rows, tiles, columns,
                         column == from, at_once ? NULL : &p->after);
            continue;
        }
#endif
        for (int64_t tile = 0; tile < tiles; tile++) { /* tiles of equal height, give or take one row */
            int64_t first = tile * rows / tiles, height = (tile + 1) * rows / tiles - first;
#if DENSE_NEARBY
            dense_fetch(&shape, RESIDUAL(first), y + first * stride + column, height);
#endif
            run[height - 1](&shape, x + first * k, p->weights + column * k, p->bias + column, RESIDUAL(first),
                            y + first * stride + column, columns);
            if (!at_once)
                finish_rows(&p->after, y + first * stride + column, height, columns);
        }
    }
#undef RESIDUAL
    if (at_once)
        finish_rows(&p->after, y + from, rows, to - from);
}

/* A grid of tasks: blocks of rows that stay in the cache while all columns of the task are computed. */
typedef struct {
    const kmin_dense *p;
    const float *x, *residual;
    float *y;
    int64_t rows, blocks, groups;
} dense_job;

enum {
    DENSE_TASK = 1 << 18,     /* products in a task, at least */
    DENSE_TASK_BYTES = 1 << 16, /* or weights, when there are so few rows that reading them takes longer */
    DENSE_TASKS = 32,
    DENSE_NEAR = 1 << 17 /* weights that every thread may read, at most: they stay in its own cache */
};

/* Into how many blocks rows are split: an even number where panels alone would not go evenly to the threads, or where rows are
   many and weights few, so that a thread finds its rows where it left them in the step before. */
static int64_t dense_blocks(const kmin_dense *p, int64_t rows)
{
    const int64_t blocks = (rows + DENSE_BLOCK - 1) / DENSE_BLOCK, few = 16 * 2 * LANES;
    const int64_t even = rows >= 7 * TILE_ROWS ? 8 : rows >= 3 * TILE_ROWS ? 4 : rows >= TILE_ROWS + 2 ? 2 : 1;
    if ((even == 8 && p->k * p->n <= DENSE_NEAR) || (p->n < few && p->n % (4 * LANES)))
        return blocks < even ? even : (blocks + 1) / 2 * 2;
    return blocks;
}

/* The block and the group of a task: of each half of the blocks, where they have halves, all groups of columns, and all blocks
   of a group. */
INLINE void dense_place(int64_t task, int64_t blocks, int64_t groups, int64_t *block, int64_t *group)
{
    const int64_t side = blocks % 2 ? blocks : blocks / 2, half = task / (side * groups);
    *block = half * side + task % side;
    *group = task / side % groups;
}

/* Into how many groups of columns `blocks` blocks of rows are split further. */
static int64_t dense_groups(const kmin_dense *p, int64_t rows, int64_t blocks)
{
    const int64_t panels = (p->n + 2 * LANES - 1) / (2 * LANES);
    int64_t tasks = rows * p->k * p->n / DENSE_TASK, least = 4 * p->k * p->n / DENSE_TASK_BYTES;
    if (rows <= 3)
        tasks = least;
    tasks = tasks < DENSE_TASKS ? tasks : DENSE_TASKS;
    const int64_t groups = (tasks + blocks - 1) / blocks, most = rows <= 3 ? (panels + 1) / 2 : panels;
    return groups < 1 ? 1 : groups < most ? groups : most;
}

static void dense_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const dense_job *job = context;
    const kmin_dense *p = job->p;
    int64_t block, group;
    dense_place(task, job->blocks, job->groups, &block, &group);
    const int64_t wide = job->rows == 1 && p->fixed.words ? FIXED_COLUMNS : 2 * LANES, panels = (p->n + wide - 1) / wide;
    const int64_t first = block * job->rows / job->blocks, last = (block + 1) * job->rows / job->blocks;
    const int64_t from = group * panels / job->groups * wide, to = (group + 1) * panels / job->groups * wide;
    dense_rows(p, job->x + first * p->k, job->residual ? job->residual + first * p->n : NULL,
               job->y + first * p->after.y_stride, last - first, from, to < p->n ? to : p->n);
}

/* One row's columns of a part: whole groups of fixed-point numbers, or as many panels at a time as single rows have. */
static void dense_part(const void *params, char *const *operands, int64_t part, int64_t parts)
{
    const kmin_dense *p = params;
    const float *x = (const float *)operands[0], *residual = p->after.residual ? (const float *)operands[1] : NULL;
    float *y = (float *)operands[p->after.residual ? 2 : 1];
    const int64_t wide = p->fixed.words ? FIXED_COLUMNS : 4 * LANES, groups = (p->n + wide - 1) / wide;
    const int64_t from = part * groups / parts * wide, to = (part + 1) * groups / parts * wide;
    dense_rows(p, x, residual, y, 1, from, to < p->n ? to : p->n);
}

static void dense(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_dense *p = params;
    dense_job job = {p, (const float *)operands[0], NULL, (float *)operands[1], rows * p->rows_per_sample, 1, 1};
    if (p->after.residual) {
        job.residual = job.y;
        job.y = (float *)operands[2];
    }
    if (job.rows == 0)
        return;
    kmin_dense of_several;
    if (job.rows > 1 && p->fixed.words) { /* a block of them may be one row, of a group that begins within one of numbers */
        of_several = *p;
        of_several.fixed.words = NULL;
        job.p = p = &of_several;
    }
    if (job.rows <= DENSE_BLOCK && (job.rows <= 3 ? 8 : job.rows) * p->k * p->n < DENSE_TASK) { /* one task */
        dense_rows(p, job.x, job.residual, job.y, job.rows, 0, p->n);
        return;
    }
    job.blocks = dense_blocks(p, job.rows);
    job.groups = dense_groups(p, job.rows, job.blocks);
    kmin_parallel(team, dense_task, &job, job.blocks * job.groups);
}

#endif
