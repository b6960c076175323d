/* Dense over rows whose values are first multiplied by a gate, one number per sample and column of x: there are fewer weights than
   values, so these are multiplied instead, by each thread for itself. */
#ifndef KMIN_GATED_H
#define KMIN_GATED_H

#include "dense.h"

typedef struct {
    const kmin_gated *p;
    const float *x, *gate, *residual;
    float *y;
    char *scratch;
    int64_t blocks;
} gated_job;

/* The weights times the gate. */
static void gated_weights(const kmin_dense *p, const float *gate, float *scaled)
{
    const float *weights = p->weights;
    for (int64_t column = 0; column < p->n; column += 2 * LANES) {
        const int64_t vectors = p->n - column > LANES ? 2 : 1;
        for (int64_t at = 0; at < p->k; at++) {
            const vf value = vset(gate[at]);
            for (int64_t v = 0; v < vectors; v++, weights += LANES, scaled += LANES)
                vstore(scaled, vmul(value, vload(weights)));
        }
    }
}

static void gated_task(const void *context, int64_t task, int thread)
{
    const gated_job *job = context;
    kmin_dense p = job->p->of;
    const int64_t block = task % job->blocks, sample = task / job->blocks;
    int64_t *held = (int64_t *)(job->scratch + thread * job->p->thread_bytes);
    float *scaled = (float *)((char *)held + KMIN_ALIGN);
    if (*held != sample) { /* else the weights are those of the task before */
        gated_weights(&p, job->gate + sample * p.k, scaled);
        *held = sample;
    }
    p.weights = scaled;
    const int64_t rows = p.rows_per_sample, first = block * rows / job->blocks, last = (block + 1) * rows / job->blocks;
    const int64_t row = sample * rows + first;
    dense_rows(&p, job->x + row * p.k, job->residual ? job->residual + row * p.n : NULL, job->y + row * p.after.y_stride,
               last - first, 0, p.n);
}

/* Scratch of each thread: the number of the sample whose weights it holds, then these. */
static void gated(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_gated *p = params;
    char *const *results = operands + (p->of.after.residual ? 3 : 2);
    gated_job job = {p, (const float *)operands[0], (const float *)operands[1], NULL, (float *)results[0], results[1], 1};
    if (p->of.after.residual)
        job.residual = (const float *)operands[2];
    job.blocks = dense_blocks(&p->of, p->of.rows_per_sample);
    for (int thread = 0; thread < kmin_team_size(team); thread++)
        *(int64_t *)(job.scratch + thread * p->thread_bytes) = -1;
    kmin_parallel(team, gated_task, &job, rows * job.blocks);
}

#endif
