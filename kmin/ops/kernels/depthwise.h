/* Depthwise convolution: one vector of channels at a time, four columns at a time where no tap is padded.

   Padded taps are left out; the others are added row after row, left to right, for every column. */
#ifndef KMIN_DEPTHWISE_H
#define KMIN_DEPTHWISE_H

#include "simd.h"

enum { DEPTHWISE_COLUMNS = 4 };

/* The taps first .. end - 1 of `kernel` that read cells 0 .. size - 1 when tap 0 reads cell `at`. */
INLINE void window_taps(int64_t at, int64_t kernel, int64_t dilation, int64_t size, int64_t *first, int64_t *end)
{
    *first = at < 0 ? (-at + dilation - 1) / dilation : 0;
    *end = at >= size ? 0 : (size - 1 - at) / dilation + 1;
    if (*end > kernel)
        *end = kernel;
    if (*first > *end)
        *first = *end;
}

INLINE vf depthwise_load(const float *p, const int part, int64_t lanes)
{
    return part ? vload_part(p, lanes, vset(0.0f)) : vload(p);
}

/* Four columns whose windows lie inside, `taps` cells wide and undilated. x: the first cell; line: floats per image row
   times the dilation. */
INLINE void depthwise_inner(const int taps, const int stride, const int part, const float *x, int64_t channels,
                            int64_t line, const float *weights, int64_t lines, int64_t lanes, vf *sum)
{
    for (int64_t j = 0; j < lines; j++, x += line, weights += taps * LANES) {
        vf w[7], cell[3 * 2 + 7];
        UNROLL for (int i = 0; i < taps; i++)
            w[i] = vload(weights + i * LANES);
        UNROLL for (int i = 0; i < 3 * stride + taps; i++)
            cell[i] = depthwise_load(x + i * channels, part, lanes);
        UNROLL for (int column = 0; column < DEPTHWISE_COLUMNS; column++)
            UNROLL for (int i = 0; i < taps; i++)
                sum[column] = vfma(cell[column * stride + i], w[i], sum[column]);
    }
}

#define DEPTHWISE_INNER(taps, stride)                                                                        \
    case taps * 8 + stride:                                                                                  \
        part ? depthwise_inner(taps, stride, 1, x, g->channels, line, weights, lines, lanes, sum)            \
             : depthwise_inner(taps, stride, 0, x, g->channels, line, weights, lines, lanes, sum);           \
        break;

/* Whether depthwise_inner serves these windows. */
INLINE int depthwise_has_inner(const kmin_geometry *g)
{
    const int64_t taps = g->kernel_width;
    return g->dilation_x == 1 && (g->stride_x == 1 || g->stride_x == 2) && (taps == 3 || taps == 5 || taps == 7);
}

INLINE void depthwise_four(const kmin_geometry *g, const float *x, const float *weights, int64_t lines, int64_t lanes,
                           vf *sum)
{
    const int64_t line = g->dilation_y * g->width * g->channels;
    const int part = lanes < LANES;
    switch (g->kernel_width * 8 + g->stride_x) {
        DEPTHWISE_INNER(3, 1)
        DEPTHWISE_INNER(3, 2)
        DEPTHWISE_INNER(5, 1)
        DEPTHWISE_INNER(5, 2)
        DEPTHWISE_INNER(7, 1)
        DEPTHWISE_INNER(7, 2)
    }
}

INLINE void depthwise_store(const kmin_window *p, vf sum, const float *bias, float *y, int64_t lanes)
{
    vf value = vmin(vset(p->after.high), vmax(vset(p->after.low), vadd(sum, vload(bias))));
    if (lanes < LANES)
        vstore_part(y, value, lanes);
    else
        vstore(y, value);
}

/* Output row `row` of one vector of channels (`lanes` of them are there); x and y point to its first channel. */
static void depthwise_row(const kmin_window *p, const float *x, const float *weights, const float *bias, float *y,
                          int64_t row, int64_t lanes)
{
    const kmin_geometry *g = &p->g;
    const int64_t c = g->channels, top = row * g->stride_y - g->top;
    int64_t j0, j1;
    window_taps(top, g->kernel_height, g->dilation_y, g->height, &j0, &j1);
    const int inner = depthwise_has_inner(g);
    for (int64_t column = 0; column < g->out_width;) {
        const int64_t at = column * g->stride_x - g->left;
        const int64_t last = at + (DEPTHWISE_COLUMNS - 1) * g->stride_x + g->kernel_width;
        if (inner && at >= 0 && last <= g->width && column + DEPTHWISE_COLUMNS <= g->out_width) {
            vf sum[DEPTHWISE_COLUMNS] = {vset(0.0f), vset(0.0f), vset(0.0f), vset(0.0f)};
            if (j0 < j1)
                depthwise_four(g, x + ((top + j0 * g->dilation_y) * g->width + at) * c,
                               weights + j0 * g->kernel_width * LANES, j1 - j0, lanes, sum);
            for (int i = 0; i < DEPTHWISE_COLUMNS; i++)
                depthwise_store(p, sum[i], bias, y + (column + i) * c, lanes);
            column += DEPTHWISE_COLUMNS;
            continue;
        }
        int64_t i0, i1;
        window_taps(at, g->kernel_width, g->dilation_x, g->width, &i0, &i1);
        vf sum = vset(0.0f);
        for (int64_t j = j0; j < j1; j++)
            for (int64_t i = i0; i < i1; i++) {
                const float *cell = x + ((top + j * g->dilation_y) * g->width + at + i * g->dilation_x) * c;
                vf value = lanes < LANES ? vload_part(cell, lanes, vset(0.0f)) : vload(cell);
                sum = vfma(value, vload(weights + (j * g->kernel_width + i) * LANES), sum);
            }
        depthwise_store(p, sum, bias, y + column * c, lanes);
        column++;
    }
}

static void depthwise(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const kmin_window *p = params;
    const kmin_geometry *g = &p->g;
    const float *x = (const float *)operands[0];
    float *y = (float *)operands[1];
    const int64_t c = g->channels, block = g->kernel_height * g->kernel_width * LANES;
    for (int64_t image = 0; image < rows * g->images; image++, x += g->height * g->width * c)
        for (int64_t row = 0; row < g->out_height; row++, y += g->out_width * c) {
            for (int64_t at = 0; at < c; at += LANES)
                depthwise_row(p, x + at, p->weights + at / LANES * block, p->bias + at, y + at, row,
                              c - at < LANES ? c - at : LANES);
            if (p->after.map)
                p->after.map(p->after.args, y, y, g->out_width * c);
        }
}

#endif
