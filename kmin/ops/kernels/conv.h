/* Convolution of channels-last images as an indirect matrix product: every window is a list of pointers to contiguous
   pieces of the image (its cells, or whole kernel rows), padded cells point to zeros, and nothing is copied.

   Products are added tap after tap and channel after channel, at most DENSE_DEPTH of them before their sum joins the
   total, whatever the tile. */
#ifndef KMIN_CONV_H
#define KMIN_CONV_H

#include "dense.h"

/* `rows` windows by `wide` vectors of filters; piece `tap` of window `row` is at pieces[tap * group + row]. */
INLINE void conv_tile(const int rows, const int wide, const dense_shape *shape, const kmin_window *p,
                      const float *const *pieces, const float *weights, const float *bias, const float *residual, float *y,
                      int64_t columns)
{
    const int64_t length = p->length;
    vf sum[TILE_ROWS][8], total[TILE_ROWS][2];
    int64_t held = 0; /* products in `sum` */
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = total[row][v] = vset(0.0f);
#define CONV_STEP(at)                                                    \
    {                                                                    \
        vf w[2];                                                         \
        UNROLL for (int v = 0; v < wide; v++)                            \
            w[v] = vload(weights + v * LANES);                           \
        weights += wide * LANES;                                         \
        UNROLL for (int row = 0; row < rows; row++) {                    \
            vf value = vset(x[row][at]);                                 \
            UNROLL for (int v = 0; v < wide; v++)                        \
                sum[row][v] = vfma(value, w[v], sum[row][v]);            \
        }                                                                \
    }
    for (int64_t tap = 0; tap < p->taps; tap++, pieces += p->group) {
        const float *x[TILE_ROWS];
        UNROLL for (int row = 0; row < rows; row++)
            x[row] = pieces[row];
        for (int64_t at = 0; at < length;) {
            const int64_t end = length - at < DENSE_DEPTH ? length : at + DENSE_DEPTH;
            if (held + end - at > DENSE_DEPTH) {
                held = 0;
                UNROLL for (int row = 0; row < rows; row++)
                    UNROLL for (int v = 0; v < wide; v++) {
                        total[row][v] = vadd(total[row][v], sum[row][v]);
                        sum[row][v] = vset(0.0f);
                    }
            }
            held += end - at;
            for (; at + 4 <= end; at += 4) { /* pointers that do not fit into registers are fetched once for four */
                CONV_STEP(at)
                CONV_STEP(at + 1)
                CONV_STEP(at + 2)
                CONV_STEP(at + 3)
            }
            for (; at < end; at++)
                CONV_STEP(at)
        }
    }
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vadd(total[row][v], sum[row][v]);
#undef CONV_STEP
    dense_store(rows, wide, shape, sum, bias, residual, y, columns);
}

typedef void (*conv_tile_run)(const dense_shape *, const kmin_window *, const float *const *, const float *,
                              const float *, const float *, float *, int64_t);

#define TILE_HEIGHTS_4(X) X(1) X(2) X(3) X(4)
#define TILE_HEIGHTS_6(X) TILE_HEIGHTS_4(X) X(5) X(6)
#define TILE_HEIGHTS_12(X) TILE_HEIGHTS_6(X) X(7) X(8) X(9) X(10) X(11) X(12)
#define TILE_HEIGHTS_14(X) TILE_HEIGHTS_12(X) X(13) X(14)
#if TILE_ROWS == 4
#define TILE_HEIGHTS TILE_HEIGHTS_4
#elif TILE_ROWS == 6
#define TILE_HEIGHTS TILE_HEIGHTS_6
#elif TILE_ROWS == 12
#define TILE_HEIGHTS TILE_HEIGHTS_12
#else
#define TILE_HEIGHTS TILE_HEIGHTS_14
#endif

#define CONV_TILE(rows, wide)                                                                                       \
    static void conv_##rows##_##wide(const dense_shape *shape, const kmin_window *p, const float *const *pieces,    \
                                     const float *weights, const float *bias, const float *residual, float *y,      \
                                     int64_t columns)                                                               \
    {                                                                                                               \
        conv_tile(rows, wide, shape, p, pieces, weights, bias, residual, y, columns);                               \
    }
#define CONV_TILES(rows) CONV_TILE(rows, 1) CONV_TILE(rows, 2)
TILE_HEIGHTS(CONV_TILES)
#define CONV_ENTRY_1(rows) conv_##rows##_1,
#define CONV_ENTRY_2(rows) conv_##rows##_2,

/* By number of vectors per panel, then rows. */
static const conv_tile_run conv_tiles[2][TILE_ROWS] = {{TILE_HEIGHTS(CONV_ENTRY_1)}, {TILE_HEIGHTS(CONV_ENTRY_2)}};

/* The pieces of windows first .. first + count - 1 of the image x [height, width, channels] with padding `top`, `left`. */
static void conv_pieces(const kmin_window *p, const float *x, int64_t height, int64_t width, int64_t top, int64_t left,
                        int64_t first, int64_t count, const float **pieces)
{
    const kmin_geometry *g = &p->g;
    const int64_t columns = p->taps / g->kernel_height; /* 1 where a whole kernel row is one piece */
    int64_t row = first / g->out_width, column = first % g->out_width;
    for (int64_t at = 0; at < count; at++) {
        const int64_t x0 = column * g->stride_x - left, y0 = row * g->stride_y - top;
        const float **to = pieces + at;
        for (int64_t j = 0; j < g->kernel_height; j++) {
            const int64_t line = y0 + j * g->dilation_y;
            const int inside = line >= 0 && line < height;
            for (int64_t i = 0; i < columns; i++, to += p->group) {
                const int64_t cell = x0 + i * g->dilation_x;
                *to = inside && cell >= 0 && cell < width ? x + (line * width + cell) * g->channels : p->zeros;
            }
        }
        if (++column == g->out_width)
            column = 0, row++;
    }
}

static void conv_group(const kmin_window *p, const float **pieces, const float *residual, float *y, int64_t count)
{
    const int64_t n = p->g.filters, panel = 2 * LANES, k = p->taps * p->length, stride = p->after.y_stride;
    const dense_shape shape = {k, 0, stride, n, vset(p->after.low), vset(p->after.high)};
    const int64_t tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
    for (int64_t column = 0; column < n; column += panel) {
        const conv_tile_run *run = conv_tiles[n - column > LANES];
        const int64_t columns = n - column < panel ? n - column : panel;
        for (int64_t tile = 0; tile < tiles; tile++) {
            int64_t first = tile * count / tiles, height = (tile + 1) * count / tiles - first;
            run[height - 1](&shape, p, pieces + first, p->weights + column * k, p->bias + column,
                            residual ? residual + first * n + column : NULL, y + first * stride + column, columns);
        }
    }
    finish_rows(&p->after, y, count, n);
}

/* x into the middle of `to`, an image of another size filled with `fill` around it. */
static void pad_image(const kmin_geometry *g, const float *x, float *to, int64_t height, int64_t width, float fill)
{
    const int64_t c = g->channels, right = width - g->left - g->width;
    for (int64_t line = 0; line < height; line++) {
        const int inside = line >= g->top && line < g->top + g->height;
        for (int64_t at = 0; at < (inside ? g->left : width) * c; at++)
            *to++ = fill;
        if (!inside)
            continue;
        memcpy(to, x + (line - g->top) * g->width * c, (size_t)(4 * g->width * c));
        to += g->width * c;
        for (int64_t at = 0; at < right * c; at++)
            *to++ = fill;
    }
}

/* Scratch: group * taps pointers, rounded up to whole KMIN_ALIGN bytes, then the padded image. */
static void conv(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const kmin_window *p = params;
    const kmin_geometry *g = &p->g;
    const float *x = (const float *)operands[0];
    const float *residual = p->after.residual ? (const float *)operands[1] : NULL;
    char *const *results = operands + (p->after.residual ? 2 : 1);
    float *y = (float *)results[0];
    const float **pieces = (const float **)results[1];
    const int64_t bytes = p->group * p->taps * (int64_t)sizeof *pieces;
    float *padded = (float *)(results[1] + (bytes + KMIN_ALIGN - 1) / KMIN_ALIGN * KMIN_ALIGN);
    const int64_t cells = g->out_height * g->out_width;
    for (int64_t image = 0; image < rows * g->images; image++, x += g->height * g->width * g->channels) {
        if (p->padded_height)
            pad_image(g, x, padded, p->padded_height, p->padded_width, 0.0f);
        for (int64_t first = 0; first < cells; first += p->group) {
            const int64_t count = cells - first < p->group ? cells - first : p->group;
            if (p->padded_height)
                conv_pieces(p, padded, p->padded_height, p->padded_width, 0, 0, first, count, pieces);
            else
                conv_pieces(p, x, g->height, g->width, g->top, g->left, first, count, pieces);
            conv_group(p, pieces, residual, y, count);
            y += count * p->after.y_stride;
            if (residual)
                residual += count * g->filters;
        }
    }
}

#endif
