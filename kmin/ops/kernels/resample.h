/* Results that are taken from, or are weighted sums or the largest of, a few cells along each of three axes: cropping,
   upsampling, padding with what is there, resizing, pooling of volumes and adaptive pooling. */
#ifndef KMIN_RESAMPLE_H
#define KMIN_RESAMPLE_H

#include "merge.h"
#include "split.h"

enum { RESAMPLE_LINES = 256 };

typedef struct {
    const kmin_resample *p;
    const float *x;
    float *y;
    int64_t rows, tasks; /* rows of results of all images */
} resample_job;

INLINE void resample_fill(float *to, float value, int64_t count)
{
    for (int64_t at = 0; at < count; at++)
        to[at] = value;
}

/* One cell per result: whole runs of neighbours are copied. */
static void resample_copy(const kmin_resample *p, const float *line, float *y)
{
    const kmin_sample_axis *axis = &p->axes[2];
    const int64_t c = p->channels, *cells = axis->cells;
    for (int64_t at = 0, end; at < axis->out; at = end) {
        for (end = at + 1; end < axis->out && (cells[at] < 0 ? cells[end] < 0 : cells[end] == cells[at] + end - at);)
            end++;
        if (!line || cells[at] < 0)
            resample_fill(y + at * c, p->fill, (end - at) * c);
        else
            memcpy(y + at * c, line + cells[at] * c, (size_t)(4 * (end - at) * c));
    }
}

/* `lanes` channels of one result. */
INLINE vf resample_cell(const kmin_resample *p, const int part, const float *const *lines, const float *weights, int64_t count,
                        int64_t column, int64_t channel, int64_t lanes)
{
    const kmin_sample_axis *axis = &p->axes[2];
    const int64_t *cells = axis->cells + column * axis->taps;
    vf result = p->maximum ? vset(-INFINITY) : vset(0.0f);
    for (int64_t line = 0; line < count; line++) {
        vf sum = result;
        if (!p->maximum)
            sum = vset(0.0f);
        for (int64_t tap = 0; tap < axis->taps; tap++) {
            if (cells[tap] < 0)
                continue;
            const float *from = lines[line] + cells[tap] * p->channels + channel;
            const vf value = part ? vload_part(from, lanes, vset(0.0f)) : vload(from);
            sum = p->maximum ? p_maximum(sum, value) : vfma(vset(axis->weights[column * axis->taps + tap]), value, sum);
        }
        result = p->maximum ? sum : vfma(vset(weights[line]), sum, result);
    }
    return result;
}

static void resample_row(const kmin_resample *p, const float *x, float *y, int64_t z, int64_t row)
{
    const kmin_sample_axis *axes = p->axes;
    const int64_t c = p->channels, line = axes[2].size * c;
    const float *lines[RESAMPLE_LINES];
    float weights[RESAMPLE_LINES];
    int64_t count = 0;
    for (int64_t i = z * axes[0].taps; i < (z + 1) * axes[0].taps; i++)
        for (int64_t j = row * axes[1].taps; j < (row + 1) * axes[1].taps; j++)
            if (axes[0].cells[i] >= 0 && axes[1].cells[j] >= 0) {
                weights[count] = axes[0].weights[i] * axes[1].weights[j];
                lines[count++] = x + (axes[0].cells[i] * axes[1].size + axes[1].cells[j]) * line;
            }
    if (p->copies) {
        resample_copy(p, count ? lines[0] : NULL, y);
        return;
    }
    for (int64_t column = 0; column < axes[2].out; column++, y += c) {
        int64_t at = 0;
        for (; at + LANES <= c; at += LANES)
            vstore(y + at, resample_cell(p, 0, lines, weights, count, column, at, LANES));
        if (at < c)
            vstore_part(y + at, resample_cell(p, 1, lines, weights, count, column, at, c - at), c - at);
    }
}

static void resample_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const resample_job *job = context;
    const kmin_resample *p = job->p;
    const kmin_sample_axis *axes = p->axes;
    const int64_t image = axes[0].size * axes[1].size * axes[2].size * p->channels;
    for (int64_t at = task * job->rows / job->tasks; at < (task + 1) * job->rows / job->tasks; at++)
        resample_row(p, job->x + at / axes[1].out / axes[0].out * image, job->y + at * axes[2].out * p->channels,
                     at / axes[1].out % axes[0].out, at % axes[1].out);
}

static void resample(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_resample *p = params;
    const kmin_sample_axis *axes = p->axes;
    resample_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->images * axes[0].out * axes[1].out, 1};
    job.tasks = light_tasks(job.rows, axes[2].out * p->channels * (axes[0].taps * axes[1].taps * axes[2].taps + 1));
    kmin_parallel(team, resample_task, &job, job.tasks);
}

#endif
