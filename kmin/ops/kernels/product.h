/* Products of two tensors: panels of the right operand are copied side by side on the way, the left one is read as it lies
   where its rows are contiguous. The sums are those of the dense kernel. */
#ifndef KMIN_PRODUCT_H
#define KMIN_PRODUCT_H

#include "dense.h"

enum { PANEL = 2 * LANES };

static const float product_zeros[PANEL];

/* to[k][i] = from[k * k_step + i * step] for i < count; i from there to `width` are zeros. */
static void product_pack(float *to, int64_t width, const float *from, int64_t depth, int64_t count, int64_t k_step,
                         int64_t step)
{
    const vf none = vset(0.0f);
    if (step == 1) {
        for (int64_t k = 0; k < depth; k++, from += k_step, to += width)
            for (int64_t at = 0; at < width; at += LANES)
                vstore(to + at, count - at >= LANES ? vload(from + at) : vload_part(from + at, count > at ? count - at : 0, none));
        return;
    }
    int64_t k = 0;
    if (k_step == 1)
        for (; k + LANES <= depth; k += LANES)
            for (int64_t at = 0; at < width; at += LANES) {
                vf block[LANES];
                for (int i = 0; i < LANES; i++)
                    block[i] = at + i < count ? vload(from + (at + i) * step + k) : none;
                vtranspose(block);
                for (int i = 0; i < LANES; i++)
                    vstore(to + (k + i) * width + at, block[i]);
            }
    for (; k < depth; k++)
        for (int64_t at = 0; at < width; at++)
            to[k * width + at] = at < count ? from[k * k_step + at * step] : 0.0f;
}

/* Floats per row of a panel with so many columns left. */
INLINE int64_t panel_width(int64_t left)
{
    return left > LANES ? PANEL : LANES;
}

/* y[row * y_row + column] = sum over k of x[row * x_row + k] * panel[k][column] */
static void product_panel(const float *x, int64_t x_row, const float *panel, int64_t depth, float *y, int64_t y_row,
                          int64_t rows, int64_t columns)
{
    const dense_shape shape = {.k = depth, .x_stride = x_row, .y_stride = y_row, .low = vset(-INFINITY),
                               .high = vset(INFINITY)};
    const dense_tile_run *run = dense_panel(columns);
    const int64_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (int64_t tile = 0; tile < tiles; tile++) {
        const int64_t first = tile * rows / tiles, height = (tile + 1) * rows / tiles - first;
        run[height - 1](&shape, x + first * x_row, panel, product_zeros, NULL, y + first * y_row, columns);
    }
}

typedef struct {
    const kmin_product *p;
    const float *a, *b;
    float *y;
    char *scratch;
} product_job;

static void product_task(const void *context, int64_t task, int thread)
{
    const product_job *job = context;
    const kmin_product *p = job->p;
    float *panel = (float *)(job->scratch + thread * p->thread_bytes), *left = panel + p->depth * PANEL;
    const int64_t block = task % p->row_blocks;
    int64_t rest = task / p->row_blocks;
    const float *a = job->a, *b = job->b;
    float *y = job->y;
    for (int at = KMIN_MAX_LOOPS - 1; at >= 0; at--) {
        const int64_t index = rest % p->sizes[at];
        rest /= p->sizes[at];
        a += index * p->a_steps[at], b += index * p->b_steps[at], y += index * p->y_steps[at];
    }
    a += rest * p->a_sample, b += rest * p->b_sample, y += rest * p->y_sample;
    const int64_t first = block * p->rows / p->row_blocks, rows = (block + 1) * p->rows / p->row_blocks - first;
    int64_t a_row = p->a_row;
    a += first * a_row;
    if (p->a_depth != 1 && p->depth > 1) {
        for (int64_t row = 0; row < rows; row++)
            for (int64_t k = 0; k < p->depth; k++)
                left[row * p->depth + k] = a[row * a_row + k * p->a_depth];
        a = left, a_row = p->depth;
    }
    for (int64_t column = 0; column < p->columns; column += PANEL) {
        const int64_t columns = p->columns - column < PANEL ? p->columns - column : PANEL;
        product_pack(panel, panel_width(columns), b + column * p->b_column, p->depth, columns, p->b_depth, p->b_column);
        product_panel(a, a_row, panel, p->depth, y + first * p->y_row + column, p->y_row, rows, columns);
    }
}

static void product(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_product *p = params;
    const int inputs = (p->a_constant == NULL) + (p->b_constant == NULL);
    const product_job job = {p, p->a_constant ? p->a_constant : (const float *)operands[0],
                             p->b_constant ? p->b_constant : (const float *)operands[inputs - 1],
                             (float *)operands[inputs], operands[inputs + 1]};
    int64_t tasks = rows * p->row_blocks;
    for (int at = 0; at < KMIN_MAX_LOOPS; at++)
        tasks *= p->sizes[at];
    kmin_parallel(team, product_task, &job, tasks);
}

#endif
