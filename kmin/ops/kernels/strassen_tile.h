/* Products of sums by one of the seven matrices of Strassen's method. */
#ifndef KMIN_STRASSEN_TILE_H
#define KMIN_STRASSEN_TILE_H

#include "winograd_tile.h"

/* STRASSEN_SET: blocks that go through a panel together. STRASSEN_DEPTH: products that a tile adds up at once, STRASSEN_CHAIN of them
   into one accumulator. Where tiles are low, weights have to come from the nearest cache, where the tiles of a set find so many. */
#if DENSE_NEARBY
enum { STRASSEN_SET = KMIN_STRASSEN_SET, STRASSEN_DEPTH = 192, STRASSEN_CHAIN = 64 };
#else
enum { STRASSEN_SET = 1, STRASSEN_DEPTH = 1 << 30 };
#endif
enum { STRASSEN_POSITIONS = 7, STRASSEN_PAIRS = STRASSEN_SET * TILE_ROWS };

/* Where the products end that are added up at once from `from` on. */
INLINE int64_t strassen_end(int64_t depth, int64_t from)
{
    return depth - from < STRASSEN_DEPTH ? depth : from + STRASSEN_DEPTH;
}

#if DENSE_NEARBY
/* to[row * panel] += the sums of `count` products, or is that where `fresh`, of no more than STRASSEN_CHAIN at a time; for each
   product `apace` bytes are fetched from `ahead`. */
INLINE void strassen_tile(const int rows, const int wide, int64_t count, int fresh, const float *x, const float *weights,
                          const char *ahead, int64_t apace, float *to)
{
    for (int64_t at = 0; at < count; fresh = 0) {
        const int64_t end = count - at < STRASSEN_CHAIN ? count : at + STRASSEN_CHAIN;
        vf sum[TILE_ROWS][2];
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++)
                sum[row][v] = vset(0.0f);
        for (; at < end; at += LANES, x += rows * LANES)
            for (int lane = 0; lane < LANES; lane++, weights += wide * LANES, ahead += apace) {
                PREFETCH_FAR(ahead);
                tile_product(rows, wide, x + lane, weights, sum);
            }
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < wide; v++) {
                float *place = to + (row * 2 + v) * LANES;
                vstore(place, fresh ? sum[row][v] : vadd(vload(place), sum[row][v]));
            }
    }
}

typedef void (*strassen_tile_run)(int64_t, int, const float *, const float *, const char *, int64_t, float *);

#define STRASSEN_TILE(rows, wide)                                                                                      \
    static void strassen_##rows##_##wide(int64_t count, int fresh, const float *x, const float *weights,               \
                                         const char *ahead, int64_t apace, float *to)                                  \
    {                                                                                                                  \
        strassen_tile(rows, wide, count, fresh, x, weights, ahead, apace, to);                                         \
    }
#define STRASSEN_TILES(rows) STRASSEN_TILE(rows, 1) STRASSEN_TILE(rows, 2)
TILE_HEIGHTS(STRASSEN_TILES)
#define STRASSEN_ENTRY_1(rows) strassen_##rows##_1,
#define STRASSEN_ENTRY_2(rows) strassen_##rows##_2,

/* By vectors of a panel, then rows. */
static const strassen_tile_run strassen_tiles[2][TILE_ROWS] = {{TILE_HEIGHTS(STRASSEN_ENTRY_1)}, {TILE_HEIGHTS(STRASSEN_ENTRY_2)}};
#endif

#endif
