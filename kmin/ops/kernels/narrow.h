/* Narrow dense layers one after the other. Many rows are taken with rows as lanes: no lane is idle whatever the widths, and
   a row's sums are added in the same order as in dense.h, hence to the same bits. Few rows go through the layers as there. */
#ifndef KMIN_NARROW_H
#define KMIN_NARROW_H

#include "dense.h"

enum {
    NARROW_VECTORS = LANES >= 16 ? 4 : 2,    /* of rows that are computed together, at most */
    NARROW_SUMS = LANES >= 16 ? 6 : 5,       /* columns of results that are */
    NARROW_ROWS = NARROW_VECTORS * LANES,
    NARROW_LEAST = LANES / 2 + 1,            /* rows that are worth a vector */
    NARROW_FEW = 8,                          /* rows that go through the layers together otherwise */
    NARROW_TASK = 1 << 15                    /* products in a task, at least */
};

/* `columns` columns of results, number `column` and following, for `vectors` vectors of rows. x and y: [column][row]. */
INLINE void narrow_tile(const int columns, const int vectors, const kmin_dense *p, const float *weights, int64_t column,
                        const float *x, float *y)
{
    const vf low = vset(p->after.low), high = vset(p->after.high);
    vf sum[NARROW_SUMS][NARROW_VECTORS];
    UNROLL for (int c = 0; c < columns; c++)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[c][v] = vset(0.0f);
    const float *w = weights + column;
    for (int64_t at = 0; at < p->k; at++, w += p->n, x += vectors * LANES) {
        vf values[NARROW_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++)
            values[v] = vload(x + v * LANES);
        UNROLL for (int c = 0; c < columns; c++) {
            const vf weight = vset(w[c]);
            UNROLL for (int v = 0; v < vectors; v++)
                sum[c][v] = vfma(values[v], weight, sum[c][v]);
        }
    }
    UNROLL for (int c = 0; c < columns; c++) {
        const vf bias = vset(p->bias[column + c]);
        UNROLL for (int v = 0; v < vectors; v++)
            vstore(y + ((column + c) * vectors + v) * LANES, vmin(high, vmax(low, vadd(sum[c][v], bias))));
    }
}

typedef void (*narrow_tile_run)(const kmin_dense *, const float *, int64_t, const float *, float *);

#define NARROW_TILE(columns, vectors)                                                                                \
    static void narrow_##columns##_##vectors(const kmin_dense *p, const float *weights, int64_t column, const float *x, \
                                             float *y)                                                               \
    {                                                                                                                \
        narrow_tile(columns, vectors, p, weights, column, x, y);                                                     \
    }
#define NARROW_TILES(vectors)                                                                                        \
    NARROW_TILE(1, vectors) NARROW_TILE(2, vectors) NARROW_TILE(3, vectors) NARROW_TILE(4, vectors)                  \
    NARROW_TILE(5, vectors)
#define NARROW_NAMES(vectors) narrow_1_##vectors, narrow_2_##vectors, narrow_3_##vectors, narrow_4_##vectors, narrow_5_##vectors

NARROW_TILES(1)
NARROW_TILES(2)
#if LANES >= 16
NARROW_TILES(4)
NARROW_TILE(6, 1)
NARROW_TILE(6, 2)
NARROW_TILE(6, 4)
static const narrow_tile_run narrow_tiles[3][NARROW_SUMS] = {
    {NARROW_NAMES(1), narrow_6_1}, {NARROW_NAMES(2), narrow_6_2}, {NARROW_NAMES(4), narrow_6_4}};
#else
static const narrow_tile_run narrow_tiles[2][NARROW_SUMS] = {{NARROW_NAMES(1)}, {NARROW_NAMES(2)}};
#endif

/* Rows of k values to [k][vectors][LANES]; lanes behind the last of `rows` rows are 0. */
static void narrow_turn(const float *x, int64_t k, int64_t rows, int vectors, float *to)
{
    for (int v = 0; v < vectors; v++, x += LANES * k, rows -= LANES)
        for (int64_t at = 0; at < k; at += LANES) {
            const int64_t left = k - at < LANES ? k - at : LANES;
            vf r[LANES];
            for (int row = 0; row < LANES; row++)
                r[row] = row >= rows ? vset(0.0f)
                         : left == LANES ? vload(x + row * k + at) : vload_part(x + row * k + at, left, vset(0.0f));
            vtranspose(r);
            for (int64_t column = 0; column < left; column++)
                vstore(to + ((at + column) * vectors + v) * LANES, r[column]);
        }
}

/* The way back; only `rows` rows are stored. */
static void narrow_turn_back(const float *x, int64_t n, int64_t rows, int vectors, float *y)
{
    for (int v = 0; v < vectors && rows > 0; v++, y += LANES * n, rows -= LANES)
        for (int64_t at = 0; at < n; at += LANES) {
            const int64_t left = n - at < LANES ? n - at : LANES;
            if (n == 1) {
                vstore_part(y, vload(x + v * LANES), rows < LANES ? rows : LANES);
                continue;
            }
            vf r[LANES];
            for (int64_t column = 0; column < LANES; column++)
                r[column] = column < left ? vload(x + ((at + column) * vectors + v) * LANES) : vset(0.0f);
            vtranspose(r);
            for (int row = 0; row < LANES && row < rows; row++) {
                if (left == LANES)
                    vstore(y + row * n + at, r[row]);
                else
                    vstore_part(y + row * n + at, r[row], left);
            }
        }
}

/* All layers for `rows` rows that fill `vectors` vectors, the last one perhaps in part. */
static void narrow_lanes(const kmin_narrow *p, const float *x, float *y, int64_t rows, int vectors)
{
    vf space[2][KMIN_NARROW_WIDTH * NARROW_VECTORS];
    float *from = (float *)space[0], *to = (float *)space[1];
    narrow_turn(x, p->layers[0].k, rows, vectors, from);
    for (int64_t number = 0; number < p->count; number++) {
        const kmin_dense *layer = &p->layers[number];
        const int64_t n = layer->n, tiles = (n + NARROW_SUMS - 1) / NARROW_SUMS;
        const narrow_tile_run *run = narrow_tiles[vectors / 2];
        for (int64_t tile = 0; tile < tiles; tile++) { /* tiles of equal width, give or take one column */
            const int64_t column = tile * n / tiles, columns = (tile + 1) * n / tiles - column;
            run[columns - 1](layer, p->plain[number], column, from, to);
        }
        if (layer->after.map)
            layer->after.map(layer->after.args, to, to, n * vectors * LANES);
        float *const other = from;
        from = to, to = other;
    }
    narrow_turn_back(from, p->layers[p->count - 1].n, rows, vectors, y);
}

/* All layers for one row. What lies between two of them is written in whole vectors: one that is written in part is not read
   before it has reached the cache. */
static void narrow_one(const kmin_narrow *p, const float *x, float *y)
{
    float space[2][KMIN_NARROW_WIDTH + 2 * LANES];
    for (int64_t number = 0; number < p->count; number++) {
        const kmin_dense *layer = &p->layers[number];
        const int64_t n = layer->n, whole = (n + LANES - 1) / LANES * LANES;
        const int last = number == p->count - 1;
        const dense_shape shape = {layer->k, layer->k, n, n, vset(layer->after.low), vset(layer->after.high)};
        float *to = last ? y : space[number & 1];
        for (int64_t column = 0; column < n; column += 2 * LANES)
            dense_panel(n - column)[0](&shape, x, layer->weights + column * layer->k, layer->bias + column, NULL, to + column,
                                       last ? n - column : 2 * LANES);
        if (layer->after.map)
            layer->after.map(layer->after.args, to, to, last ? n : whole);
        x = to;
    }
}

/* All layers for a few rows. */
static void narrow_few(const kmin_narrow *p, const float *x, float *y, int64_t rows)
{
    float space[2][KMIN_NARROW_WIDTH * NARROW_FEW];
    for (int64_t number = 0; number < p->count; number++) {
        float *to = number == p->count - 1 ? y : space[number & 1];
        dense_rows(&p->layers[number], x, NULL, to, rows, 0, p->layers[number].n);
        x = to;
    }
}

typedef struct {
    const kmin_narrow *p;
    const float *x;
    float *y;
    int64_t rows, height; /* height: rows of a task */
} narrow_job;

static void narrow_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const narrow_job *job = context;
    const kmin_narrow *p = job->p;
    const int64_t k = p->layers[0].k, n = p->layers[p->count - 1].n;
    const float *x = job->x + task * job->height * k;
    float *y = job->y + task * job->height * n;
    int64_t rows = job->rows - task * job->height, size;
    if (rows > job->height)
        rows = job->height;
    for (; rows > 0; rows -= size, x += size * k, y += size * n) {
        if (rows < NARROW_LEAST || LANES == 1) {
            size = rows < NARROW_FEW ? rows : NARROW_FEW;
            if (size == 1)
                narrow_one(p, x, y);
            else
                narrow_few(p, x, y, size);
            continue;
        }
        int vectors = NARROW_VECTORS; /* as few as hold all rows */
        while (vectors > 1 && rows <= vectors / 2 * LANES)
            vectors /= 2;
        size = rows < vectors * LANES ? rows : vectors * LANES;
        narrow_lanes(p, x, y, size, vectors);
    }
}

static void narrow(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_narrow *p = params;
    narrow_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->rows_per_sample, 0};
    if (job.rows == 0)
        return;
    job.height = (NARROW_TASK / p->products / NARROW_ROWS + 1) * NARROW_ROWS;
    if (job.rows <= job.height)
        narrow_task(&job, 0, 0);
    else
        kmin_parallel(team, narrow_task, &job, (job.rows + job.height - 1) / job.height);
}

#endif
