/* Pooling: the largest value, or the mean of the cells inside, of each window; padding with a constant. */
#ifndef KMIN_POOL_H
#define KMIN_POOL_H

#include "depthwise.h"
#include "merge.h"

/* One vector of channels of one window: `lines` by `columns` cells from x on. */
INLINE vf pool_window(const int kind, const int part, const float *x, int64_t lines, int64_t line, int64_t columns,
                      int64_t channels, int64_t lanes)
{
    const vf none = kind == KMIN_MAX ? vset(-INFINITY) : vset(0.0f);
    vf result = none;
    for (int64_t j = 0; j < lines; j++) {
        vf sum = none; /* of one line: large windows round less */
        for (int64_t i = 0; i < columns; i++) {
            vf value = depthwise_load(x + j * line + i * channels, part, lanes);
            sum = kind == KMIN_MAX ? p_maximum(sum, value) : vadd(sum, value);
        }
        result = kind == KMIN_MAX ? p_maximum(result, sum) : vadd(result, sum);
    }
    return kind == KMIN_MAX ? result : vdiv(result, vset((float)(lines * columns)));
}

INLINE void pool_cell(const int kind, const float *x, float *y, int64_t lines, int64_t line, int64_t columns,
                      int64_t channels)
{
    int64_t at = 0;
    for (; at + LANES <= channels; at += LANES)
        vstore(y + at, pool_window(kind, 0, x + at, lines, line, columns, channels, LANES));
    if (at < channels)
        vstore_part(y + at, pool_window(kind, 1, x + at, lines, line, columns, channels, channels - at), channels - at);
}

/* Row `row` of results of one image. */
INLINE void pool_row(const int kind, const kmin_geometry *g, const float *x, float *y, int64_t row)
{
    const int64_t c = g->channels, line = g->width * c, top = row * g->stride_y - g->top;
    int64_t j0, j1, i0, i1;
    window_taps(top, g->kernel_height, 1, g->height, &j0, &j1);
    for (int64_t column = 0; column < g->out_width; column++, y += c) {
        const int64_t left = column * g->stride_x - g->left;
        window_taps(left, g->kernel_width, 1, g->width, &i0, &i1);
        const float *from = j0 < j1 && i0 < i1 ? x + (top + j0) * line + (left + i0) * c : x;
        const int64_t lines = j1 - j0, columns = i1 - i0;
        if (lines == 2 && columns == 2) /* the commonest, unrolled */
            pool_cell(kind, from, y, 2, line, 2, c);
        else if (lines == 3 && columns == 3)
            pool_cell(kind, from, y, 3, line, 3, c);
        else
            pool_cell(kind, from, y, lines, line, columns, c);
    }
}

static void pool_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const window_job *job = context;
    const kmin_geometry *g = &job->p->g;
    for (int64_t at = task * job->rows / job->tasks; at < (task + 1) * job->rows / job->tasks; at++) {
        const float *x = job->x + at / g->out_height * g->height * g->width * g->channels;
        float *y = job->y + at * g->out_width * g->channels;
        if (job->p->kind == KMIN_MAX)
            pool_row(KMIN_MAX, g, x, y, at % g->out_height);
        else
            pool_row(KMIN_MEAN, g, x, y, at % g->out_height);
    }
}

static void pool(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_window *p = params;
    window_rows(params, operands, rows, team, pool_task, p->g.kernel_height * p->g.kernel_width / 2 + 1);
}

INLINE void fill_floats(float *to, float value, int64_t count)
{
    for (int64_t at = 0; at < count; at++)
        to[at] = value;
}

static void pad_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const window_job *job = context;
    const kmin_geometry *g = &job->p->g;
    const int64_t c = g->channels, right = g->out_width - g->left - g->width;
    for (int64_t at = task * job->rows / job->tasks; at < (task + 1) * job->rows / job->tasks; at++) {
        const int64_t line = at % g->out_height - g->top;
        float *y = job->y + at * g->out_width * c;
        if (line < 0 || line >= g->height) {
            fill_floats(y, job->p->fill, g->out_width * c);
            continue;
        }
        fill_floats(y, job->p->fill, g->left * c);
        y += g->left * c;
        memcpy(y, job->x + (at / g->out_height * g->height + line) * g->width * c, (size_t)(4 * g->width * c));
        fill_floats(y + g->width * c, job->p->fill, right * c);
    }
}

static void pad(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    window_rows(params, operands, rows, team, pad_task, 2);
}

#endif
