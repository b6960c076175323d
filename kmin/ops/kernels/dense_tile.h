/* Tiles of rows of x times packed weight panels, bias and clipping in registers.

   Every tile adds the products in the order of k, DENSE_DEPTH of them into one accumulator per result before the next
   begins (a long chain of additions in float32 loses digits), so a row's result does not depend on how many rows are
   computed with it. */
#ifndef KMIN_DENSE_TILE_H
#define KMIN_DENSE_TILE_H

#include "fixed.h"
#include "simd.h"

typedef struct {
    int64_t k, x_stride, y_stride, residual_stride; /* strides in floats */
    vf low, high;
} dense_shape;

/* Whether a panel of DENSE_DEPTH rows leaves room in a first cache of 32 KB: then results of many rows are summed up that far in turn. */
#define DENSE_NEARBY (LANES <= KMIN_SHORT_LANES)

/* DENSE_BLOCK: rows that are computed together; fewer where second caches are mostly of 512 KB or less. */
enum { DENSE_SUMS = TILE_ROWS > 8 ? TILE_ROWS : 8, DENSE_BLOCK = (DENSE_NEARBY ? 8 : 16) * TILE_ROWS };

/* The function over rows of `columns` results, which were stored just now. */
INLINE void finish_rows(const kmin_after *after, float *y, int64_t rows, int64_t columns)
{
    if (after->map_rows && columns == after->y_stride)
        after->map_rows(after->args, y, rows * columns, 1, rows * columns);
    else if (after->map_rows)
        after->map_rows(after->args, y, after->y_stride, rows, columns);
}

/* Sums to results: bias, residual (both or either NULL), clipping, and only so many columns of each row. What differs is
   asked for once per column of vectors, so that sums stay in registers. */
INLINE void dense_store(const int rows, const int vectors, const dense_shape *shape, vf (*sum)[8], const float *bias,
                        const float *residual, float *y, int64_t columns)
{
    const vf low = shape->low, high = shape->high;
    if (bias && !residual && columns >= vectors * LANES) { /* the common case, apart: sums go from registers to y */
        UNROLL for (int v = 0; v < vectors; v++) {
            const vf more = vload(bias + v * LANES);
            UNROLL for (int row = 0; row < rows; row++)
                vstore(y + row * shape->y_stride + v * LANES, vmin(high, vmax(low, vadd(sum[row][v], more))));
        }
        return;
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        const int64_t left = columns - v * LANES;
        float *to = y + v * LANES;
        if (bias) {
            const vf more = vload(bias + v * LANES);
            UNROLL for (int row = 0; row < rows; row++)
                sum[row][v] = vadd(sum[row][v], more);
        }
        if (residual) {
            const float *more = residual + v * LANES;
            if (left >= LANES)
                UNROLL for (int row = 0; row < rows; row++)
                    sum[row][v] = vadd(sum[row][v], vload(more + row * shape->residual_stride));
            else
                UNROLL for (int row = 0; row < rows; row++)
                    sum[row][v] = vadd(sum[row][v], vload_part(more + row * shape->residual_stride, left, vset(0.0f)));
        }
        if (left >= LANES)
            UNROLL for (int row = 0; row < rows; row++)
                vstore(to + row * shape->y_stride, vmin(high, vmax(low, sum[row][v])));
        else
            UNROLL for (int row = 0; row < rows; row++)
                vstore_part(to + row * shape->y_stride, vmin(high, vmax(low, sum[row][v])), left);
    }
}

/* Said at the end of a loop: these sums are in registers there. */
INLINE void dense_hold(const int rows, const int vectors, vf (*sum)[8])
{
    (void)sum;
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < vectors; v++)
            VHELD(sum[row][v]);
}

/* sum[row][v] = products number `from` to `to` of each result. Of the last vector only the first `half` is computed. For each
   product `apace` bytes are fetched from `ahead`, which may be NULL. */
INLINE void dense_sums_ahead(const int rows, const int vectors, const int wide, const int half, const int64_t k,
                             const int64_t stride, const int64_t from, const int64_t to, const float *x, const float *weights,
                             const char *ahead, const int64_t apace, vf (*restrict sum)[8])
{
    const int whole = vectors - half;
    vh last[DENSE_SUMS];
    UNROLL for (int row = 0; row < rows; row++) {
        UNROLL for (int v = 0; v < whole; v++)
            sum[row][v] = vset(0.0f);
        last[row] = hlow(vset(0.0f));
    }
    for (int64_t at = from; at < to; at++) {
        vf w[8];
        if (ahead) {
            PREFETCH_FAR(ahead);
            ahead += apace;
        }
        UNROLL for (int v = 0; v < whole; v++)
            w[v] = vload(weights + (v / wide * k + at) * wide * LANES + v % wide * LANES);
        const vh w_last = half ? hload(weights + at * wide * LANES + whole * LANES) : hlow(vset(0.0f));
        UNROLL for (int row = 0; row < rows; row++) {
            vf value = vset(x[row * stride + at]);
            UNROLL for (int v = 0; v < whole; v++)
                sum[row][v] = vfma(value, w[v], sum[row][v]);
            if (half)
                last[row] = hfma(hlow(value), w_last, last[row]);
        }
        dense_hold(rows, whole, sum);
        if (half)
            UNROLL for (int row = 0; row < rows; row++)
                VHELD(last[row]);
    }
    if (half)
        UNROLL for (int row = 0; row < rows; row++)
            sum[row][whole] = hwide(last[row]);
}

INLINE void dense_sums(const int rows, const int vectors, const int wide, const int half, const int64_t k,
                       const int64_t stride, const int64_t from, const int64_t to, const float *x, const float *weights,
                       vf (*restrict sum)[8])
{
    dense_sums_ahead(rows, vectors, wide, half, k, stride, from, to, x, weights, NULL, 0, sum);
}

/* `rows` rows by `panels` panels of `wide` vectors, the last perhaps a half; `columns` results of each row are stored. */
INLINE void dense_tile(const int rows, const int panels, const int wide, const int half, const dense_shape *shape,
                       const float *x, const float *weights, const float *bias, const float *residual, float *y, int64_t columns)
{
    const int vectors = panels * wide;
    const int64_t k = shape->k, stride = shape->x_stride;
    vf sum[DENSE_SUMS][8];
    /* A bias that came first would enlarge what is rounded. */
    if (k <= DENSE_DEPTH) {
        dense_sums(rows, vectors, wide, half, k, stride, 0, k, x, weights, sum);
        dense_store(rows, vectors, shape, sum, bias, residual, y, columns);
        return;
    }
    vf total[DENSE_SUMS][8];
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < vectors; v++)
            total[row][v] = vset(0.0f);
    for (int64_t from = 0; from < k; from += DENSE_DEPTH) {
        dense_sums(rows, vectors, wide, half, k, stride, from, k - from < DENSE_DEPTH ? k : from + DENSE_DEPTH, x, weights,
                   sum);
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < vectors; v++)
                total[row][v] = vadd(total[row][v], sum[row][v]);
    }
    dense_store(rows, vectors, shape, total, bias, residual, y, columns);
}

/* A row by `wide` vectors: that many blocks of DENSE_DEPTH products at a time, so that additions need not wait for each other.
   Their sums join the total in the order of dense_tile. */
INLINE void dense_blocks_sums(const int blocks, const int wide, const float *x, const float *weights, vf *total)
{
    vf sum[4][2];
    UNROLL for (int block = 0; block < blocks; block++)
        UNROLL for (int v = 0; v < wide; v++)
            sum[block][v] = vset(0.0f);
    for (int64_t at = 0; at < DENSE_DEPTH; at++)
        UNROLL for (int block = 0; block < blocks; block++) {
            const int64_t k = block * DENSE_DEPTH + at;
            const vf value = vset(x[k]);
            UNROLL for (int v = 0; v < wide; v++)
                sum[block][v] = vfma(value, vload(weights + (k * wide + v) * LANES), sum[block][v]);
        }
    UNROLL for (int block = 0; block < blocks; block++)
        UNROLL for (int v = 0; v < wide; v++)
            total[v] = vadd(total[v], sum[block][v]);
}

INLINE void dense_deep(const int wide, const dense_shape *shape, const float *x, const float *weights, const float *bias,
                       const float *residual, float *y, int64_t columns)
{
    const int64_t k = shape->k, line = wide * LANES;
    vf total[1][8], sum[DENSE_SUMS][8];
    int64_t at = 0;
    UNROLL for (int v = 0; v < wide; v++)
        total[0][v] = vset(0.0f);
    for (; at + 4 * DENSE_DEPTH <= k; at += 4 * DENSE_DEPTH)
        dense_blocks_sums(4, wide, x + at, weights + at * line, total[0]);
    if (at + 3 * DENSE_DEPTH <= k) {
        dense_blocks_sums(3, wide, x + at, weights + at * line, total[0]);
        at += 3 * DENSE_DEPTH;
    } else if (at + 2 * DENSE_DEPTH <= k) {
        dense_blocks_sums(2, wide, x + at, weights + at * line, total[0]);
        at += 2 * DENSE_DEPTH;
    }
    for (; at < k; at += DENSE_DEPTH) {
        dense_sums(1, wide, wide, 0, k, k, at, k - at < DENSE_DEPTH ? k : at + DENSE_DEPTH, x, weights, sum);
        UNROLL for (int v = 0; v < wide; v++)
            total[0][v] = vadd(total[0][v], sum[0][v]);
    }
    dense_store(1, wide, shape, total, bias, residual, y, columns);
}

typedef void (*dense_tile_run)(const dense_shape *, const float *, const float *, const float *, const float *, float *,
                               int64_t);

/* X(number) for every number of rows that a tile may have. */
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

#define DENSE_TILE(name, rows, panels, wide, half)                                                                   \
    static void dense_##name(const dense_shape *shape, const float *x, const float *weights, const float *bias,      \
                             const float *residual, float *y, int64_t columns)                                       \
    {                                                                                                                \
        dense_tile(rows, panels, wide, half, shape, x, weights, bias, residual, y, columns);                         \
    }
DENSE_TILE(1_2, 1, 2, 2, 0)
DENSE_TILE(1_4, 1, 4, 2, 0)
DENSE_TILE(2_2, 2, 2, 2, 0)
DENSE_TILE(3_2, 3, 2, 2, 0)
#define DENSE_ONE(rows) DENSE_TILE(one_##rows, rows, 1, 1, 0)
#define DENSE_TWO(rows) DENSE_TILE(two_##rows, rows, 1, 2, 0)
TILE_HEIGHTS(DENSE_ONE)
TILE_HEIGHTS(DENSE_TWO)
#define DENSE_ONE_ENTRY(rows) dense_one_##rows,
#define DENSE_TWO_ENTRY(rows) dense_two_##rows,
#if HALVES
#define DENSE_HALF(rows) DENSE_TILE(half_##rows, rows, 1, 1, 1)
#define DENSE_MORE(rows) DENSE_TILE(more_##rows, rows, 1, 2, 1)
TILE_HEIGHTS(DENSE_HALF)
TILE_HEIGHTS(DENSE_MORE)
#define DENSE_HALF_ENTRY(rows) dense_half_##rows,
#define DENSE_MORE_ENTRY(rows) dense_more_##rows,
#endif

/* By what is computed of a panel, then rows: one vector, two, half of one, one and a half. */
static const dense_tile_run dense_tiles[2 + 2 * HALVES][TILE_ROWS] = {
    {TILE_HEIGHTS(DENSE_ONE_ENTRY)},
    {TILE_HEIGHTS(DENSE_TWO_ENTRY)},
#if HALVES
    {TILE_HEIGHTS(DENSE_HALF_ENTRY)},
    {TILE_HEIGHTS(DENSE_MORE_ENTRY)},
#endif
};

#define DENSE_DEEP(wide)                                                                                              \
    static void dense_deep_##wide(const dense_shape *shape, const float *x, const float *weights, const float *bias, \
                                  const float *residual, float *y, int64_t columns)                                  \
    {                                                                                                                \
        dense_deep(wide, shape, x, weights, bias, residual, y, columns);                                             \
    }
DENSE_DEEP(1)
DENSE_DEEP(2)
static const dense_tile_run dense_deep_tiles[2] = {dense_deep_1, dense_deep_2};

/* What computes a panel when `left` columns are left, by number of rows. */
INLINE const dense_tile_run *dense_panel(int64_t left)
{
    const int wide = left > LANES;
    return dense_tiles[HALVES && left - wide * LANES <= LANES / 2 ? 2 + wide : wide];
}

#endif
