/* Convolution of volumes by minimal filtering of their planes (winograd.h): what is transformed of the planes that a window
   reads are channels of one product, whose sums are transformed back once. */
#ifndef KMIN_VOLUME_FILTER_H
#define KMIN_VOLUME_FILTER_H

#include "winograd.h"

typedef struct {
    const kmin_volume_filter *p;
    const float *x, *residual;
    float *y;
    char *scratch;
} volume_filter_job;

/* The cells of `count` tiles of the planes from number z of a volume on. */
static void volume_filter_gather(const kmin_volume_filter *p, const float *x, int64_t z, int64_t first, int64_t count, float *v)
{
    const kmin_winograd *w = &p->w;
    const int64_t blocks = (count + TILE_ROWS - 1) / TILE_ROWS, each = w->depth / p->kernel_depth;
    const int64_t positions = winograd_positions(w), position = count * w->depth;
    const int64_t size = w->g.height * w->g.width * w->g.channels;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t start = block * count / blocks, rows = (block + 1) * count / blocks - start;
        float *to = v + start * w->depth;
        for (int64_t tap = 0; tap < p->kernel_depth; tap++, to += each * rows) {
            const int64_t plane = z + tap * p->dilation_z;
            const int inside = plane >= 0 && plane < p->depth;
            for (int64_t row = 0; inside && row < rows; row++)
                winograd_read(w, x + plane * size, first + start + row, to, rows, row, position);
            for (int64_t at = 0; !inside && at < positions; at++)
                memset(to + at * position, 0, (size_t)(4 * each * rows));
        }
    }
}

/* A group of tiles of a plane of results, in memory of the thread. */
static void volume_filter_task(const void *context, int64_t task, int thread)
{
    const volume_filter_job *job = context;
    const kmin_volume_filter *p = job->p;
    const kmin_winograd *w = &p->w;
    const kmin_geometry *g = &w->g;
    const int64_t positions = winograd_positions(w), tiles = w->tiles_x * w->tiles_y, panel = 2 * LANES;
    const int64_t plane = task / w->groups, group = task % w->groups, cells = plane * g->out_height * g->out_width;
    const int64_t first = group * tiles / w->groups, count = (group + 1) * tiles / w->groups - first;
    const int64_t position = count * w->depth;
    const float *x = job->x + plane / p->out_depth * p->depth * g->height * g->width * g->channels;
    const float *residual = job->residual ? job->residual + cells * g->filters : NULL;
    float *y = job->y + cells * w->after.y_stride;
    float *v = (float *)(job->scratch + thread * w->thread_bytes), *sums = v + positions * position;
    volume_filter_gather(p, x, plane % p->out_depth * p->stride_z - p->front, first, count, v);
    for (int64_t column = 0; column < g->filters; column += panel) {
        const int64_t end = g->filters - column < panel ? g->filters : column + panel;
        for (int64_t at = 0; at < positions; at++)
            winograd_product(w, at, column, count, v + at * position, sums + at * count * panel, panel);
        for (int64_t at = 0; at < count; at++)
            winograd_write(w, sums + at * panel, count * panel, first + at, column, end, residual, y);
    }
}

static void volume_filter(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_volume_filter *p = params;
    char *const *results = operands + (p->w.after.residual ? 2 : 1);
    const volume_filter_job job = {p, (const float *)operands[0],
                                   p->w.after.residual ? (const float *)operands[1] : NULL, (float *)results[0], results[1]};
    kmin_parallel(team, volume_filter_task, &job, rows * p->w.g.images * p->out_depth * p->w.groups);
}

#endif
