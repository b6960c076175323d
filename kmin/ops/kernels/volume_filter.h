/* Convolution of volumes by minimal filtering of their planes (winograd.h): what is transformed of the planes that a window
   reads are channels of one product, whose sums are transformed back once. Tiles are counted through all planes of results. */
#ifndef KMIN_VOLUME_FILTER_H
#define KMIN_VOLUME_FILTER_H

#include "winograd.h"

typedef struct {
    const kmin_volume_filter *p;
    const float *x, *residual;
    float *y, *v, *sums;
    char *scratch;
} volume_filter_job;

INLINE int64_t volume_filter_tiles(const kmin_volume_filter *p)
{
    return p->out_depth * p->w.tiles_y * p->w.tiles_x;
}

/* Cells of a plane outside, `each` channels of one row of a block of `rows`. */
INLINE void volume_filter_clear(int64_t positions, int64_t each, float *v, int64_t rows, int64_t position)
{
    for (int64_t at = 0; at < positions; at++)
        for (int64_t channel = 0; channel < each; channel += LANES)
            vstore(v + at * position + channel * rows, vset(0.0f));
}

/* The cells of `count` tiles of a volume from `first` on, as winograd_gather lays them out. */
static void volume_filter_gather(const kmin_volume_filter *p, const float *x, int64_t first, int64_t count, float *v,
                                 int64_t position)
{
    const kmin_winograd *w = &p->w;
    const int64_t blocks = (count + TILE_ROWS - 1) / TILE_ROWS, each = w->depth / p->kernel_depth;
    const int64_t positions = winograd_positions(w), tiles = w->tiles_y * w->tiles_x;
    const int64_t size = w->g.height * w->g.width * w->g.channels;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t start = block * count / blocks, rows = (block + 1) * count / blocks - start;
        float *to = v + start * w->depth;
        for (int64_t tap = 0; tap < p->kernel_depth; tap++, to += each * rows) {
            int64_t tile = (first + start) % tiles, plane = (first + start) / tiles * p->stride_z - p->front + tap * p->dilation_z;
            for (int64_t row = 0; row < rows; row++) {
                if (plane >= 0 && plane < p->depth)
                    winograd_read(w, x + plane * size, tile, to, rows, row, position);
                else
                    volume_filter_clear(positions, each, to + row * LANES, rows, position);
                if (++tile == tiles)
                    tile = 0, plane += p->stride_z;
            }
        }
    }
}

/* A tile's results in columns from .. to - 1. */
static void volume_filter_write(const kmin_volume_filter *p, const float *sums, int64_t position, int64_t tile, int64_t from,
                                int64_t to, const float *residual, float *y)
{
    const kmin_geometry *g = &p->w.g;
    const int64_t tiles = p->w.tiles_y * p->w.tiles_x, cells = tile / tiles * g->out_height * g->out_width;
    winograd_write(&p->w, sums, position, tile % tiles, from, to, residual ? residual + cells * g->filters : NULL,
                   y + cells * p->w.after.y_stride);
}

/* All of a group of tiles, in memory of the thread. */
static void volume_filter_group(const void *context, int64_t task, int thread)
{
    const volume_filter_job *job = context;
    const kmin_volume_filter *p = job->p;
    const kmin_winograd *w = &p->w;
    const kmin_geometry *g = &w->g;
    const int64_t positions = winograd_positions(w), tiles = volume_filter_tiles(p), panel = 2 * LANES;
    const int64_t volume = task / w->groups, group = task % w->groups;
    const int64_t first = group * tiles / w->groups, count = (group + 1) * tiles / w->groups - first;
    const int64_t cells = volume * p->out_depth * g->out_height * g->out_width, position = count * w->depth;
    const float *residual = job->residual ? job->residual + cells * g->filters : NULL;
    float *v = (float *)(job->scratch + thread * w->thread_bytes), *sums = v + positions * position;
    volume_filter_gather(p, job->x + volume * p->depth * g->height * g->width * g->channels, first, count, v, position);
    for (int64_t column = 0; column < g->filters; column += panel) {
        const int64_t end = g->filters - column < panel ? g->filters : column + panel;
        for (int64_t at = 0; at < positions; at++)
            winograd_product(w, at, column, count, v + at * position, sums + at * count * panel, panel);
        for (int64_t at = 0; at < count; at++)
            volume_filter_write(p, sums + at * panel, count * panel, first + at, column, end, residual,
                                job->y + cells * w->after.y_stride);
    }
}

/* The three steps for a whole volume, each shared by all threads: no weight is read twice. */
static void volume_filter_in(const void *context, int64_t task, int thread)
{
    (void)thread;
    const volume_filter_job *job = context;
    const int64_t tiles = volume_filter_tiles(job->p), blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS;
    const int64_t first = task * tiles / blocks, count = (task + 1) * tiles / blocks - first, depth = job->p->w.depth;
    volume_filter_gather(job->p, job->x, first, count, job->v + first * depth, tiles * depth);
}

static void volume_filter_product(const void *context, int64_t task, int thread)
{
    (void)thread;
    const volume_filter_job *job = context;
    const kmin_winograd *w = &job->p->w;
    const int64_t n = w->g.filters, panel = 2 * LANES, panels = (n + panel - 1) / panel;
    const int64_t padded = (n + LANES - 1) / LANES * LANES, tiles = volume_filter_tiles(job->p);
    const int64_t position = task / w->parts, part = task % w->parts;
    for (int64_t at = part * panels / w->parts; at < (part + 1) * panels / w->parts; at++)
        winograd_product(w, position, at * panel, tiles, job->v + position * tiles * w->depth,
                         job->sums + position * tiles * padded + at * panel, padded);
}

static void volume_filter_out(const void *context, int64_t task, int thread)
{
    (void)thread;
    const volume_filter_job *job = context;
    const int64_t n = job->p->w.g.filters, padded = (n + LANES - 1) / LANES * LANES;
    const int64_t tiles = volume_filter_tiles(job->p), blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS;
    for (int64_t tile = task * tiles / blocks; tile < (task + 1) * tiles / blocks; tile++)
        volume_filter_write(job->p, job->sums + tile * padded, tiles * padded, tile, 0, n, job->residual, job->y);
}

/* Scratch as winograd has it. */
static void volume_filter(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_volume_filter *p = params;
    const kmin_geometry *g = &p->w.g;
    char *const *results = operands + (p->w.after.residual ? 2 : 1);
    volume_filter_job job = {p, (const float *)operands[0], p->w.after.residual ? (const float *)operands[1] : NULL,
                             (float *)results[0], (float *)results[1], NULL, results[1]};
    if (p->w.groups) {
        kmin_parallel(team, volume_filter_group, &job, rows * g->images * p->w.groups);
        return;
    }
    const int64_t tiles = volume_filter_tiles(p), blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS;
    const int64_t cells = p->out_depth * g->out_height * g->out_width;
    job.sums = job.v + winograd_positions(&p->w) * tiles * p->w.depth;
    for (int64_t volume = 0; volume < rows * g->images; volume++) {
        kmin_parallel(team, volume_filter_in, &job, blocks);
        kmin_parallel(team, volume_filter_product, &job, winograd_positions(&p->w) * p->w.parts);
        kmin_parallel(team, volume_filter_out, &job, blocks);
        job.x += p->depth * g->height * g->width * g->channels;
        job.y += cells * p->w.after.y_stride;
        if (job.residual)
            job.residual += cells * g->filters;
    }
}

#endif
