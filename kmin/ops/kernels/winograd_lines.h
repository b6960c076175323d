/* Convolution with windows of one row or one column (a Conv1D is one row high) and stride 1, dilated or not: minimal filtering
   along the line, as winograd.h does for squares. Cells of a tile lie a dilation apart; tiles that interleave follow each
   other. */
#ifndef KMIN_WINOGRAD_LINES_H
#define KMIN_WINOGRAD_LINES_H

#include "conv.h"
#include "filtering.h"

/* Where the first result of a tile is, and how far apart its results are, in rows or in columns. */
typedef struct {
    int64_t row, column, down, across;
    int64_t results; /* inside the image */
} winograd_line;

INLINE winograd_line winograd_line_place(const kmin_winograd *p, int64_t tile)
{
    const kmin_geometry *g = &p->g;
    const int upright = p->line == KMIN_COLUMNS;
    const int64_t step = upright ? g->dilation_y : g->dilation_x, length = upright ? g->out_height : g->out_width;
    const int64_t start = winograd_start(upright ? tile / p->tiles_x : tile % p->tiles_x, length, step, p->size);
    const int64_t results = winograd_inside(start, length, step, p->size);
    if (upright)
        return (winograd_line){start, tile % p->tiles_x, step, 0, results};
    return (winograd_line){tile / p->tiles_x, start, 0, step, results};
}

/* One tile's cells, all channels: row `row` of a block of `rows` at v. */
INLINE void winograd_line_cells(const int n, const kmin_winograd *p, const float *x, int64_t tile, float *v, int64_t rows,
                                int64_t row, int64_t position)
{
    const kmin_geometry *g = &p->g;
    const winograd_line place = winograd_line_place(p, tile);
    const float *cells[8];
    for (int i = 0; i < n; i++) {
        const int64_t line = place.row - g->top + i * place.down, cell = place.column - g->left + i * place.across;
        const int inside = line >= 0 && line < g->height && cell >= 0 && cell < g->width;
        cells[i] = inside ? x + (line * g->width + cell) * g->channels : p->zeros;
    }
    v += row * LANES;
    for (int64_t c = 0; c < g->channels; c += LANES, v += rows * LANES) {
        const int64_t left = g->channels - c;
        vf d[8], t[8];
        UNROLL for (int i = 0; i < n; i++)
            d[i] = left >= LANES ? vload(cells[i] + c) : vload_part(cells[i] + c, left, vset(0.0f));
        winograd_in(n, d, t);
        UNROLL for (int i = 0; i < n; i++)
            vstore(v + i * position, t[i]);
    }
}

/* One tile's results in columns from .. to - 1, of the sums at `sums`. */
INLINE void winograd_line_results(const int m, const int n, const kmin_winograd *p, const float *sums, int64_t position,
                                  int64_t tile, int64_t from, int64_t to, const float *residual, float *y)
{
    const kmin_geometry *g = &p->g;
    const winograd_line place = winograd_line_place(p, tile);
    const int64_t first = place.row * g->out_width + place.column, step = place.down * g->out_width + place.across;
    const int64_t stride = step * p->after.y_stride;
    const vf least = vset(p->after.low), most = vset(p->after.high);
    if (place.results == 0)
        return;
    y += first * p->after.y_stride;
    if (residual)
        residual += first * g->filters;
    for (int64_t column = from; column < to; column += LANES, sums += LANES) {
        const int64_t left = to - column;
        const vf bias = vload(p->bias + column);
        vf s[8], t[6];
        UNROLL for (int i = 0; i < n; i++)
            s[i] = vload(sums + i * position);
        winograd_out(m, n, s, t);
        UNROLL for (int i = 0; i < m; i++) {
            if (i >= place.results)
                continue;
            vf value = vadd(t[i], bias);
            if (residual) {
                const float *more = residual + i * step * g->filters + column;
                value = vadd(value, left >= LANES ? vload(more) : vload_part(more, left, vset(0.0f)));
            }
            value = vmin(most, vmax(least, value));
            if (left >= LANES)
                vstore(y + i * stride + column, value);
            else
                vstore_part(y + i * stride + column, value, left);
        }
    }
    if (p->after.map_rows)
        p->after.map_rows(p->after.args, y + from, stride, place.results, to - from);
}

static void winograd_line_read(const kmin_winograd *p, const float *x, int64_t tile, float *v, int64_t rows, int64_t row,
                               int64_t position)
{
    switch (p->size + p->taps - 1) {
    case 4:
        winograd_line_cells(4, p, x, tile, v, rows, row, position);
        return;
    case 6:
        winograd_line_cells(6, p, x, tile, v, rows, row, position);
        return;
    default:
        winograd_line_cells(8, p, x, tile, v, rows, row, position);
    }
}

static void winograd_line_write(const kmin_winograd *p, const float *sums, int64_t position, int64_t tile, int64_t from,
                                int64_t to, const float *residual, float *y)
{
#define WINOGRAD_LINE(m, n)                                                             \
    case 10 * m + n:                                                                    \
        winograd_line_results(m, n, p, sums, position, tile, from, to, residual, y);    \
        return;
    switch (10 * p->size + p->size + p->taps - 1) {
        WINOGRAD_LINE(2, 4)
        WINOGRAD_LINE(2, 6)
        WINOGRAD_LINE(3, 6)
        WINOGRAD_LINE(4, 6)
        WINOGRAD_LINE(2, 8)
        WINOGRAD_LINE(3, 8)
        WINOGRAD_LINE(4, 8)
        WINOGRAD_LINE(6, 8)
    }
#undef WINOGRAD_LINE
}

#endif
