/* Convolution with r x r taps and stride 1 through minimal filtering (Winograd; Lavin and Gray 2015, arXiv:1509.09308).

   The result is cut into tiles of m x m cells. Of each tile, the n x n cells that it reads, n = m + r - 1, are transformed; every
   one of the n^2 transformed cells ("positions") is then a matrix product over channels of its own, with weights transformed
   when they were packed, and the products are transformed back: for r = 3, 16 products instead of 36 with m = 2 and 36 instead
   of 144 with m = 4; 36 instead of 144 for r = 4, m = 3, and instead of 100 for r = 5, m = 2. Tiles of 2 x 4 cells need 24 instead
   of 72 for r = 3, and round less than those of 4 x 4.

   The back transform enlarges what the sums were rounded by: with n = 6 they are taken in chains of 32 products, along a
   line in chains of 64, and of 32 with n = 8.

   Windows of one row or one column go the same way along it (winograd_lines.h): n positions, r * m / n times fewer products.

   Of volumes, planes are filtered: what is transformed of those that a window reads are channels of one product, whose sums
   are transformed back once. Tiles are counted through all planes of results. The pieces of r x r cells of a larger window
   are summed up the same way, as if they were planes that lie a piece apart.

   Transformed cells lie [position][block of tiles][vector of channels][tile][lane], so that a tile of the product reads one
   stream. NaN and infinity spread to the whole tile of m x m results. */
#ifndef KMIN_WINOGRAD_H
#define KMIN_WINOGRAD_H

#include "conv.h"
#include "filtering.h"
#include "winograd_pooled.h"
#include "winograd_tile.h"
#include "winograd_weights.h"

/* Where the tile `at` of a line of `length` results begins: its m results lie `step` apart, tiles that interleave follow each
   other. */
INLINE int64_t winograd_start(int64_t at, int64_t length, int64_t step, int64_t m)
{
    const int64_t phases = step < length ? step : length;
    return step == 1 ? at * m : at % phases + at / phases * m * step;
}

/* How many of them are on the line. */
INLINE int64_t winograd_inside(int64_t start, int64_t length, int64_t step, int64_t m)
{
    const int64_t left = start < length ? step == 1 ? length - start : (length - start + step - 1) / step : 0;
    return left < m ? left : m;
}

/* One tile's cells, all channels, for a piece of the window: row `row` of a block of `rows` at v. */
INLINE void winograd_cells(const int m, const int n, const int mx, const int nx, const kmin_winograd *p, const float *x,
                           int64_t piece, int64_t tile, float *v, int64_t rows, int64_t row, int64_t position)
{
    const kmin_geometry *g = &p->g;
    const int64_t down = p->across ? piece / p->across * p->taps : 0, right = p->across ? piece % p->across * p->taps : 0;
    const int64_t y0 = winograd_start(tile / p->tiles_x, g->out_height, g->dilation_y, m) - g->top + down * g->dilation_y;
    const int64_t x0 = winograd_start(tile % p->tiles_x, g->out_width, g->dilation_x, mx) - g->left + right * g->dilation_x;
    const float *cells[36];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < nx; j++) {
            const int64_t line = y0 + i * g->dilation_y, cell = x0 + j * g->dilation_x;
            const int inside = line >= 0 && line < g->height && cell >= 0 && cell < g->width;
            cells[i * nx + j] = inside ? x + (line * g->width + cell) * g->channels : p->zeros;
        }
    v += row * LANES;
    for (int64_t c = 0; c < g->channels; c += LANES, v += rows * LANES) {
        const int64_t left = g->channels - c;
        vf half[6][6], d[6], t[6];
        UNROLL for (int j = 0; j < nx; j++) {
            UNROLL for (int i = 0; i < n; i++) {
                const float *from = cells[i * nx + j] + c;
                d[i] = left >= LANES ? vload(from) : vload_part(from, left, vset(0.0f));
            }
            winograd_in(n, d, t);
            UNROLL for (int i = 0; i < n; i++)
                half[i][j] = t[i];
        }
        UNROLL for (int i = 0; i < n; i++) {
            winograd_in(nx, half[i], t);
            UNROLL for (int j = 0; j < nx; j++)
                vstore(v + (i * nx + j) * position, t[j]);
        }
    }
}

/* One tile's results in columns from .. to - 1, of the sums at `sums`. */
INLINE void winograd_results(const int m, const int n, const int mx, const int nx, const kmin_winograd *p, const float *sums,
                             int64_t position, int64_t tile, int64_t from, int64_t to, const float *residual, float *y)
{
    const kmin_geometry *g = &p->g;
    const int64_t y0 = winograd_start(tile / p->tiles_x, g->out_height, g->dilation_y, m);
    const int64_t x0 = winograd_start(tile % p->tiles_x, g->out_width, g->dilation_x, mx);
    const int64_t high = winograd_inside(y0, g->out_height, g->dilation_y, m);
    const int64_t wide = winograd_inside(x0, g->out_width, g->dilation_x, mx), stride = g->dilation_x * p->after.y_stride;
    const vf least = vset(p->after.low), most = vset(p->after.high);
    for (int64_t column = from; column < to; column += LANES, sums += LANES) {
        const int64_t left = to - column;
        const vf bias = vload(p->bias + column);
        vf half[4][6], t[4];
        winograd_columns(m, n, nx, sums, position, half);
        UNROLL for (int i = 0; i < m; i++) {
            winograd_out(mx, nx, half[i], t);
            UNROLL for (int j = 0; j < mx; j++) {
                if (i >= high || j >= wide)
                    continue;
                const int64_t cell = (y0 + i * g->dilation_y) * g->out_width + x0 + j * g->dilation_x;
                float *place = y + cell * p->after.y_stride + column;
                vf value = vadd(t[j], bias);
                if (residual) {
                    const float *more = residual + cell * g->filters + column;
                    value = vadd(value, left >= LANES ? vload(more) : vload_part(more, left, vset(0.0f)));
                }
                value = vmin(most, vmax(least, value));
                if (left >= LANES)
                    vstore(place, value);
                else
                    vstore_part(place, value, left);
            }
        }
    }
    if (!p->after.map_rows || wide == 0)
        return;
    for (int64_t i = 0; i < high; i++) {
        const int64_t cell = (y0 + i * g->dilation_y) * g->out_width + x0;
        p->after.map_rows(p->after.args, y + cell * p->after.y_stride + from, stride, wide, to - from);
    }
}

#include "winograd_lines.h"

/* Transformed cells of a tile in a column. */
INLINE int winograd_reach(const kmin_winograd *p)
{
    return p->size + p->taps - 1;
}

INLINE int winograd_positions(const kmin_winograd *p)
{
    return p->line ? winograd_reach(p) : winograd_reach(p) * (p->wide + p->taps - 1);
}

static void winograd_read(const kmin_winograd *p, const float *x, int64_t piece, int64_t tile, float *v, int64_t rows,
                          int64_t row, int64_t position)
{
    if (p->line)
        winograd_line_read(p, x, tile, v, rows, row, position);
    else if (winograd_reach(p) == 6)
        winograd_cells(p->size, 6, p->size, 6, p, x, piece, tile, v, rows, row, position);
    else if (p->wide == 4)
        winograd_cells(2, 4, 4, 6, p, x, piece, tile, v, rows, row, position);
    else
        winograd_cells(2, 4, 2, 4, p, x, piece, tile, v, rows, row, position);
}

static void winograd_write(const kmin_winograd *p, const float *sums, int64_t position, int64_t tile, int64_t from,
                           int64_t to, const float *residual, float *y)
{
    if (p->pooled_height)
        winograd_pooled_write(p, sums, position, tile, from, to, y);
    else if (p->line)
        winograd_line_write(p, sums, position, tile, from, to, residual, y);
    else if (winograd_reach(p) == 4 && p->wide == 4)
        winograd_results(2, 4, 4, 6, p, sums, position, tile, from, to, residual, y);
    else if (winograd_reach(p) == 4)
        winograd_results(2, 4, 2, 4, p, sums, position, tile, from, to, residual, y);
    else if (p->size == 4)
        winograd_results(4, 6, 4, 6, p, sums, position, tile, from, to, residual, y);
    else if (p->size == 3)
        winograd_results(3, 6, 3, 6, p, sums, position, tile, from, to, residual, y);
    else
        winograd_results(2, 6, 2, 6, p, sums, position, tile, from, to, residual, y);
}

/* Tiles of an image, or of all planes of a volume. */
INLINE int64_t winograd_tiles_of(const kmin_winograd *p)
{
    return p->out_planes * p->tiles_y * p->tiles_x;
}

/* Cells that are stored of a plane. */
INLINE int64_t winograd_stored(const kmin_winograd *p)
{
    return p->pooled_height ? p->pooled_height * p->pooled_width : p->g.out_height * p->g.out_width;
}

/* A tile of a plane outside the volume, `each` channels: row `row` of a block of `rows` at v. */
static void winograd_clear(const kmin_winograd *p, int64_t each, float *v, int64_t rows, int64_t row, int64_t position)
{
    for (int at = 0; at < winograd_positions(p); at++)
        for (int64_t channel = 0; channel < each; channel += LANES)
            vstore(v + at * position + channel * rows + row * LANES, vset(0.0f));
}

/* The cells of `count` tiles from `first` on, in blocks of at most TILE_ROWS, each transformed cell `position` floats after the
   one before it. */
static void winograd_gather(const kmin_winograd *p, const float *x, int64_t first, int64_t count, float *v, int64_t position)
{
    const int64_t blocks = (count + TILE_ROWS - 1) / TILE_ROWS, each = p->depth / p->taps_z;
    const int64_t tiles = p->tiles_y * p->tiles_x, size = p->g.height * p->g.width * p->g.channels;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t start = block * count / blocks, rows = (block + 1) * count / blocks - start;
        float *to = v + start * p->depth;
        for (int64_t tap = 0; tap < p->taps_z; tap++, to += each * rows) {
            int64_t tile = (first + start) % tiles, plane = (first + start) / tiles * p->stride_z - p->front + tap * p->dilation_z;
            for (int64_t row = 0; row < rows; row++) {
                if (plane >= 0 && plane < p->planes)
                    winograd_read(p, x + plane * size, tap, tile, to, rows, row, position);
                else
                    winograd_clear(p, each, to, rows, row, position);
                if (++tile == tiles)
                    tile = 0, plane += p->stride_z;
            }
        }
    }
}

/* The results of `count` tiles from `first` on in columns from .. to - 1; the sums of one follow `stride` floats after those
   of the one before. */
static void winograd_scatter(const kmin_winograd *p, const float *sums, int64_t stride, int64_t position, int64_t first,
                             int64_t count, int64_t from, int64_t to, const float *residual, float *y)
{
    const kmin_geometry *g = &p->g;
    const int64_t tiles = p->tiles_y * p->tiles_x, cells = winograd_stored(p);
    int64_t tile = first % tiles, cell = first / tiles * cells;
    for (int64_t at = 0; at < count; at++, sums += stride) {
        winograd_write(p, sums, position, tile, from, to, residual ? residual + cell * g->filters : NULL,
                       y + cell * p->after.y_stride);
        if (++tile == tiles)
            tile = 0, cell += cells;
    }
}

/* The products of one position and the panel that begins at `column`; those of `ahead` positions further follow. */
static void winograd_product(const kmin_winograd *p, int64_t position, int64_t column, int64_t count, const float *v, float *to,
                             int64_t stride, int64_t ahead)
{
    const int64_t n = p->g.filters, padded = (n + LANES - 1) / LANES * LANES;
    const int64_t blocks = (count + TILE_ROWS - 1) / TILE_ROWS;
    const winograd_tile_run *run = winograd_tiles[p->chain][n - column > LANES];
    const float *weights = p->weights + (position * padded + column) * p->depth;
    const int64_t wide = n - column > LANES ? 2 : 1, lines = (wide * LANES * LANES / 16 + blocks - 1) / blocks;
    const float *next = weights + (ahead ? ahead * padded : 2 * LANES) * p->depth;
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t start = block * count / blocks, rows = (block + 1) * count / blocks - start;
        run[rows - 1](p->depth, v + start * p->depth, weights, to + start * stride, stride,
                      next + block * (p->depth / LANES) * lines * 16, lines);
    }
}

typedef struct {
    const kmin_winograd *p;
    const float *x, *residual;
    float *y, *v, *sums;
    char *scratch;
} winograd_job;

/* All of a group of tiles, in memory of the thread that stays near it. */
static void winograd_group(const void *context, int64_t task, int thread)
{
    const winograd_job *job = context;
    const kmin_winograd *p = job->p;
    const kmin_geometry *g = &p->g;
    const int64_t positions = winograd_positions(p), tiles = winograd_tiles_of(p), panel = 2 * LANES;
    const int64_t volume = task / p->groups, group = task % p->groups;
    const int64_t first = group * tiles / p->groups, count = (group + 1) * tiles / p->groups - first;
    const int64_t cells = volume * p->out_planes * winograd_stored(p);
    const float *residual = job->residual ? job->residual + cells * g->filters : NULL;
    float *v = (float *)(job->scratch + thread * p->thread_bytes), *sums = v + positions * count * p->depth;
    winograd_gather(p, job->x + volume * p->planes * g->height * g->width * g->channels, first, count, v, count * p->depth);
    for (int64_t column = 0; column < g->filters; column += panel) {
        const int64_t end = g->filters - column < panel ? g->filters : column + panel;
        for (int64_t position = 0; position < positions; position++)
            winograd_product(p, position, column, count, v + position * count * p->depth, sums + position * count * panel, panel, 1);
        winograd_scatter(p, sums, panel, count * panel, first, count, column, end, residual, job->y + cells * p->after.y_stride);
    }
}

/* The three steps for a whole volume, each shared by all threads: no weight is read twice. */
static void winograd_in_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const winograd_job *job = context;
    const kmin_winograd *p = job->p;
    const int64_t tiles = winograd_tiles_of(p), blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS;
    const int64_t first = task * tiles / blocks, count = (task + 1) * tiles / blocks - first;
    winograd_gather(p, job->x, first, count, job->v + first * p->depth, tiles * p->depth);
}

static void winograd_product_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const winograd_job *job = context;
    const kmin_winograd *p = job->p;
    const int64_t n = p->g.filters, panel = 2 * LANES, panels = (n + panel - 1) / panel;
    const int64_t padded = (n + LANES - 1) / LANES * LANES, tiles = winograd_tiles_of(p);
    const int64_t position = task / p->parts, part = task % p->parts;
    for (int64_t at = part * panels / p->parts; at < (part + 1) * panels / p->parts; at++)
        winograd_product(p, position, at * panel, tiles, job->v + position * tiles * p->depth,
                         job->sums + position * tiles * padded + at * panel, padded, 0);
}

static void winograd_out_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const winograd_job *job = context;
    const kmin_winograd *p = job->p;
    const int64_t n = p->g.filters, padded = (n + LANES - 1) / LANES * LANES;
    const int64_t tiles = winograd_tiles_of(p), blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS;
    const int64_t first = task * tiles / blocks, count = (task + 1) * tiles / blocks - first;
    winograd_scatter(p, job->sums + first * padded, padded, tiles * padded, first, count, 0, n, job->residual, job->y);
}

/* Scratch: of each thread its transformed cells and their products when `groups` is not 0, else those of a whole volume. */
static void winograd(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_winograd *p = params;
    const kmin_geometry *g = &p->g;
    char *const *results = operands + (p->after.residual ? 2 : 1);
    winograd_job job = {p, (const float *)operands[0], p->after.residual ? (const float *)operands[1] : NULL,
                        (float *)results[0], (float *)results[1], NULL, results[1]};
    const int64_t positions = winograd_positions(p), tiles = winograd_tiles_of(p);
    const int64_t cells = p->out_planes * winograd_stored(p);
    if (p->groups) {
        kmin_parallel(team, winograd_group, &job, rows * g->images * p->groups);
        return;
    }
    job.sums = job.v + positions * tiles * p->depth;
    for (int64_t volume = 0; volume < rows * g->images; volume++) {
        kmin_parallel(team, winograd_in_task, &job, (tiles + TILE_ROWS - 1) / TILE_ROWS);
        kmin_parallel(team, winograd_product_task, &job, positions * p->parts);
        kmin_parallel(team, winograd_out_task, &job, (tiles + TILE_ROWS - 1) / TILE_ROWS);
        job.x += p->planes * g->height * g->width * g->channels;
        job.y += cells * p->after.y_stride;
        if (job.residual)
            job.residual += cells * g->filters;
    }
}

#endif
