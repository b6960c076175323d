/* A pointwise (1 x 1) convolution and the depthwise one after it, a few channels at a time: a slice of what the first makes of a
   whole image stays in the nearest cache until the second has read it, and nothing is computed twice. */
#ifndef KMIN_EXPAND_H
#define KMIN_EXPAND_H

#include "dense.h"
#include "depthwise.h"

typedef struct {
    const kmin_expand *p;
    const float *x;
    float *y;
    char *scratch;
} expand_job;

/* The slice that begins with channel `from`: the pointwise results of all rows. */
static void expand_point(const kmin_expand *p, const float *x, int64_t from, int64_t columns, float *to, const float *y)
{
    const int64_t cell = 2 * LANES, tiles = (p->width + TILE_ROWS - 1) / TILE_ROWS;
    const dense_shape shape = {p->k, p->k, cell, 0, vset(p->point.low), vset(p->point.high)};
    const dense_tile_run *run = dense_panel(columns);
    to += p->left * cell;
    const int64_t results = p->w.g.out_height * p->w.g.out_width;
    int64_t ahead = 0;
    for (int64_t row = 0; row < p->height; row++, x += p->width * p->k, to += p->line) {
        /* Results lie so far apart that nothing else fetches them in time. */
        for (; ahead < (row + 1) * results / p->height; ahead++)
            PREFETCH_OWN(y + ahead * p->channels + from);
        for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t first = tile * p->width / tiles, height = (tile + 1) * p->width / tiles - first;
            run[height - 1](&shape, x + first * p->k, p->weights + from * p->k, p->bias + from, NULL, to + first * cell, columns);
        }
        if (p->point.map)
            p->point.map(p->point.args, to, to, p->width * cell);
    }
}

/* What the depthwise convolution makes of it. */
static void expand_depthwise(const kmin_expand *p, const float *slice, int64_t from, int64_t columns, float *y)
{
    const kmin_geometry *g = &p->w.g;
    kmin_window w = p->w;
    w.weights += from * g->kernel_height * g->kernel_width, w.bias += from;
    const depthwise_layout layout = depthwise_laid(&w, 2 * LANES, 0, p->channels, 0, g->out_width * p->channels);
    y += from;
    for (int64_t row = 0, rows; row < g->out_height; row += rows, y += rows * layout.y_line) {
        const float *lines[DEPTHWISE_LINES];
        int64_t first, end;
        rows = depthwise_together(&layout, g->out_height - row);
        const int64_t top = depthwise_top(g, row, rows, &first, &end);
        for (int64_t j = first; j < end; j++)
            lines[j] = slice + (top + j * g->dilation_y) * p->line;
        depthwise_strip(&layout, lines, first, end, rows, 0, columns, y);
        if (p->w.after.map_rows)
            p->w.after.map_rows(p->w.after.args, y, p->channels, rows * g->out_width, columns);
    }
}

/* Two slices, or one where few are left, so that threads end at about the same time. */
static void expand_task(const void *context, int64_t task, int thread)
{
    const expand_job *job = context;
    const kmin_expand *p = job->p;
    const int64_t image = task / p->tasks, number = task % p->tasks, wide = 2 * LANES;
    const int64_t start = number < p->pairs ? 2 * number : number + p->pairs, end = start + (number < p->pairs ? 2 : 1);
    const float *x = job->x + image * p->height * p->width * p->k;
    float *y = job->y + image * p->w.g.out_height * p->w.g.out_width * p->channels;
    int64_t *cleared = (int64_t *)(job->scratch + thread * p->thread_bytes);
    float *slice = (float *)((char *)cleared + KMIN_ALIGN);
    if (!*cleared) { /* columns of padding */
        memset(slice, 0, (size_t)(p->thread_bytes - KMIN_ALIGN));
        *cleared = 1;
    }
    for (int64_t at = start; at < end; at++) {
        const int64_t from = at * wide, columns = p->channels - from < wide ? p->channels - from : wide;
        expand_point(p, x, from, columns, slice, y);
        expand_depthwise(p, slice, from, columns, y);
    }
}

/* Scratch of each thread: whether its columns of padding are zeros, then a slice of the image between the two. */
static void expand(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_expand *p = params;
    const expand_job job = {p, (const float *)operands[0], (float *)operands[1], operands[2]};
    for (int thread = 0; thread < kmin_team_size(team); thread++)
        *(int64_t *)(job.scratch + thread * p->thread_bytes) = 0;
    kmin_parallel(team, expand_task, &job, rows * p->tasks);
}

#endif
