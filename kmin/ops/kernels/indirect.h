/* Convolutions of up to three axes, of groups of channels, and transposed ones, as indirect matrix products.

   Along an axis, results go through `phases` in turn; all results of a phase read cells at the same distances from the one
   they stand at. A convolution has one phase. A transposed one has as many as its stride: each is a convolution of stride 1
   with those taps that meet there, and nothing is added twice to memory. */
#ifndef KMIN_INDIRECT_H
#define KMIN_INDIRECT_H

#include "conv.h"

/* Input cell of each tap of `phase` for result number q of that phase: q * step + offsets[starts[phase] ...]. */
INLINE int64_t indirect_taps(const kmin_axis *axis, int64_t phase, const int64_t **offsets)
{
    *offsets = axis->offsets + axis->starts[phase];
    return axis->starts[phase + 1] - axis->starts[phase];
}

INLINE int64_t indirect_cell(const kmin_axis *axis, int64_t q, int64_t offset)
{
    const int64_t cell = q * axis->step + offset;
    return cell >= 0 && cell < axis->size ? cell : -1;
}

/* The pieces of results q0 .. q0 + count - 1 of one phase of a row. z and y: which result they are of their phases. */
static void indirect_pieces(const kmin_indirect *p, const float *x, const int64_t *phase, int64_t z, int64_t y, int64_t q0,
                            int64_t count, const float **to)
{
    const kmin_axis *axes = p->axes;
    const int64_t *z_offsets, *y_offsets, *x_offsets;
    const int64_t zs = indirect_taps(&axes[0], phase[0], &z_offsets), ys = indirect_taps(&axes[1], phase[1], &y_offsets);
    const int64_t xs = indirect_taps(&axes[2], phase[2], &x_offsets);
    for (int64_t tz = 0; tz < zs; tz++)
        for (int64_t ty = 0; ty < ys; ty++) {
            const int64_t plane = indirect_cell(&axes[0], z, z_offsets[tz]), line = indirect_cell(&axes[1], y, y_offsets[ty]);
            const float *row = plane < 0 || line < 0 ? NULL : x + (plane * axes[1].size + line) * axes[2].size * p->channels;
            for (int64_t tx = 0; tx < xs; tx++, to += p->group)
                for (int64_t at = 0; at < count; at++) {
                    const int64_t cell = row ? indirect_cell(&axes[2], q0 + at, x_offsets[tx]) : -1;
                    to[at] = cell < 0 ? p->zeros : row + cell * p->channels;
                }
        }
}

typedef struct {
    const kmin_indirect *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t units, chunks, tasks; /* a unit is a stretch of a row of results, of which there are `chunks` in a row */
} indirect_job;

static void indirect_unit(const indirect_job *job, int64_t unit, const float **pieces)
{
    const kmin_indirect *p = job->p;
    const kmin_axis *axes = p->axes;
    const int64_t chunk = unit % job->chunks, row = unit / job->chunks, n = p->filters / p->groups, panel = 2 * LANES;
    const int64_t along_y = row % axes[1].out, along_z = row / axes[1].out % axes[0].out;
    const int64_t phases = axes[2].phases, whole = (axes[2].out + phases - 1) / phases;
    const int64_t first = chunk * whole / job->chunks, last = (chunk + 1) * whole / job->chunks;
    const float *x = job->x + row / axes[1].out / axes[0].out * axes[0].size * axes[1].size * axes[2].size * p->channels;
    float *y = job->y + row * axes[2].out * p->filters;
    const float *residual = job->residual ? job->residual + row * axes[2].out * p->filters : NULL;
    int64_t phase[3] = {along_z % axes[0].phases, along_y % axes[1].phases, 0};
    for (; phase[2] < phases; phase[2]++) {
        const int64_t most = (axes[2].out - phase[2] + phases - 1) / phases, end = last < most ? last : most;
        const int64_t count = end - first, tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
        const kmin_window *w =
            p->windows + ((phase[0] * axes[1].phases + phase[1]) * phases + phase[2]) * p->groups;
        const int64_t k = w->taps * w->length;
        const dense_shape shape = {k, 0, phases * p->filters, phases * p->filters, vset(p->after.low), vset(p->after.high)};
        if (count <= 0)
            continue;
        indirect_pieces(p, x, phase, along_z / axes[0].phases, along_y / axes[1].phases, first, count, pieces);
        for (int64_t group = 0; group < p->groups; group++, w++) {
            const int64_t place = (first * phases + phase[2]) * p->filters + group * n;
            const float *more = residual ? residual + place : NULL;
            float *to = y + place;
            for (int64_t column = 0; column < n; column += panel) {
                const conv_tile_run *run = conv_tiles[n - column > LANES];
                const int64_t columns = n - column < panel ? n - column : panel;
#if DENSE_NEARBY
                if (conv_is_nearby(k, tiles)) {
                    conv_nearby(w, &shape, pieces, count, tiles, w->weights + column * k, w->bias + column,
                                more ? more + column : NULL, to + column, columns);
                    continue;
                }
#endif
                for (int64_t tile = 0; tile < tiles; tile++) {
                    const int64_t from = tile * count / tiles, height = (tile + 1) * count / tiles - from;
                    run[height - 1](&shape, w, pieces + from, w->weights + column * k, w->bias + column,
                                    more ? more + from * phases * p->filters + column : NULL,
                                    to + from * phases * p->filters + column, columns);
                }
            }
            if (group + 1 == p->groups)
                continue;
            for (int64_t tap = 0; tap < w->taps; tap++)
                for (int64_t at = 0; at < count; at++)
                    if (pieces[tap * p->group + at] != p->zeros)
                        pieces[tap * p->group + at] += w->length;
        }
    }
    if (p->after.map) {
        const int64_t from = first * phases, to = last * phases < axes[2].out ? last * phases : axes[2].out;
        p->after.map(p->after.args, y + from * p->filters, y + from * p->filters, (to - from) * p->filters);
    }
}

static void indirect_task(const void *context, int64_t task, int thread)
{
    const indirect_job *job = context;
    const float **pieces = (const float **)(job->scratch + thread * job->p->thread_bytes);
    for (int64_t unit = task * job->units / job->tasks; unit < (task + 1) * job->units / job->tasks; unit++)
        indirect_unit(job, unit, pieces);
}

static void indirect(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_indirect *p = params;
    const int64_t whole = (p->axes[2].out + p->axes[2].phases - 1) / p->axes[2].phases;
    char *const *results = operands + (p->after.residual ? 2 : 1);
    indirect_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                        (float *)results[0], results[1], 0, 0, 0};
    job.chunks = (whole + p->group - 1) / p->group;
    job.units = rows * p->images * p->axes[0].out * p->axes[1].out * job.chunks;
    job.tasks = job.units < 32 ? job.units : 32;
    kmin_parallel(team, indirect_task, &job, job.tasks);
}

#endif
