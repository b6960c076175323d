/* Products of states and recurrent weights, and of the inputs that are projected while those weights are read. */
#ifndef KMIN_RECURRENT_PRODUCT_H
#define KMIN_RECURRENT_PRODUCT_H

#include "dense.h"
#include "recurrent_cell.h"

/* Vectors of units whose weights are read together when there is one row, by gates; packed weights are
   [group of so many vectors, or one vector behind the last whole group][k][vector][gate][lanes]. */
static const int recurrent_group[4] = {8, 4, 2, 2};

/* Weights of vector number `at`; floats from one row of them to the next. */
INLINE const float *recurrent_weights(const float *weights, int gates, int64_t vectors, int64_t k, int64_t at, int64_t *row)
{
    const int64_t width = gates * LANES, group = recurrent_group[gates - 1];
    const int64_t first = at < vectors / group * group ? at / group * group : at;
    *row = first < vectors / group * group ? group * width : width;
    return weights + first * k * width + (at - first) * width;
}

/* A stretch of k: products `from` to `to` - 1 of each sum, which begins anew where `fresh`. Where `back`, they are added from
   the last to the first. */
typedef struct {
    int64_t k, from, to;
    int fresh, back;
} recurrent_stretch;

/* sums[row][gate] (+)= h[row] @ weights for one vector of units, DENSE_DEPTH products in one accumulator at most. */
INLINE void recurrent_tile(const int rows, const int gates, const recurrent_stretch *stretch, const float *h,
                           const int64_t h_stride, const float *weights, const int64_t weights_stride, float *sums,
                           const int64_t sum_stride)
{
    const int64_t size = stretch->to - stretch->from, way = stretch->back ? -1 : 1;
    for (int64_t done = 0; done < size; done += DENSE_DEPTH) {
        const int64_t count = size - done < DENSE_DEPTH ? size - done : DENSE_DEPTH;
        int64_t at = stretch->back ? stretch->to - 1 - done : stretch->from + done;
        vf sum[RECURRENT_ROWS][4];
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < gates; v++)
                sum[row][v] = vset(0.0f);
        for (int64_t left = count; left > 0; left--, at += way) {
            vf w[4];
            UNROLL for (int v = 0; v < gates; v++)
                w[v] = vload(weights + at * weights_stride + v * LANES);
            UNROLL for (int row = 0; row < rows; row++) {
                vf value = vset(h[row * h_stride + at]);
                UNROLL for (int v = 0; v < gates; v++)
                    sum[row][v] = vfma(value, w[v], sum[row][v]);
            }
        }
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < gates; v++) {
                float *to = sums + row * sum_stride + v * LANES;
                vstore(to, done || !stretch->fresh ? vadd(vload(to), sum[row][v]) : sum[row][v]);
            }
    }
}

typedef void (*recurrent_tile_run)(const recurrent_stretch *, const float *, int64_t, const float *, int64_t, float *,
                                   int64_t);

#define RECURRENT_TILE(rows, gates)                                                                                  \
    static void recurrent_##rows##_##gates(const recurrent_stretch *stretch, const float *h, int64_t h_stride,       \
                                           const float *weights, int64_t weights_stride, float *sums,                \
                                           int64_t sum_stride)                                                       \
    {                                                                                                                \
        recurrent_tile(rows, gates, stretch, h, h_stride, weights, weights_stride, sums, sum_stride);                \
    }
#define RECURRENT_TILES(rows)                                                                                        \
    RECURRENT_TILE(rows, 1) RECURRENT_TILE(rows, 2) RECURRENT_TILE(rows, 3) RECURRENT_TILE(rows, 4)
#define RECURRENT_NAMES(rows) {recurrent_##rows##_1, recurrent_##rows##_2, recurrent_##rows##_3, recurrent_##rows##_4}

RECURRENT_TILES(1)
RECURRENT_TILES(2)
RECURRENT_TILES(3)
#if TILE_ROWS > 12
RECURRENT_TILES(4)
RECURRENT_TILES(5)
RECURRENT_TILES(6)
#endif

/* By rows, then gates. */
static const recurrent_tile_run recurrent_tiles[RECURRENT_ROWS][4] = {
    RECURRENT_NAMES(1), RECURRENT_NAMES(2), RECURRENT_NAMES(3),
#if TILE_ROWS > 12
    RECURRENT_NAMES(4), RECURRENT_NAMES(5), RECURRENT_NAMES(6),
#endif
};

/* sums of vectors `panel` to `end` of all rows, of `vectors` in all. */
static void recurrent_product(int rows, int gates, int64_t vectors, int64_t panel, int64_t end,
                              const recurrent_stretch *stretch, const float *h, int64_t h_stride, const float *weights,
                              float *sums, int64_t sum_stride)
{
    for (int64_t at = panel; at < end; at++) {
        int64_t step;
        const float *from = recurrent_weights(weights, gates, vectors, stretch->k, at, &step);
        recurrent_tiles[rows - 1][gates - 1](stretch, h, h_stride, from, step, sums + at * gates * LANES, sum_stride);
    }
}

/* The projection of the next steps of one sample, done bit by bit while the weights of the present ones are read: the one
   waits for memory, the other for arithmetic. RECURRENT_AHEAD rows of x times columns `column` to `end` - 1 are left, and of
   the first `wide` vectors of those `done` products are added up already, in y. */
enum { RECURRENT_AHEAD = KMIN_AHEAD_STEPS };
typedef struct {
    const kmin_dense *project;
    float *x; /* [features][RECURRENT_AHEAD] */
    float *y;
    int64_t column, end, done;
    int32_t most, wide; /* vectors of columns at a time, at most and now */
    char apart[128];    /* those of two shares change all the time, on two cores: no line has both */
} recurrent_ahead;

/* Where the weights of the present columns begin, and floats from one row of them to the next. */
INLINE const float *recurrent_ahead_weights(const recurrent_ahead *ahead, int64_t *step)
{
    const int64_t k = ahead->project->k, panel = ahead->column / (2 * LANES) * 2 * LANES;
    *step = ahead->project->n - panel > LANES ? 2 * LANES : LANES;
    return ahead->project->weights + panel * k + ahead->column - panel + ahead->done * *step;
}

/* The next columns. */
INLINE void recurrent_ahead_open(recurrent_ahead *ahead)
{
    ahead->done = 0;
    ahead->wide = ahead->end - ahead->column >= 2 * LANES ? ahead->most : 1;
}

/* `count` products of a group's sums of one row: of a chain of additions that began before where it is `resumed`, and that
   is added to the sums where it `ends`, or becomes them where they are `fresh`. */
typedef struct {
    int64_t way, count;
    const float *h, *weights;
    const int32_t *words; /* in place of weights, where there are scales */
    const float *scales;
    float *chain, *sums;
    int resumed, ends, fresh;
} recurrent_link;

/* Which weights a link reads: as they are, or as fixed-point numbers that are taken apart in one way or the other. */
enum { RECURRENT_FLOATS, RECURRENT_FIXED, RECURRENT_FUNNEL };

/* Such a link for `vectors` vectors, and as many products of RECURRENT_AHEAD rows by `wide` vectors of the projection. */
INLINE void recurrent_both(const int vectors, const int fixed, const int wide, const recurrent_link *link,
                           const recurrent_ahead *ahead)
{
    const int64_t y_stride = wide ? ahead->project->n : 0, way = link->way;
    const float *h = link->h, *weights = link->weights;
    const int32_t *words = link->words;
    vf sum[8], projected[RECURRENT_AHEAD][2];
    const float *x = NULL, *columns = NULL;
    float *y = NULL;
    int64_t step = 0;
    UNROLL for (int v = 0; v < vectors; v++)
        sum[v] = vset(0.0f);
    if (link->resumed)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[v] = vload(link->chain + v * LANES);
    if (wide) {
        columns = recurrent_ahead_weights(ahead, &step);
        x = ahead->x + ahead->done * RECURRENT_AHEAD, y = ahead->y + ahead->column;
        UNROLL for (int row = 0; row < RECURRENT_AHEAD; row++)
            UNROLL for (int v = 0; v < wide; v++)
                projected[row][v] = vset(0.0f);
        if (ahead->done)
            UNROLL for (int row = 0; row < RECURRENT_AHEAD; row++)
                UNROLL for (int v = 0; v < wide; v++)
                    projected[row][v] = vload(y + row * y_stride + v * LANES);
    }
    for (int64_t left = link->count; left > 0; left--) {
        if (fixed) {
            const vf value = vset(*h);
            UNROLL for (int v = 0; v < vectors; v += 4)
                fixed_row(fixed == RECURRENT_FUNNEL, words + v / 4 * FIXED_WORDS, value, sum + v);
            h += way, words += way * (vectors / 4) * FIXED_WORDS;
        } else if (vectors) {
            const vf value = vset(*h);
            UNROLL for (int v = 0; v < vectors; v++)
                sum[v] = vfma(value, vload(weights + v * LANES), sum[v]);
            h += way, weights += way * vectors * LANES;
        }
        if (wide) {
            vf w[2];
            UNROLL for (int v = 0; v < wide; v++)
                w[v] = vload(columns + v * LANES);
            UNROLL for (int row = 0; row < RECURRENT_AHEAD; row++) {
                const vf value = vset(x[row]);
                UNROLL for (int v = 0; v < wide; v++)
                    projected[row][v] = vfma(value, w[v], projected[row][v]);
            }
            x += RECURRENT_AHEAD, columns += step;
        }
    }
    float *to = link->ends ? link->sums : link->chain;
    if (fixed && link->ends)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[v] = vmul(vload(link->scales + v * LANES), sum[v]);
    if (link->ends && !link->fresh)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[v] = vadd(vload(to + v * LANES), sum[v]);
    UNROLL for (int v = 0; v < vectors; v++)
        vstore(to + v * LANES, sum[v]);
    if (wide && ahead->done + link->count == ahead->project->k) /* as in dense_tile, biases come last */
        UNROLL for (int v = 0; v < wide; v++) {
            const vf bias = vload(ahead->project->bias + ahead->column + v * LANES);
            UNROLL for (int row = 0; row < RECURRENT_AHEAD; row++)
                projected[row][v] = vadd(projected[row][v], bias);
        }
    if (wide)
        UNROLL for (int row = 0; row < RECURRENT_AHEAD; row++)
            UNROLL for (int v = 0; v < wide; v++)
                vstore(y + row * y_stride + v * LANES, projected[row][v]);
}

typedef void (*recurrent_both_run)(const recurrent_link *, const recurrent_ahead *);

#define RECURRENT_BOTH(name, vectors, fixed, wide)                                                                   \
    static void recurrent_##name##_##wide(const recurrent_link *link, const recurrent_ahead *ahead)                  \
    {                                                                                                                \
        recurrent_both(vectors, fixed, wide, link, ahead);                                                           \
    }
RECURRENT_BOTH(none, 0, 0, 1)
RECURRENT_BOTH(none, 0, 0, 2)
RECURRENT_BOTH(six, 6, 0, 0)
RECURRENT_BOTH(six, 6, 0, 1)
RECURRENT_BOTH(six, 6, 0, 2)
RECURRENT_BOTH(eight, 8, 0, 0)
RECURRENT_BOTH(eight, 8, 0, 1)
RECURRENT_BOTH(eight, 8, 0, 2)
#define RECURRENT_NUMBERS(name, way)                                                                                  \
    RECURRENT_BOTH(name, 8, FIXED *way, 0)                                                                           \
    RECURRENT_BOTH(name, 8, FIXED *way, 1)                                                                           \
    RECURRENT_BOTH(name, 8, FIXED *way, 2)
RECURRENT_NUMBERS(fixed, RECURRENT_FIXED)
RECURRENT_NUMBERS(funnel, RECURRENT_FUNNEL)

/* For three gates, for others, and for fixed-point numbers in both ways, by vectors of the projection. */
static const recurrent_both_run recurrent_boths[4][3] = {
    {recurrent_six_0, recurrent_six_1, recurrent_six_2},
    {recurrent_eight_0, recurrent_eight_1, recurrent_eight_2},
    {recurrent_fixed_0, recurrent_fixed_1, recurrent_fixed_2},
    {recurrent_funnel_0, recurrent_funnel_1, recurrent_funnel_2},
};

/* Notes `count` more products. */
INLINE void recurrent_ahead_pass(recurrent_ahead *ahead, int64_t count)
{
    ahead->done += count;
    if (ahead->done < ahead->project->k)
        return;
    ahead->column += ahead->wide * LANES;
    recurrent_ahead_open(ahead);
}

/* What is left of the projection. */
static void recurrent_catch_up(recurrent_ahead *ahead)
{
    while (ahead->column < ahead->end) {
        const recurrent_link left = {0, ahead->project->k - ahead->done, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0};
        (ahead->wide == 2 ? recurrent_none_2 : recurrent_none_1)(&left, ahead);
        recurrent_ahead_pass(ahead, left.count);
    }
}

/* The sums of one row over a group of vectors of units, with a share of the projection; from `words`, which are taken apart by
   `funnel` or not, where there are scales. */
static void recurrent_wide_tile(int gates, const recurrent_stretch *stretch, const float *h, const float *weights,
                                const int32_t *words, const float *scales, int funnel, float *sums, recurrent_ahead *ahead)
{
    const int64_t size = stretch->to - stretch->from;
    const int vectors = recurrent_group[gates - 1] * gates;
    const recurrent_both_run *runs = recurrent_boths[scales ? 2 + funnel : gates != 3];
    vf chain[8];
    recurrent_link link;
    link.way = stretch->back ? -1 : 1;
    link.chain = (float *)chain, link.sums = sums, link.fresh = stretch->fresh, link.scales = scales;
    for (int64_t done = 0; done < size; done += DENSE_DEPTH) {
        int64_t left = size - done < DENSE_DEPTH ? size - done : DENSE_DEPTH;
        int64_t at = stretch->back ? stretch->to - 1 - done : stretch->from + done;
        for (link.resumed = 0; left > 0; link.resumed = 1) {
            const int busy = ahead->column < ahead->end;
            const int64_t open = busy ? ahead->project->k - ahead->done : left;
            link.count = open < left ? open : left;
            link.h = h + at, link.weights = weights + at * vectors * LANES;
            link.words = scales ? words + at * 2 * FIXED_WORDS : NULL;
            link.ends = link.count == left;
            runs[busy ? ahead->wide : 0](&link, ahead);
            if (busy)
                recurrent_ahead_pass(ahead, link.count);
            left -= link.count, at += link.way * link.count;
        }
        link.fresh = 0;
    }
}

/* The same as recurrent_product for one row; `panel` begins a group, `end` ends one or is `vectors`. Where `back`, everything is
   read from its end: what a step read last of the weights, and what is still near, is what the next step reads first. */
static void recurrent_single(int gates, int64_t vectors, int64_t panel, int64_t end, const recurrent_stretch *stretch,
                             const float *h, const float *weights, const kmin_fixed *fixed, float *sums,
                             recurrent_ahead *ahead)
{
    const int64_t width = gates * LANES, wide = recurrent_group[gates - 1], whole = (end - panel) / wide;
    const int64_t rest = panel + whole * wide, pieces = whole + end - rest;
    for (int64_t number = 0; number < pieces; number++) {
        const int64_t piece = stretch->back ? pieces - 1 - number : number;
        const int64_t at = piece < whole ? panel + piece * wide : rest + piece - whole;
        if (piece < whole) {
            const float *scales = fixed->words ? fixed->scales + at * width : NULL;
            if (scales && (scales[0] != scales[0] || scales[FIXED_COLUMNS] != scales[FIXED_COLUMNS]))
                scales = NULL;
            recurrent_wide_tile(gates, stretch, h, weights + at * stretch->k * width,
                                fixed->words + (scales ? at / wide * stretch->k * 2 * FIXED_WORDS : 0), scales,
                                fixed->funnel, sums + at * width, ahead);
        } else
            recurrent_product(1, gates, vectors, at, at + 1, stretch, h, 0, weights, sums, 0);
    }
}

#endif
