/* Convolution of few filters over many channels: lanes are channels, whose sums are added up at the end, so that no lane is idle.

   Kernel rows are read where they lie, and only what of them is inside the image. */
#ifndef KMIN_FEW_H
#define KMIN_FEW_H

#include "dense_tile.h"
#include "depthwise.h"

enum { FEW_SUMS = 12 };

/* Windows of one row of results: from x on, rows j0 .. j1 - 1 of the kernel and floats from .. to - 1 of each. */
typedef struct {
    const kmin_window *p;
    const float *x;
    int64_t step, line; /* floats from one window to the next, and from one kernel row to the next */
    int64_t j0, j1, from, to;
} few_windows;

/* `cells` windows of `filters` filters to y. */
INLINE void few_block(const int filters, const int cells, const few_windows *d, float *y)
{
    const kmin_window *p = d->p;
    const int64_t row = p->length, k = p->taps * row, stride = p->after.y_stride;
    vf sum[FEW_SUMS];
    UNROLL for (int at = 0; at < filters * cells; at++)
        sum[at] = vset(0.0f);
    for (int64_t j = d->j0; j < d->j1; j++) {
        const float *x = d->x + j * d->line, *weights = p->weights + j * row;
        for (int64_t at = d->from; at < d->to; at += LANES) {
            vf w[KMIN_MOST_FEW];
            UNROLL for (int f = 0; f < filters; f++)
                w[f] = vload(weights + f * k + at);
            UNROLL for (int cell = 0; cell < cells; cell++) {
                const vf value = vload(x + cell * d->step + at);
                UNROLL for (int f = 0; f < filters; f++)
                    sum[cell * filters + f] = vfma(value, w[f], sum[cell * filters + f]);
            }
            UNROLL for (int each = 0; each < filters * cells; each++)
                VHELD(sum[each]);
        }
    }
    float totals[FEW_SUMS + LANES];
    UNROLL for (int at = 0; at < filters * cells; at += LANES) { /* lane i: the sum of vector i */
        vf turned[LANES];
        UNROLL for (int lane = 0; lane < LANES; lane++)
            turned[lane] = at + lane < filters * cells ? sum[at + lane] : vset(0.0f);
        vtranspose(turned);
        UNROLL for (int width = LANES / 2; width > 0; width /= 2)
            UNROLL for (int lane = 0; lane < width; lane++)
                turned[lane] = vadd(turned[lane], turned[lane + width]);
        vstore(totals + at, turned[0]);
    }
    for (int cell = 0; cell < cells; cell++)
        for (int f = 0; f < filters; f++) {
            float value = totals[cell * filters + f] + p->bias[f];
            value = value < p->after.low ? p->after.low : value; /* NaN stays */
            y[cell * stride + f] = value > p->after.high ? p->after.high : value;
        }
}

#define FEW_BLOCK(filters, cells)                                                  \
    static void few_##filters##_##cells(const few_windows *d, float *y)            \
    {                                                                              \
        few_block(filters, cells, d, y);                                           \
    }
FEW_BLOCK(1, 1)
FEW_BLOCK(2, 1)
FEW_BLOCK(3, 1)
FEW_BLOCK(1, 8)
FEW_BLOCK(2, 6)
FEW_BLOCK(3, 4)

typedef void (*few_run)(const few_windows *, float *);

static void few_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    static const few_run ones[KMIN_MOST_FEW] = {few_1_1, few_2_1, few_3_1}, blocks[KMIN_MOST_FEW] = {few_1_8, few_2_6, few_3_4};
    const window_job *job = context;
    const kmin_window *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t n = g->filters, c = g->channels, width = g->out_width, stride = p->after.y_stride;
    const int64_t many = n == 1 ? 8 : n == 2 ? 6 : 4;
    const few_run one = ones[n - 1], block = blocks[n - 1];
    for (int64_t at = task * job->rows / job->tasks; at < (task + 1) * job->rows / job->tasks; at++) {
        const int64_t image = at / g->out_height, top = at % g->out_height * g->stride_y - g->top;
        const float *x = job->x + (image * g->height + top) * g->width * c;
        float *y = job->y + at * width * stride;
        few_windows d = {p, NULL, g->stride_x * c, g->dilation_y * g->width * c, 0, 0, 0, 0};
        window_taps(top, g->kernel_height, g->dilation_y, g->height, &d.j0, &d.j1);
        for (int64_t column = 0, cells; column < width; column += cells) {
            const int64_t cell = column * g->stride_x - g->left;
            int64_t i0, i1;
            window_taps(cell, g->kernel_width, 1, g->width, &i0, &i1);
            d.x = x + cell * c, d.from = i0 * c, d.to = i1 * c;
            const int64_t last = cell + (many - 1) * g->stride_x + g->kernel_width;
            cells = cell >= 0 && last <= g->width && column + many <= width ? many : 1;
            (cells == 1 ? one : block)(&d, y + column * stride);
        }
        finish_rows(&p->after, y, width, n);
    }
}

/* A convolution that is not dilated along its rows, of whole vectors of channels; weights: [filters][kernel rows][length]. */
static void few(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_window *p = params;
    window_rows(params, operands, rows, team, few_task, p->taps * p->length * p->g.filters / (LANES * p->g.channels) + 1);
}

#endif
