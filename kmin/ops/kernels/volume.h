/* Convolution of volumes whose kernel rows are contiguous, as lines.h does it for images: those of several planes follow each
   other. What a task reads is copied with zeros around it where the volume is padded. */
#ifndef KMIN_VOLUME_H
#define KMIN_VOLUME_H

#include "lines.h"

typedef struct {
    const kmin_volume *p;
    const float *x, *residual;
    float *y;
    char *scratch;
} volume_job;

/* A group of lines of a plane of results. */
static void volume_task(const void *context, int64_t task, int thread)
{
    const volume_job *job = context;
    const kmin_volume *p = job->p;
    const kmin_window *w = &p->w;
    const kmin_geometry *g = &w->g;
    const int64_t plane = task / w->lines, group = task % w->lines, size = g->height * g->width * g->channels;
    const int64_t first = group * g->out_height / w->lines, count = (group + 1) * g->out_height / w->lines - first;
    const int64_t cell = (plane * g->out_height + first) * g->out_width;
    const int64_t z = plane % p->out_depth * p->stride_z - p->front;
    const float *x = job->x + plane / p->out_depth * p->depth * size;
    int64_t line = g->width * g->channels;
    if (w->thread_bytes) {
        const int64_t width = (g->out_width - 1) * g->stride_x + g->kernel_width, lines = lines_read(g, count);
        float *copy = (float *)(job->scratch + thread * w->thread_bytes), *to = copy;
        line = width * g->channels;
        for (int64_t tap = 0; tap < p->kernel_depth; tap++, to += p->copied) {
            const int64_t at = z + tap * p->dilation_z;
            if (at < 0 || at >= p->depth)
                memset(to, 0, (size_t)(4 * lines * line));
            else
                lines_copy(w, x + at * size, first * g->stride_y, lines, width, to);
        }
        x = copy;
    } else {
        x += z * size + first * g->stride_y * line;
    }
    lines_group(w, x, line, count, job->residual ? job->residual + cell * g->filters : NULL,
                job->y + cell * w->after.y_stride);
}

/* Scratch of each thread: what one task reads, where the volume is padded. */
static void volume(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_volume *p = params;
    char *const *results = operands + (p->w.after.residual ? 2 : 1);
    const volume_job job = {p, (const float *)operands[0], p->w.after.residual ? (const float *)operands[1] : NULL,
                            (float *)results[0], p->w.thread_bytes ? results[1] : NULL};
    kmin_parallel(team, volume_task, &job, rows * p->w.g.images * p->out_depth * p->w.lines);
}

#endif
