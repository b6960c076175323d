/* Normalisation: values centred and scaled by moments of their own sample.

   Mean and variance take a pass each, in sums of NORM_RUN vectors at most, so that long axes and large means lose few
   digits. */
#ifndef KMIN_NORM_H
#define KMIN_NORM_H

#include "split.h"

enum { NORM_RUN = 64, NORM_ROWS = 32 };

/* Sum of x - shift, or of its square. */
INLINE float norm_sum(const int square, const float *x, int64_t n, float shift)
{
    const vf away = vset(shift);
    vf total = vset(0.0f);
    for (int64_t first = 0; first < n; first += NORM_RUN * LANES) {
        const int64_t last = n - first < NORM_RUN * LANES ? n : first + NORM_RUN * LANES;
        vf sum[4];
        UNROLL for (int v = 0; v < 4; v++)
            sum[v] = vset(0.0f);
        int64_t at = first;
        for (; at + 4 * LANES <= last; at += 4 * LANES)
            UNROLL for (int v = 0; v < 4; v++) {
                const vf value = vsub(vload(x + at + v * LANES), away);
                sum[v] = square ? vfma(value, value, sum[v]) : vadd(sum[v], value);
            }
        for (; at < last; at += LANES) {
            const vf value = vsub(last - at < LANES ? vload_part(x + at, last - at, away) : vload(x + at), away);
            sum[0] = square ? vfma(value, value, sum[0]) : vadd(sum[0], value);
        }
        total = vadd(total, vadd(vadd(sum[0], sum[1]), vadd(sum[2], sum[3])));
    }
    return vhsum(total);
}

/* 1 / length from a sum of squares over `count` values. */
INLINE float norm_scale(const kmin_norm *p, float squares, float count)
{
    if (p->length) {
        const float length = sqrtf(squares);
        return 1.0f / (length > p->epsilon || length != length ? length : p->epsilon);
    }
    return 1.0f / sqrtf(squares / count + p->epsilon);
}

/* y = (x - mean) * (scale * gamma) + beta, gamma and beta vectors or absent. */
INLINE void norm_apply(const float *x, float *y, int64_t n, float mean, float scale, const float *gamma,
                       const float *beta)
{
    const vf away = vset(mean), by = vset(scale), none = vset(0.0f);
    int64_t at = 0;
    for (; at + LANES <= n; at += LANES) {
        const vf value = vsub(vload(x + at), away), factor = gamma ? vmul(by, vload(gamma + at)) : by;
        vstore(y + at, beta ? vfma(value, factor, vload(beta + at)) : vmul(value, factor));
    }
    if (at < n) {
        const int64_t rest = n - at;
        const vf value = vsub(vload_part(x + at, rest, none), away);
        const vf factor = gamma ? vmul(by, vload_part(gamma + at, rest, none)) : by;
        vstore_part(y + at, beta ? vfma(value, factor, vload_part(beta + at, rest, none)) : vmul(value, factor), rest);
    }
}

typedef struct {
    const kmin_norm *p;
    const float *x;
    float *y;
    int64_t rows, tasks;
} norm_job;

static void norm_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const norm_job *job = context;
    const kmin_norm *p = job->p;
    const int64_t n = p->n, weights = n / p->run;
    const int64_t first = task * job->rows / job->tasks, last = (task + 1) * job->rows / job->tasks;
    for (int64_t row = first; row < last; row++) {
        const float *x = job->x + row * n;
        float *y = job->y + row * n;
        const float mean = p->centred ? norm_sum(0, x, n, 0.0f) / (float)n : 0.0f;
        const float scale = norm_scale(p, norm_sum(1, x, n, mean), (float)n);
        const float shift = p->keeps_mean ? 0.0f : mean;
        const float *gamma = p->gamma ? p->gamma + row % p->period * weights : NULL;
        const float *beta = p->beta ? p->beta + row % p->period * weights : NULL;
        if (p->run == 1) {
            norm_apply(x, y, n, shift, scale, gamma, beta);
            continue;
        }
        for (int64_t at = 0; at < weights; at++, x += p->run, y += p->run) {
            const float factor = gamma ? scale * gamma[at] : scale, offset = beta ? beta[at] : 0.0f;
            const vf away = vset(shift), by = vset(factor), plus = vset(offset);
            int64_t i = 0;
            for (; i + LANES <= p->run; i += LANES)
                vstore(y + i, vfma(vsub(vload(x + i), away), by, plus));
            if (i < p->run)
                vstore_part(y + i, vfma(vsub(vload_part(x + i, p->run - i, away), away), by, plus), p->run - i);
        }
    }
}

/* Moments over contiguous values. */
static void norm(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_norm *p = params;
    norm_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->outer, 1};
    job.tasks = light_tasks(job.rows, 2 * p->n);
    kmin_parallel(team, norm_task, &job, job.tasks);
}

/* Moments over `count` rows of `columns` values, of each column or of groups of neighbouring ones. The scratch holds a row of
   sums for each task, then the means and the scales of all columns. */
typedef struct {
    const kmin_norm_columns *p;
    const float *x;
    float *y, *sums, *means, *scales;
    int64_t tasks;
    int step; /* 0: sums; 1: squares; 2: results */
} norm_columns_job;

INLINE void norm_columns_sum(const int square, const float *x, const float *means, float *sums, int64_t rows,
                             int64_t columns)
{
    const vf none = vset(0.0f);
    for (int64_t at = 0; at < columns; at += LANES) {
        const int64_t part = columns - at < LANES ? columns - at : LANES;
        const vf mean = square ? vload_part(means + at, part, none) : none;
        vf total = none;
        for (int64_t first = 0; first < rows; first += NORM_ROWS) {
            const int64_t last = rows - first < NORM_ROWS ? rows : first + NORM_ROWS;
            vf sum = none;
            for (int64_t row = first; row < last; row++) {
                const float *from = x + row * columns + at;
                const vf value = vsub(part == LANES ? vload(from) : vload_part(from, part, mean), mean);
                sum = square ? vfma(value, value, sum) : vadd(sum, value);
            }
            total = vadd(total, sum);
        }
        vstore_part(sums + at, total, part);
    }
}

static void norm_columns_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const norm_columns_job *job = context;
    const kmin_norm_columns *p = job->p;
    const int64_t columns = p->columns;
    const int64_t first = task * p->count / job->tasks, last = (task + 1) * p->count / job->tasks;
    const float *x = job->x + first * columns;
    if (job->step == 0) {
        norm_columns_sum(0, x, NULL, job->sums + task * columns, last - first, columns);
        return;
    }
    if (job->step == 1) {
        norm_columns_sum(1, x, job->means, job->sums + task * columns, last - first, columns);
        return;
    }
    for (int64_t row = first; row < last; row++, x += columns) {
        float *y = job->y + row * columns;
        const vf factor = vset(p->by_row && p->of.gamma ? p->of.gamma[row] : 1.0f);
        const vf offset = vset(p->by_row && p->of.beta ? p->of.beta[row] : 0.0f), none = vset(0.0f);
        for (int64_t at = 0; at < columns; at += LANES) {
            const int64_t part = columns - at < LANES ? columns - at : LANES;
            const vf mean = p->of.keeps_mean ? none : vload_part(job->means + at, part, none);
            const vf scale = vmul(vload_part(job->scales + at, part, none), factor);
            const vf plus = p->by_row || !p->of.beta ? offset : vload_part(p->of.beta + at, part, none);
            vstore_part(y + at, vfma(vsub(vload_part(x + at, part, none), mean), scale, plus), part);
        }
    }
}

/* The sums of all tasks, those of a group's columns joined; mean: divided by the count, else made to scales. */
static void norm_columns_join(const norm_columns_job *job, int mean)
{
    const kmin_norm_columns *p = job->p;
    const float count = (float)(p->count * p->group);
    for (int64_t first = 0; first < p->columns; first += p->group) {
        float total = 0.0f;
        for (int64_t at = first; at < first + p->group; at++) {
            float sum = 0.0f;
            for (int64_t task = 0; task < job->tasks; task++)
                sum += job->sums[task * p->columns + at];
            total += sum;
        }
        const float value = mean ? total / count : norm_scale(&p->of, total, count);
        for (int64_t at = first; at < first + p->group; at++) {
            if (mean)
                job->means[at] = value;
            else
                job->scales[at] = p->of.gamma && !p->by_row ? value * p->of.gamma[at] : value;
        }
    }
}

static void norm_columns(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_norm_columns *p = params;
    const int64_t size = p->count * p->columns;
    norm_columns_job job = {.p = p, .sums = (float *)operands[2], .tasks = p->tasks};
    job.means = job.sums + p->tasks * p->columns;
    job.scales = job.means + p->columns;
    for (int64_t at = 0; at < rows * p->of.outer; at++) {
        job.x = (const float *)operands[0] + at * size;
        job.y = (float *)operands[1] + at * size;
        memset(job.means, 0, (size_t)p->columns * 4);
        if (p->of.centred) {
            job.step = 0;
            kmin_parallel(team, norm_columns_task, &job, job.tasks);
            norm_columns_join(&job, 1);
        }
        job.step = 1;
        kmin_parallel(team, norm_columns_task, &job, job.tasks);
        norm_columns_join(&job, 0);
        job.step = 2;
        kmin_parallel(team, norm_columns_task, &job, job.tasks);
    }
}

#endif
