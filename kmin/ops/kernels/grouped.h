/* Convolution of groups of few filters, several groups to a vector: as depthwise.h, but of every line there are as many copies
   as a group has channels. In copy number i, channel i of a group stands under all of its filters; kernel rows read all copies. */
#ifndef KMIN_GROUPED_H
#define KMIN_GROUPED_H

#include "depthwise.h"

typedef struct {
    const kmin_window *p;
    const float *x;
    float *y;
    char *scratch;
} grouped_job;

/* One copy of a line, for filters of so many groups: x is at the first one's channel. */
INLINE void grouped_spread(const int filters, const kmin_window *p, const float *x, int64_t groups, float *to)
{
    for (int64_t cell = 0; cell < p->g.width; cell++, x += p->g.channels)
        for (int64_t group = 0; group < groups; group++, to += filters) {
            const float value = x[group * p->length];
            UNROLL for (int at = 0; at < filters; at++)
                to[at] = value;
        }
}

static void grouped_copy(const kmin_window *p, const float *x, int64_t groups, float *to)
{
    if (p->repeats == 2)
        grouped_spread(2, p, x, groups, to);
    else if (p->repeats == 4)
        grouped_spread(4, p, x, groups, to);
    else
        grouped_spread(8, p, x, groups, to);
}

/* A group of rows of an image's results by a part of their vectors. */
static void grouped_task(const void *context, int64_t task, int thread)
{
    const grouped_job *job = context;
    const kmin_window *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t n = g->filters, vectors = (n + LANES - 1) / LANES, taps = g->kernel_height * p->length * g->kernel_width;
    const int64_t part = task % p->parts, strip = task / p->parts % p->lines, image = task / p->parts / p->lines;
    const int64_t from = part * vectors / p->parts * LANES, end = (part + 1) * vectors / p->parts * LANES;
    const int64_t to = end < n ? end : n, wide = to - from, copy = g->width * wide;
    const int64_t row0 = strip * g->out_height / p->lines, row1 = (strip + 1) * g->out_height / p->lines;
    const int64_t top = row0 * g->stride_y - g->top, reach = (g->kernel_height - 1) * g->dilation_y + 1;
    const int64_t below = (row1 - 1) * g->stride_y - g->top + reach;
    const int64_t line0 = top < 0 ? 0 : top, line1 = below < g->height ? below : g->height;
    const float *x = job->x + image * g->height * g->width * g->channels + from / p->repeats * p->length;
    float *copies = (float *)(job->scratch + thread * p->thread_bytes);
    const depthwise_run run = depthwise_choose(g);
    for (int64_t line = line0; line < line1; line++)
        for (int64_t i = 0; i < p->length; i++)
            grouped_copy(p, x + line * g->width * g->channels + i, wide / p->repeats,
                         copies + ((line - line0) * p->length + i) * copy);
    for (int64_t row = row0; row < row1; row++) {
        const int64_t at = row * g->stride_y - g->top;
        float *y = job->y + (image * g->out_height + row) * g->out_width * n;
        int64_t first, last;
        window_taps(at, g->kernel_height, g->dilation_y, g->height, &first, &last);
        for (int64_t column = from; column < to; column += LANES) {
            const float *lines[DEPTHWISE_LINES];
            int64_t count = 0;
            for (int64_t j = first; j < last; j++)
                for (int64_t i = 0; i < p->length; i++)
                    lines[count++] = copies + ((at + j * g->dilation_y - line0) * p->length + i) * copy + column - from;
            const depthwise_line d = {p, lines, count, wide, n, to - column < LANES ? to - column : LANES,
                                      p->weights + column * taps + first * p->length * g->kernel_width * LANES,
                                      p->bias + column, y + column};
            run(&d);
        }
        if (p->after.map_rows)
            p->after.map_rows(p->after.args, y + from, n, g->out_width, wide);
    }
}

/* Scratch of each thread: the copies that a task reads. */
static void grouped(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_window *p = params;
    const grouped_job job = {p, (const float *)operands[0], (float *)operands[1], operands[2]};
    kmin_parallel(team, grouped_task, &job, rows * p->g.images * p->lines * p->parts);
}

#endif
