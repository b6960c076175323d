/* Softmax and log softmax over the last axis. Sums are taken in short chains that are joined in double precision:
   beside the largest value of a long row, the many small ones would be lost one by one. Where a sample has many short
   rows, a vector holds one value of each of several rows. */
#ifndef KMIN_SOFTMAX_H
#define KMIN_SOFTMAX_H

#include "split.h"
#include "vmath.h"

enum { SOFTMAX_RUN = 32, SHORT_ROW = 24 };

/* At most LANES rows of n <= SHORT_ROW values, side by side. */
static void softmax_rows(const float *x, float *y, int64_t rows, int64_t n, int logarithm)
{
    float column[SHORT_ROW * LANES];
    for (int64_t at = 0; at < n; at++) {
        for (int64_t row = 0; row < rows; row++)
            column[at * LANES + row] = x[row * n + at];
        for (int64_t row = rows; row < LANES; row++)
            column[at * LANES + row] = 0.0f;
    }
    vf top = vload(column);
    for (int64_t at = 1; at < n; at++)
        top = vmax(top, vload(column + at * LANES));
    vf total = vset(0.0f);
    for (int64_t at = 0; at < n; at++) {
        const vf distance = vsub(vload(column + at * LANES), top);
        const vf e = vexp(distance);
        total = vadd(total, e);
        vstore(column + at * LANES, logarithm ? distance : e);
    }
    const vf scale = logarithm ? vlog(total) : vdiv(vset(1.0f), total);
    for (int64_t at = 0; at < n; at++) {
        const vf value = vload(column + at * LANES);
        vstore(column + at * LANES, logarithm ? vsub(value, scale) : vmul(value, scale));
        for (int64_t row = 0; row < rows; row++)
            y[row * n + at] = column[at * LANES + row];
    }
}

static void softmax_row(const float *x, float *y, int64_t n, int logarithm)
{
    vf top = vset(-INFINITY);
    int64_t whole = n - n % LANES;
    int64_t rest = n - whole;
    for (int64_t at = 0; at < whole; at += LANES)
        top = vmax(top, vload(x + at));
    if (rest)
        top = vmax(top, vload_part(x + whole, rest, vset(-INFINITY)));
    vf shift = vset(vhmax(top));
    double sum = 0;
    for (int64_t first = 0; first < whole; first += SOFTMAX_RUN * LANES) {
        const int64_t last = whole - first < SOFTMAX_RUN * LANES ? whole : first + SOFTMAX_RUN * LANES;
        vf part = vset(0.0f);
        for (int64_t at = first; at < last; at += LANES) {
            vf e = vexp(vsub(vload(x + at), shift));
            part = vadd(part, e);
            if (!logarithm)
                vstore(y + at, e);
        }
        sum += (double)vhsum(part);
    }
    if (rest) {
        vf e = vexp(vsub(vload_part(x + whole, rest, vset(-INFINITY)), shift));
        /* Lanes past the end hold e^-inf = 0, or NaN where the row itself gives NaN. */
        sum += (double)vhsum(e);
        if (!logarithm)
            vstore_part(y + whole, e, rest);
    }
    vf total = vset((float)sum);
    if (logarithm) {
        vf log_total = vlog(total);
        for (int64_t at = 0; at < whole; at += LANES)
            vstore(y + at, vsub(vsub(vload(x + at), shift), log_total));
        if (rest)
            vstore_part(y + whole, vsub(vsub(vload_part(x + whole, rest, shift), shift), log_total), rest);
        return;
    }
    vf scale = vdiv(vset(1.0f), total);
    for (int64_t at = 0; at < whole; at += LANES)
        vstore(y + at, vmul(vload(y + at), scale));
    if (rest)
        vstore_part(y + whole, vmul(vload_part(y + whole, rest, scale), scale), rest);
}

typedef struct {
    const kmin_softmax *p;
    const float *x;
    float *y;
    int64_t rows, tasks;
} softmax_job;

static void softmax_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const softmax_job *job = context;
    const int64_t n = job->p->n, first = task * job->rows / job->tasks, end = (task + 1) * job->rows / job->tasks;
    const int64_t step = n <= SHORT_ROW && job->p->rows_per_sample >= LANES ? LANES : 1;
    for (int64_t row = first; row < end; row += step) {
        const int64_t count = end - row < step ? end - row : step;
        (step > 1 ? softmax_rows(job->x + row * n, job->y + row * n, count, n, job->p->logarithm)
                  : softmax_row(job->x + row * n, job->y + row * n, n, job->p->logarithm));
    }
}

static void softmax(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_softmax *p = params;
    softmax_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->rows_per_sample, 1};
    job.tasks = light_tasks(job.rows, 4 * p->n);
    kmin_parallel(team, softmax_task, &job, job.tasks);
}

#endif
