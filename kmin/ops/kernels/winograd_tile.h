/* Products of one position of minimal filtering, and of one of the seven of products by halves. */
#ifndef KMIN_WINOGRAD_TILE_H
#define KMIN_WINOGRAD_TILE_H

#include "dense_tile.h"

/* One product of each result: sum[row] += x[row * LANES] * weights. */
INLINE void tile_product(const int rows, const int wide, const float *x, const float *weights, vf (*sum)[2])
{
    vf w[2];
    UNROLL for (int v = 0; v < wide; v++)
        w[v] = vload(weights + v * LANES);
    UNROLL for (int row = 0; row < rows; row++) {
        const vf value = vset(x[row * LANES]);
        UNROLL for (int v = 0; v < wide; v++)
            sum[row][v] = vfma(value, w[v], sum[row][v]);
    }
    UNROLL for (int row = 0; row < rows; row++)
        UNROLL for (int v = 0; v < wide; v++)
            VHELD(sum[row][v]);
}

/* `rows` tiles by `wide` vectors of filters of one position: to[row * stride] = sums over `depth` channels. For
   each vector of channels `lines` lines are fetched from `ahead` where LANES are few: a large tile needs no weight so soon. */
INLINE void winograd_tile(const int rows, const int wide, const int chain, int64_t depth, const float *x,
                          const float *weights, float *to, int64_t stride, const float *ahead, int64_t lines)
{
    (void)ahead, (void)lines;
    for (int64_t from = 0; from < depth; from += chain) {
        const int64_t end = depth - from < chain ? depth : from + chain;
        vf sum[TILE_ROWS][2];
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++)
                sum[row][v] = vset(0.0f);
        for (int64_t at = from; at < end; at += LANES, x += rows * LANES) {
#if DENSE_NEARBY
            for (int64_t line = 0; line < lines; line++, ahead += 16)
                PREFETCH_FAR(ahead);
#endif
            for (int lane = 0; lane < LANES; lane++, weights += wide * LANES)
                tile_product(rows, wide, x + lane, weights, sum);
        }
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++) {
                float *place = to + row * stride + v * LANES;
                vstore(place, from ? vadd(vload(place), sum[row][v]) : sum[row][v]);
            }
    }
}

typedef void (*winograd_tile_run)(int64_t, const float *, const float *, float *, int64_t, const float *, int64_t);

#define WINOGRAD_TILE(rows, wide, chain)                                                                               \
    static void winograd_##rows##_##wide##_##chain(int64_t depth, const float *x, const float *weights, float *to,     \
                                                   int64_t stride, const float *ahead, int64_t lines)                  \
    {                                                                                                                  \
        winograd_tile(rows, wide, chain, depth, x, weights, to, stride, ahead, lines);                                 \
    }
#define WINOGRAD_TILES(rows)                                                                                           \
    WINOGRAD_TILE(rows, 1, 256) WINOGRAD_TILE(rows, 2, 256) WINOGRAD_TILE(rows, 1, 64) WINOGRAD_TILE(rows, 2, 64)      \
    WINOGRAD_TILE(rows, 1, 32) WINOGRAD_TILE(rows, 2, 32)
TILE_HEIGHTS(WINOGRAD_TILES)
#define WINOGRAD_ENTRY_1_256(rows) winograd_##rows##_1_256,
#define WINOGRAD_ENTRY_2_256(rows) winograd_##rows##_2_256,
#define WINOGRAD_ENTRY_1_64(rows) winograd_##rows##_1_64,
#define WINOGRAD_ENTRY_2_64(rows) winograd_##rows##_2_64,
#define WINOGRAD_ENTRY_1_32(rows) winograd_##rows##_1_32,
#define WINOGRAD_ENTRY_2_32(rows) winograd_##rows##_2_32,

/* By length of chains, then number of vectors per panel, then rows. */
static const winograd_tile_run winograd_tiles[3][2][TILE_ROWS] = {
    [KMIN_CHAIN_256] = {{TILE_HEIGHTS(WINOGRAD_ENTRY_1_256)}, {TILE_HEIGHTS(WINOGRAD_ENTRY_2_256)}},
    [KMIN_CHAIN_64] = {{TILE_HEIGHTS(WINOGRAD_ENTRY_1_64)}, {TILE_HEIGHTS(WINOGRAD_ENTRY_2_64)}},
    [KMIN_CHAIN_32] = {{TILE_HEIGHTS(WINOGRAD_ENTRY_1_32)}, {TILE_HEIGHTS(WINOGRAD_ENTRY_2_32)}},
};

#endif
