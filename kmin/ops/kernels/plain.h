/* Dense layers so large that they wait for weights, which lie as they are given, [k][n], and few rows at a time.

   A task takes DENSE_DEPTH rows of weights, one after the other as they lie in memory, and leaves out those that only meet
   zeros: behind a ReLU, half of them or more are never read. It leaves sums of its own; all are added in order, so that results
   are those of dense.h to the last bit. */
#ifndef KMIN_PLAIN_H
#define KMIN_PLAIN_H

#include "dense.h"

enum {
    PLAIN_FEW = KMIN_PLAIN_FEW,
    PLAIN_AT_ONCE = 8,    /* rows of weights that are added to sums together */
    PLAIN_AHEAD = 4096,   /* floats of them that are on their way meanwhile */
    PLAIN_PIECE = 1024,   /* columns of a task, at least, where blocks alone are too few or sums of all columns too many */
    PLAIN_TASKS = 16,
    PLAIN_FINISH = 4096   /* sums that a task adds up, at least */
};

typedef struct {
    const kmin_plain *p;
    const float *x, *residual;
    float *y, *sums; /* [row][block][width] */
    int64_t rows, blocks, pieces, width; /* width: n, padded to whole panels */
} plain_job;

/* Whether no weight is an infinity or NaN. */
static int plain_finite(const float *weights, int64_t count)
{
    vf zero[4] = {vset(0.0f), vset(0.0f), vset(0.0f), vset(0.0f)};
    int64_t at = 0;
    for (; at + 4 * LANES <= count; at += 4 * LANES)
        UNROLL for (int v = 0; v < 4; v++)
            zero[v] = vfma(vload(weights + at + v * LANES), vset(0.0f), zero[v]);
    float sum = vhsum(vadd(vadd(zero[0], zero[1]), vadd(zero[2], zero[3])));
    for (; at < count; at++)
        sum += weights[at] * 0.0f;
    return sum == 0.0f;
}

/* sums[row] += x[row][places] * the rows of weights at `places`, `count` of them; those at `next` are wanted after them. */
INLINE void plain_add(const int count, const int rows, const int32_t *places, const int32_t *next, int64_t width,
                      const float *weights, int64_t n, const float *x, int64_t k, float *sums, int64_t stride)
{
    const float *w[PLAIN_AT_ONCE], *then[PLAIN_AT_ONCE];
    vf value[PLAIN_FEW][PLAIN_AT_ONCE];
    const int64_t ahead = PLAIN_AHEAD / count < width ? PLAIN_AHEAD / count : width;
    UNROLL for (int at = 0; at < count; at++) {
        w[at] = weights + places[at] * n;
        then[at] = weights + next[at] * n;
        UNROLL for (int row = 0; row < rows; row++)
            value[row][at] = vset(x[row * k + places[at]]);
    }
#define PLAIN_STEP(load)                                                                                      \
    {                                                                                                                \
        vf sum[PLAIN_FEW], of;                                                                                       \
        float *to = sums + column;                                                                                   \
        UNROLL for (int row = 0; row < rows; row++)                                                                  \
            sum[row] = vload(to + row * stride);                                                                     \
        UNROLL for (int at = 0; at < count; at++) {                                                                  \
            of = load;                                                                                               \
            UNROLL for (int row = 0; row < rows; row++)                                                              \
                sum[row] = vfma(value[row][at], of, sum[row]);                                                       \
        }                                                                                                            \
        UNROLL for (int row = 0; row < rows; row++)                                                                  \
            vstore(to + row * stride, sum[row]);                                                                     \
    }
    int64_t column = 0;
    for (; column + ahead + LANES <= width; column += LANES) {
        UNROLL for (int at = 0; at < count; at++)
            PREFETCH_FAR(w[at] + column + ahead);
        PLAIN_STEP(vload(w[at] + column))
    }
    const int64_t turn = column;
    for (; column + LANES <= width; column += LANES) {
        UNROLL for (int at = 0; at < count; at++)
            PREFETCH_FAR(then[at] + column - turn);
        PLAIN_STEP(vload(w[at] + column))
    }
    if (column < width)
        PLAIN_STEP(vload_part(w[at] + column, width - column, vset(0.0f)))
#undef PLAIN_STEP
}

typedef void (*plain_add_run)(const int32_t *, const int32_t *, int64_t, const float *, int64_t, const float *, int64_t, float *,
                              int64_t);

#define PLAIN_ADD(count, rows)                                                                                       \
    static void plain_add_##count##_##rows(const int32_t *places, const int32_t *next, int64_t width,                \
                                           const float *weights, int64_t n, const float *x, int64_t k, float *sums,  \
                                           int64_t stride)                                                           \
    {                                                                                                                \
        plain_add(count, rows, places, next, width, weights, n, x, k, sums, stride);                                 \
    }
PLAIN_ADD(1, 1) PLAIN_ADD(2, 1) PLAIN_ADD(4, 1) PLAIN_ADD(8, 1)
PLAIN_ADD(1, 2) PLAIN_ADD(2, 2) PLAIN_ADD(4, 2)
PLAIN_ADD(1, 3) PLAIN_ADD(2, 3) PLAIN_ADD(4, 3)
PLAIN_ADD(1, 4) PLAIN_ADD(2, 4) PLAIN_ADD(4, 4)

/* By rows, and by the logarithm of how many rows of weights: no more than registers have room for. */
static const plain_add_run plain_adds[PLAIN_FEW][4] = {
    {plain_add_1_1, plain_add_2_1, plain_add_4_1, plain_add_8_1},
    {plain_add_1_2, plain_add_2_2, plain_add_4_2},
    {plain_add_1_3, plain_add_2_3, plain_add_4_3},
    {plain_add_1_4, plain_add_2_4, plain_add_4_4},
};

/* The sums of one block of k, for a piece of the columns. */
static void plain_sums_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const plain_job *job = context;
    const kmin_plain *p = job->p;
    const int64_t block = task / job->pieces, piece = task % job->pieces, wide = 2 * LANES, panels = job->width / wide;
    const int64_t column = piece * panels / job->pieces * wide, end = (piece + 1) * panels / job->pieces * wide;
    const int64_t first = block * DENSE_DEPTH, deep = p->k - first < DENSE_DEPTH ? p->k - first : DENSE_DEPTH;
    const float *x = job->x + first, *weights = p->weights + first * p->n + column;
    float *sums = job->sums + block * job->width + column;
    const int64_t stride = job->blocks * job->width, width = (end < p->n ? end : p->n) - column;
    int32_t places[DENSE_DEPTH + PLAIN_AT_ONCE];
    int64_t count = 0;
    for (int32_t at = 0; at < deep; at++) {
        int wanted = !p->finite;
        for (int64_t row = 0; row < job->rows; row++)
            wanted |= x[row * p->k + at] != 0.0f;
        places[count] = at;
        count += wanted;
    }
    for (int at = 0; at < PLAIN_AT_ONCE; at++)
        places[count + at] = places[count > 0 ? count - 1 : 0];
    for (int64_t row = 0; row < job->rows; row++)
        memset(sums + row * stride, 0, sizeof(float) * (size_t)(end - column));
    const int most = job->rows == 1 ? 3 : 2;
    const plain_add_run *run = plain_adds[job->rows - 1];
    int64_t done = 0;
    for (int log = most; log >= 0; log--)
        for (; done + (1 << log) <= count; done += 1 << log)
            run[log](places + done, places + done + (1 << log), width, weights, p->n, x, p->k, sums, stride);
}

/* dense_store of a row of a panel, of which `left` columns or fewer are left. */
INLINE void plain_store(const dense_shape *shape, vf (*sum)[8], const float *bias, const float *residual, float *y, int64_t left)
{
    if (left > LANES)
        dense_store(1, 2, shape, sum, bias, residual, y, left < 2 * LANES ? left : 2 * LANES);
    else
        dense_store(1, 1, shape, sum, bias, residual, y, left);
}

/* Sums to results: columns of some panels, all rows. */
static void plain_finish_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const plain_job *job = context;
    const kmin_plain *p = job->p;
    const int64_t wide = 2 * LANES, panels = job->width / wide, n = p->n, stride = p->after.y_stride;
    const int64_t from = task * panels / job->pieces * wide, to = (task + 1) * panels / job->pieces * wide;
    const dense_shape shape = {p->k, p->k, stride, n, vset(p->after.low), vset(p->after.high)};
    for (int64_t column = from; column < to; column += wide)
        for (int64_t row = 0; row < job->rows; row++) {
            const float *sums = job->sums + row * job->blocks * job->width + column;
            vf sum[1][8] = {{vset(0.0f), vset(0.0f)}};
            for (int64_t block = 0; block < job->blocks; block++)
                UNROLL for (int v = 0; v < 2; v++)
                    sum[0][v] = vadd(sum[0][v], vload(sums + block * job->width + v * LANES));
            plain_store(&shape, sum, p->bias + column, job->residual ? job->residual + row * n + column : NULL,
                        job->y + row * stride + column, n - column);
        }
    finish_rows(&p->after, job->y + from, job->rows, (to < n ? to : n) - from);
}

static void plain(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_plain *p = params;
    char *const *results = operands + 1 + p->after.residual;
    const int64_t wide = 2 * LANES, panels = (p->n + wide - 1) / wide, blocks = (p->k + DENSE_DEPTH - 1) / DENSE_DEPTH;
    plain_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                     (float *)results[0], (float *)results[1], 0, blocks, 1, panels * wide};
    for (; rows > 0; rows -= job.rows) {
        job.rows = rows < PLAIN_FEW ? rows : PLAIN_FEW;
        const int64_t most = (p->n + PLAIN_PIECE - 1) / PLAIN_PIECE, pieces = (PLAIN_TASKS + blocks - 1) / blocks;
        job.pieces = job.rows > 1 || pieces > most ? most : pieces;
        kmin_parallel(team, plain_sums_task, &job, blocks * job.pieces);
        const int64_t tasks = job.rows * blocks * job.width / PLAIN_FINISH, least = panels < PLAIN_TASKS ? panels : PLAIN_TASKS;
        job.pieces = tasks < 1 ? 1 : tasks < least ? tasks : least;
        kmin_parallel(team, plain_finish_task, &job, job.pieces);
        job.x += job.rows * p->k;
        job.y += job.rows * p->after.y_stride;
        job.residual = job.residual ? job.residual + job.rows * p->n : NULL;
    }
}

#endif
