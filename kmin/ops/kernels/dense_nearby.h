/* Many rows of x times a weight panel on tiers whose tiles are low: each weight is loaded for few products there, so that it has
   to come from the nearest cache. */
#ifndef KMIN_DENSE_NEARBY_H
#define KMIN_DENSE_NEARBY_H

#include "dense_tile.h"

#if DENSE_NEARBY

/* Fetches what a tile adds to and stores. */
INLINE void dense_fetch(const dense_shape *shape, const float *residual, const float *y, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++) {
        PREFETCH_OWN(y + row * shape->y_stride);
        if (residual)
            PREFETCH(residual + row * shape->residual_stride);
    }
}

/* totals[row][v] += products number `from` to `to` of a tile's results, or are those where there are none yet. */
INLINE void dense_more(const int rows, const int wide, const dense_shape *shape, const float *x, const float *weights, int64_t from,
                       int64_t to, const char *ahead, int64_t apace, float *totals)
{
    vf sum[DENSE_SUMS][8];
    dense_sums_ahead(rows, wide, wide, 0, shape->k, shape->x_stride, from, to, x, weights, ahead, apace, sum);
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++) {
            float *total = totals + (row * wide + v) * LANES;
            vstore(total, vadd(from ? vload(total) : vset(0.0f), sum[row][v]));
        }
}

INLINE void dense_results(const int rows, const int wide, const dense_shape *shape, const float *totals, const float *bias,
                          const float *residual, float *y, int64_t columns)
{
    vf sum[DENSE_SUMS][8];
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vload(totals + (row * wide + v) * LANES);
    dense_store(rows, wide, shape, sum, bias, residual, y, columns);
}

typedef struct {
    void (*more)(const dense_shape *, const float *, const float *, int64_t, int64_t, const char *, int64_t, float *);
    void (*results)(const dense_shape *, const float *, const float *, const float *, float *, int64_t);
} dense_parts_run;

#define DENSE_PARTS(rows, wide)                                                                                       \
    static void dense_more_##rows##_##wide(const dense_shape *shape, const float *x, const float *weights,           \
                                           int64_t from, int64_t to, const char *ahead, int64_t apace,               \
                                           float *totals)                                                            \
    {                                                                                                                \
        dense_more(rows, wide, shape, x, weights, from, to, ahead, apace, totals);                                   \
    }                                                                                                                \
    static void dense_results_##rows##_##wide(const dense_shape *shape, const float *totals, const float *bias,      \
                                              const float *residual, float *y, int64_t columns)                      \
    {                                                                                                                \
        dense_results(rows, wide, shape, totals, bias, residual, y, columns);                                        \
    }
#define DENSE_PARTS_1(rows) DENSE_PARTS(rows, 1)
#define DENSE_PARTS_2(rows) DENSE_PARTS(rows, 2)
TILE_HEIGHTS(DENSE_PARTS_1)
TILE_HEIGHTS(DENSE_PARTS_2)
#define DENSE_PARTS_1_ENTRY(rows) {dense_more_##rows##_1, dense_results_##rows##_1},
#define DENSE_PARTS_2_ENTRY(rows) {dense_more_##rows##_2, dense_results_##rows##_2},

/* By vectors of a panel, then rows. */
static const dense_parts_run dense_parts[2][TILE_ROWS] = {{TILE_HEIGHTS(DENSE_PARTS_1_ENTRY)}, {TILE_HEIGHTS(DENSE_PARTS_2_ENTRY)}};

/* A panel's results of `rows` rows in `tiles` tiles, DENSE_DEPTH products of each tile after the other: so many weights stay in
   the nearest cache while all tiles need them, and those that follow are fetched meanwhile; or, where the rows are `fresh` and as
   short as that, those of the next tile. The function `after` them, which may be NULL, is computed of results that follow each
   other before they go where they belong. */
static void dense_nearby(const dense_shape *shape, const float *x, const float *weights, const float *bias, const float *residual,
                         float *y, int64_t rows, int64_t tiles, int64_t columns, const int fresh, const kmin_after *after)
{
    const int wide = columns > LANES ? 2 : 1;
    const dense_parts_run *runs = dense_parts[wide - 1];
    const int64_t k = shape->k;
    float totals[DENSE_BLOCK * 2 * LANES];
    const int64_t line = wide * LANES * 4, apace = (line + tiles - 1) / tiles;
    const int mapped = after && after->map && columns == wide * LANES;
    dense_shape in_line = *shape;
    in_line.y_stride = wide * LANES;
    for (int64_t from = 0; from < k; from += DENSE_DEPTH) {
        const int64_t to = k - from < DENSE_DEPTH ? k : from + DENSE_DEPTH;
        const char *next = (const char *)weights + to * line;
        for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t first = tile * rows / tiles, height = (tile + 1) * rows / tiles - first;
            float *total = totals + first * wide * LANES;
            const dense_parts_run *run = &runs[height - 1];
            const float *own = x + first * shape->x_stride, *others = own + height * shape->x_stride;
            if (to == k)
                dense_fetch(shape, residual ? residual + first * shape->residual_stride : NULL, y + first * shape->y_stride, height);
            if (fresh && k <= DENSE_DEPTH)
                run->more(shape, own, weights, from, to, (const char *)others, 4 * height * shape->x_stride / k, total);
            else
                run->more(shape, own, weights, from, to, next + tile * (to - from) * apace, apace, total);
            if (to == k)
                run->results(mapped ? &in_line : shape, total, bias, residual ? residual + first * shape->residual_stride : NULL,
                             mapped ? total : y + first * shape->y_stride, columns);
        }
    }
    if (mapped) {
        after->map(after->args, totals, totals, rows * wide * LANES);
        for (int64_t row = 0; row < rows; row++)
            for (int v = 0; v < wide; v++)
                vstore(y + row * shape->y_stride + v * LANES, vload(totals + (row * wide + v) * LANES));
    } else if (after) {
        finish_rows(after, y, rows, columns);
    }
}

#endif

#endif
