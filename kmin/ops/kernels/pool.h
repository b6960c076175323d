/* Pooling: the largest value, or the mean of the cells inside, of each window. */
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

static void pool(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const kmin_window *p = params;
    const kmin_geometry *g = &p->g;
    const float *x = (const float *)operands[0];
    float *y = (float *)operands[1];
    const int64_t c = g->channels, line = g->width * c;
    for (int64_t image = 0; image < rows * g->images; image++, x += g->height * line)
        for (int64_t row = 0; row < g->out_height; row++)
            for (int64_t column = 0; column < g->out_width; column++, y += c) {
                const int64_t top = row * g->stride_y - g->top, left = column * g->stride_x - g->left;
                int64_t j0, j1, i0, i1;
                window_taps(top, g->kernel_height, 1, g->height, &j0, &j1);
                window_taps(left, g->kernel_width, 1, g->width, &i0, &i1);
                const float *from = j0 < j1 && i0 < i1 ? x + (top + j0) * line + (left + i0) * c : x;
                if (p->kind == KMIN_MAX)
                    pool_cell(KMIN_MAX, from, y, j1 - j0, line, i1 - i0, c);
                else
                    pool_cell(KMIN_MEAN, from, y, j1 - j0, line, i1 - i0, c);
            }
}

#endif
