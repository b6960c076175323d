/* Rows of results that were stored just now, to the largest, the smallest or the sum of each column. */
#ifndef KMIN_COLLECT_H
#define KMIN_COLLECT_H

#include "merge.h"

INLINE vf collect_two(const int kind, vf a, vf b)
{
    return kind == KMIN_MAX ? p_maximum(a, b) : kind == KMIN_MIN ? p_minimum(a, b) : vadd(a, b);
}

/* Two chains for each of one or two vectors, so that the next value need not wait for the last. */
INLINE void collect_columns(const int kind, const int vectors, const float *y, int64_t rows, int64_t stride, int first, vf *so_far)
{
    vf even[2], odd[2];
    UNROLL for (int v = 0; v < vectors; v++)
        even[v] = vload(y + v * LANES);
    if (rows > 1) {
        UNROLL for (int v = 0; v < vectors; v++)
            odd[v] = vload(y + stride + v * LANES);
        int64_t row = 2;
        for (; row + 1 < rows; row += 2)
            UNROLL for (int v = 0; v < vectors; v++) {
                even[v] = collect_two(kind, even[v], vload(y + row * stride + v * LANES));
                odd[v] = collect_two(kind, odd[v], vload(y + (row + 1) * stride + v * LANES));
            }
        UNROLL for (int v = 0; v < vectors; v++) {
            if (row < rows)
                even[v] = collect_two(kind, even[v], vload(y + row * stride + v * LANES));
            even[v] = collect_two(kind, even[v], odd[v]);
        }
    }
    UNROLL for (int v = 0; v < vectors; v++)
        so_far[v] = first ? even[v] : collect_two(kind, so_far[v], even[v]);
}

/* so_far = what rows of one or two vectors come to; unless they are the first, together with what it was. */
static void collect_rows(int kind, int vectors, const float *y, int64_t rows, int64_t stride, int first, vf *so_far)
{
#define COLLECT(kind)                                                       \
    if (vectors == 2)                                                       \
        collect_columns(kind, 2, y, rows, stride, first, so_far);           \
    else                                                                    \
        collect_columns(kind, 1, y, rows, stride, first, so_far);
    if (kind == KMIN_MAX) {
        COLLECT(KMIN_MAX)
    } else if (kind == KMIN_MIN) {
        COLLECT(KMIN_MIN)
    } else {
        COLLECT(KMIN_SUM)
    }
#undef COLLECT
}

/* So much of a block of rows as `left` columns of one or two vectors, added to what the blocks before came to. */
INLINE void collect_into(int kind, const vf *block, int64_t left, int first, float *partial)
{
    for (int64_t at = 0; at < left; at += LANES, block++) {
        const vf none = vset(0.0f);
        if (left - at < LANES) {
            const vf old = first ? none : vload_part(partial + at, left - at, none);
            vstore_part(partial + at, first ? *block : collect_two(kind, old, *block), left - at);
        } else {
            vstore(partial + at, first ? *block : collect_two(kind, vload(partial + at), *block));
        }
    }
}

#endif
