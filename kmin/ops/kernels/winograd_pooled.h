/* Minimal filtering whose only reader takes the largest of each 2 x 2 results: squares of a tile, of which only the largest is
   stored. Bias, clipping and function come after that, as in lines_pooled.h. */
#ifndef KMIN_WINOGRAD_POOLED_H
#define KMIN_WINOGRAD_POOLED_H

#include "filtering.h"
#include "merge.h"

/* As winograd_results, of tiles whose sides are even. */
INLINE void winograd_largest(const int m, const int n, const int mx, const int nx, const kmin_winograd *p, const float *sums,
                             int64_t position, int64_t tile, int64_t from, int64_t to, float *y)
{
    const int64_t y0 = tile / p->tiles_x * m, x0 = tile % p->tiles_x * mx;
    const int64_t high = p->g.out_height - y0, wide = p->g.out_width - x0; /* results before the image's end */
    const int64_t rows = p->pooled_height - y0 / 2, columns = p->pooled_width - x0 / 2, stride = p->after.y_stride;
    const vf least = vset(p->after.low), most = vset(p->after.high);
    y += (y0 / 2 * p->pooled_width + x0 / 2) * stride;
    for (int64_t column = from; column < to; column += LANES, sums += LANES) {
        const int64_t left = to - column;
        const vf bias = vload(p->bias + column);
        vf half[4][6];
        winograd_columns(m, n, nx, sums, position, half);
        UNROLL for (int i = 0; i < m; i += 2) {
            vf above[6], below[6];
            winograd_out(mx, nx, half[i], above);
            winograd_out(mx, nx, half[i + 1], below);
            UNROLL for (int j = 0; j < mx; j += 2) {
                if (i / 2 >= rows || j / 2 >= columns)
                    continue;
                vf value = above[j];
                if (j + 1 < wide)
                    value = p_maximum(value, above[j + 1]);
                if (i + 1 < high)
                    value = p_maximum(value, below[j]);
                if (i + 1 < high && j + 1 < wide)
                    value = p_maximum(value, below[j + 1]);
                value = vmin(most, vmax(least, vadd(value, bias)));
                float *place = y + (i / 2 * p->pooled_width + j / 2) * stride + column;
                if (left >= LANES)
                    vstore(place, value);
                else
                    vstore_part(place, value, left);
            }
        }
    }
    const int64_t count = columns < mx / 2 ? columns : mx / 2;
    for (int64_t i = 0; p->after.map_rows && count > 0 && i < m / 2 && i < rows; i++)
        p->after.map_rows(p->after.args, y + i * p->pooled_width * stride + from, stride, count, to - from);
}

static void winograd_pooled_write(const kmin_winograd *p, const float *sums, int64_t position, int64_t tile, int64_t from,
                                  int64_t to, float *y)
{
    if (p->size == 4)
        winograd_largest(4, 6, 4, 6, p, sums, position, tile, from, to, y);
    else if (p->wide == 4)
        winograd_largest(2, 4, 4, 6, p, sums, position, tile, from, to, y);
    else
        winograd_largest(2, 4, 2, 4, p, sums, position, tile, from, to, y);
}

#endif
