/* Recurrent layers: the inputs of many steps are projected together by the dense kernel, then the steps run one after the
   other on packed recurrent weights, several samples at a time.

   Gates are interleaved: [vector of units][gate][lanes], in the packed weights, in projected inputs and in products alike,
   so that one vector of units finds all its gates side by side. Every result's products are added in the order of k,
   whatever the number of samples or threads. */
#ifndef KMIN_RECURRENT_H
#define KMIN_RECURRENT_H

#include "dense.h"
#include "functions.h"

/* Samples that read the recurrent weights together. */
enum { RECURRENT_ROWS = TILE_ROWS > 12 ? 6 : 3 };

/* Where one task keeps what its samples need; all rows padded to whole vectors of units. */
typedef struct {
    float *projected; /* [row][step of the chunk][vector][gate][lanes] */
    float *sums;      /* [row][vector][gate][lanes] */
    float *h[2];      /* [row][units], before and after the step */
    float *c;         /* lstm: the carry; gru that resets before the product: the gated state */
    float *output;    /* with a mask: the previous output */
} recurrent_space;

/* `rows` samples, which begin at sample `first` of the call, in one direction. */
typedef struct {
    const kmin_recurrent *p;
    const kmin_direction *direction;
    char *const *operands;
    int64_t first;
    int rows;
    float *y; /* of its first sample */
    recurrent_space space;
} recurrent_walk;

/* Products of one vector of units after another: sums[row][panel][gate] = h[row] @ weights, `k` long. */
INLINE void recurrent_tile(const int rows, const int panels, const int gates, const int64_t k, const float *h,
                           const int64_t h_stride, const float *weights, float *sums, const int64_t sum_stride,
                           const int back)
{
    const int vectors = panels * gates;
    for (int64_t done = 0; done < k; done += DENSE_DEPTH) {
        const int64_t count = k - done < DENSE_DEPTH ? k - done : DENSE_DEPTH, way = back ? -1 : 1;
        int64_t at = back ? k - 1 - done : done;
        vf sum[RECURRENT_ROWS][8];
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < vectors; v++)
                sum[row][v] = vset(0.0f);
        for (int64_t left = count; left > 0; left--, at += way) {
            vf w[8];
            UNROLL for (int v = 0; v < vectors; v++)
                w[v] = vload(weights + (v / gates * k + at) * gates * LANES + v % gates * LANES);
            UNROLL for (int row = 0; row < rows; row++) {
                vf value = vset(h[row * h_stride + at]);
                UNROLL for (int v = 0; v < vectors; v++)
                    sum[row][v] = vfma(value, w[v], sum[row][v]);
            }
        }
        UNROLL for (int row = 0; row < rows; row++)
            UNROLL for (int v = 0; v < vectors; v++) {
                float *to_sum = sums + row * sum_stride + v * LANES;
                vstore(to_sum, done ? vadd(vload(to_sum), sum[row][v]) : sum[row][v]);
            }
    }
}

typedef void (*recurrent_tile_run)(int64_t, const float *, int64_t, const float *, float *, int64_t, int);

#define RECURRENT_TILE(rows, panels, gates)                                                                        \
    static void recurrent_##rows##_##panels##_##gates(int64_t k, const float *h, int64_t h_stride,                 \
                                                      const float *weights, float *sums, int64_t sum_stride,       \
                                                      int back)                                                    \
    {                                                                                                              \
        recurrent_tile(rows, panels, gates, k, h, h_stride, weights, sums, sum_stride, back);                      \
    }
#define RECURRENT_TILES(rows)                                                                                      \
    RECURRENT_TILE(rows, 1, 1) RECURRENT_TILE(rows, 1, 2) RECURRENT_TILE(rows, 1, 3) RECURRENT_TILE(rows, 1, 4)
#define RECURRENT_NAMES(rows) {recurrent_##rows##_1_1, recurrent_##rows##_1_2, recurrent_##rows##_1_3, recurrent_##rows##_1_4}

RECURRENT_TILE(1, 8, 1)
RECURRENT_TILE(1, 4, 2)
RECURRENT_TILE(1, 2, 3)
RECURRENT_TILE(1, 2, 4)
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
static const recurrent_tile_run recurrent_wide[4] = {recurrent_1_8_1, recurrent_1_4_2, recurrent_1_2_3, recurrent_1_2_4};
static const int recurrent_wide_panels[4] = {8, 4, 2, 2};

/* sums of vectors `panel` to `end` of all rows. Where `back`, everything is read from its end: what a step read last of the
   weights, and what is still near, is what the next step reads first. */
static void recurrent_product(int rows, int gates, int64_t panel, int64_t end, int64_t k, const float *h,
                              int64_t h_stride, const float *weights, float *sums, int64_t sum_stride, int back)
{
    const int64_t width = gates * LANES, wide = rows == 1 ? recurrent_wide_panels[gates - 1] : 1;
    const int64_t rest = panel + (end - panel) / wide * wide, pieces = (rest - panel) / wide + end - rest;
    for (int64_t number = 0; number < pieces; number++) {
        const int64_t piece = back ? pieces - 1 - number : number, whole = (rest - panel) / wide;
        const int64_t at = piece < whole ? panel + piece * wide : rest + piece - whole;
        const recurrent_tile_run run =
            piece < whole && wide > 1 ? recurrent_wide[gates - 1] : recurrent_tiles[rows - 1][gates - 1];
        run(k, h, h_stride, weights + at * k * width, sums + at * width, sum_stride, back);
    }
}

/* A gate's function; tanh and sigmoid are known at compile time where `plain`. */
INLINE vf recurrent_activate(const int plain, const int usual, const kmin_activation *f, vf x)
{
    switch (plain ? usual : f->kind) {
    case KMIN_tanh:
        return vtanh(x);
    case KMIN_sigmoid:
        return vsigmoid(x);
    case KMIN_clip:
        return f_clip(f->args, x);
    case KMIN_hard_sigmoid:
        return f_hard_sigmoid(f->args, x);
    case KMIN_linear:
        return x;
    default: {
        float lanes[LANES];
        vstore(lanes, x);
        f->map(f->args, lanes, lanes, LANES);
        return vload(lanes);
    }
    }
}

#define RECURRENT_GATE(x) recurrent_activate(plain, KMIN_sigmoid, &p->recurrent_activation, x)
#define RECURRENT_STATE(x) recurrent_activate(plain, KMIN_tanh, &p->activation, x)

/* z = projected + product, gate by gate. */
INLINE vf recurrent_sum(const float *x, const float *z, int gate)
{
    return vadd(vload(x + gate * LANES), vload(z + gate * LANES));
}

/* One vector of units of one sample: the new state, and for lstm the new carry. The order of gates is Keras'. */
INLINE vf recurrent_lstm(const int plain, const kmin_recurrent *p, const float *x, const float *z, vf carry, vf *c)
{
    vf i = RECURRENT_GATE(recurrent_sum(x, z, 0));
    vf f = RECURRENT_GATE(recurrent_sum(x, z, 1));
    vf g = RECURRENT_STATE(recurrent_sum(x, z, 2));
    vf o = RECURRENT_GATE(recurrent_sum(x, z, 3));
    *c = vfma(f, carry, vmul(i, g));
    return vmul(o, RECURRENT_STATE(*c));
}

INLINE vf recurrent_mix(vf update, vf h, vf candidate)
{
    return vfma(update, h, vmul(vsub(vset(1.0f), update), candidate));
}

INLINE vf recurrent_gru(const int plain, const kmin_recurrent *p, const float *x, const float *z, const float *bias,
                        vf h)
{
    vf update = RECURRENT_GATE(recurrent_sum(x, z, 0));
    vf reset = RECURRENT_GATE(recurrent_sum(x, z, 1));
    vf product = vadd(vload(z + 2 * LANES), vload(bias));
    return recurrent_mix(update, h, RECURRENT_STATE(vfma(reset, product, vload(x + 2 * LANES))));
}

/* What a step stores besides the new state: the output, and where the mask is 0 the old states again. */
typedef struct {
    int64_t step;       /* of x and the mask */
    int64_t position;   /* in y, or -1 */
    int64_t in_chunk;   /* of the projected steps */
    int64_t chunk;      /* steps in it */
    int before;         /* which h holds the states before the step */
} recurrent_step;

INLINE void recurrent_store(float *to, vf value, int64_t left)
{
    if (left >= LANES)
        vstore(to, value);
    else
        vstore_part(to, value, left);
}

INLINE int recurrent_masked(const recurrent_walk *walk, const recurrent_step *step, int row)
{
    const kmin_recurrent *p = walk->p;
    if (p->mask < 0)
        return 0;
    return !((const uint8_t *)walk->operands[p->mask])[(walk->first + row) * p->steps + step->step];
}

/* Where the output of a step goes, or NULL. */
INLINE float *recurrent_place(const recurrent_walk *walk, const recurrent_step *step, int row)
{
    const kmin_recurrent *p = walk->p;
    return step->position < 0 ? NULL : walk->y + (row * p->stored_steps + step->position) * p->stride;
}

/* Gates of vectors `panel` to `end` of all rows, after their products. */
INLINE void recurrent_gates(const int plain, const int cell, const recurrent_walk *walk, const recurrent_step *step,
                            int64_t panel, int64_t end)
{
    const kmin_recurrent *p = walk->p;
    const recurrent_space *space = &walk->space;
    const int64_t gates = p->gates, width = p->vectors * LANES, all = gates * width;
    for (int row = 0; row < walk->rows; row++) {
        const int masked = recurrent_masked(walk, step, row);
        const float *x = space->projected + (row * step->chunk + step->in_chunk) * all;
        const float *z = space->sums + row * all;
        const float *before = space->h[step->before] + row * width;
        float *after = space->h[!step->before] + row * width;
        float *c = space->c + row * width, *output = space->output + row * width;
        float *y = recurrent_place(walk, step, row);
        for (int64_t at = panel; at < end; at++) {
            const int64_t unit = at * LANES;
            const vf h = vload(before + unit);
            vf fresh, carry;
            if (masked) {
                fresh = h;
            } else if (cell == KMIN_LSTM) {
                fresh = recurrent_lstm(plain, p, x + at * gates * LANES, z + at * gates * LANES, vload(c + unit), &carry);
                vstore(c + unit, carry);
            } else if (cell == KMIN_GRU) {
                fresh = recurrent_gru(plain, p, x + at * gates * LANES, z + at * gates * LANES,
                                      walk->direction->inner_bias + unit, h);
            } else {
                fresh = RECURRENT_STATE(recurrent_sum(x + unit, z + unit, 0));
            }
            vstore(after + unit, fresh);
            if (p->mask >= 0) {
                if (masked)
                    fresh = p->zero_output ? vset(0.0f) : vload(output + unit);
                vstore(output + unit, fresh);
            }
            if (y)
                recurrent_store(y + unit, fresh, p->units - unit);
        }
    }
}

/* A gru that applies the reset gate to the state before the product: gates of update and reset, then the candidate. */
INLINE void recurrent_reset(const int plain, const recurrent_walk *walk, const recurrent_step *step, int64_t panel,
                            int64_t end)
{
    const kmin_recurrent *p = walk->p;
    const recurrent_space *space = &walk->space;
    const int64_t width = p->vectors * LANES, all = 3 * width;
    for (int row = 0; row < walk->rows; row++) {
        const float *x = space->projected + (row * step->chunk + step->in_chunk) * all;
        float *z = space->sums + row * all;
        for (int64_t at = panel; at < end; at++) {
            const vf h = vload(space->h[step->before] + row * width + at * LANES);
            const vf update = RECURRENT_GATE(recurrent_sum(x + at * 3 * LANES, z + at * 2 * LANES, 0));
            const vf reset = RECURRENT_GATE(vadd(vload(x + (at * 3 + 1) * LANES), vload(z + (at * 2 + 1) * LANES)));
            vstore(z + at * 2 * LANES, update);
            vstore(space->c + row * width + at * LANES, vmul(reset, h));
        }
    }
}

INLINE void recurrent_candidate(const int plain, const recurrent_walk *walk, const recurrent_step *step, int64_t panel,
                                int64_t end)
{
    const kmin_recurrent *p = walk->p;
    const recurrent_space *space = &walk->space;
    const int64_t width = p->vectors * LANES, all = 3 * width;
    for (int row = 0; row < walk->rows; row++) {
        const int masked = recurrent_masked(walk, step, row);
        const float *x = space->projected + (row * step->chunk + step->in_chunk) * all;
        const float *z = space->sums + row * all;
        float *output = space->output + row * width;
        float *y = recurrent_place(walk, step, row);
        for (int64_t at = panel; at < end; at++) {
            const int64_t unit = at * LANES;
            const vf h = vload(space->h[step->before] + row * width + unit);
            vf fresh = h;
            if (!masked)
                fresh = recurrent_mix(vload(z + at * 2 * LANES), h,
                                      RECURRENT_STATE(vadd(vload(x + (at * 3 + 2) * LANES),
                                                           vload(z + 2 * width + unit))));
            vstore(space->h[!step->before] + row * width + unit, fresh);
            if (p->mask >= 0) {
                if (masked)
                    fresh = p->zero_output ? vset(0.0f) : vload(output + unit);
                vstore(output + unit, fresh);
            }
            if (y)
                recurrent_store(y + unit, fresh, p->units - unit);
        }
    }
}

#define RECURRENT_CELL(name, plain, cell)                                                                          \
    static void recurrent_##name(const recurrent_walk *walk, const recurrent_step *step, int64_t panel, int64_t end) \
    {                                                                                                              \
        recurrent_gates(plain, cell, walk, step, panel, end);                                                      \
    }
RECURRENT_CELL(lstm_plain, 1, KMIN_LSTM)
RECURRENT_CELL(lstm_any, 0, KMIN_LSTM)
RECURRENT_CELL(gru_plain, 1, KMIN_GRU)
RECURRENT_CELL(gru_any, 0, KMIN_GRU)
RECURRENT_CELL(simple_any, 0, KMIN_SIMPLE_RNN)

static void recurrent_update_any(const recurrent_walk *walk, const recurrent_step *step, int64_t panel, int64_t end)
{
    recurrent_reset(0, walk, step, panel, end);
}

static void recurrent_candidate_any(const recurrent_walk *walk, const recurrent_step *step, int64_t panel, int64_t end)
{
    recurrent_candidate(0, walk, step, panel, end);
}

/* Products and gates of vectors `panel` to `end`; a gru that resets first has two phases, all vectors between them. */
static void recurrent_advance(const recurrent_walk *walk, const recurrent_step *step, int phase, int64_t panel,
                              int64_t end)
{
    const kmin_recurrent *p = walk->p;
    const recurrent_space *space = &walk->space;
    const int64_t width = p->vectors * LANES;
    const float *h = space->h[step->before];
    const kmin_direction *d = walk->direction;
    if (p->cell == KMIN_GRU_RESET_FIRST) {
        if (phase == 0) {
            recurrent_product(walk->rows, 2, panel, end, p->units, h, width, d->weights, space->sums, 3 * width,
                              step->before);
            recurrent_update_any(walk, step, panel, end);
        } else {
            recurrent_product(walk->rows, 1, panel, end, p->units, space->c, width, d->candidate,
                              space->sums + 2 * width, 3 * width, step->before);
            recurrent_candidate_any(walk, step, panel, end);
        }
        return;
    }
    recurrent_product(walk->rows, (int)p->gates, panel, end, p->units, h, width, d->weights, space->sums,
                      p->gates * width, step->before);
    if (p->cell == KMIN_LSTM)
        (p->plain ? recurrent_lstm_plain : recurrent_lstm_any)(walk, step, panel, end);
    else if (p->cell == KMIN_GRU)
        (p->plain ? recurrent_gru_plain : recurrent_gru_any)(walk, step, panel, end);
    else
        recurrent_simple_any(walk, step, panel, end);
}

/* rows of [.., units] from an operand, or zeros, into padded rows. */
static void recurrent_fill(const kmin_recurrent *p, const char *from, int64_t first, int rows, float *to)
{
    const int64_t width = p->vectors * LANES;
    memset(to, 0, (size_t)(4 * rows * width));
    if (from)
        for (int row = 0; row < rows; row++)
            memcpy(to + row * width, (const float *)from + (first + row) * p->units, (size_t)(4 * p->units));
}

static int64_t recurrent_chunk(const kmin_recurrent *p, int rows)
{
    const int64_t steps = p->space / (rows * p->gates * p->vectors * LANES);
    return steps < 1 ? 1 : steps < p->steps ? steps : p->steps;
}

static recurrent_space recurrent_lay_out(const kmin_recurrent *p, float *at, int rows)
{
    const int64_t width = p->vectors * LANES, all = p->gates * width;
    recurrent_space space;
    space.sums = at;
    space.h[0] = space.sums + rows * all;
    space.h[1] = space.h[0] + rows * width;
    space.c = space.h[1] + rows * width;
    space.output = space.c + rows * width;
    space.projected = space.output + rows * width;
    return space;
}

/* A share of a step, or of the projection of its chunk. */
typedef struct {
    const recurrent_walk *walk;
    int64_t tasks, phases;
    int64_t done;        /* steps before the chunk, */
    int64_t from, chunk; /* its first step in time, and its length */
} recurrent_share;

static void recurrent_project(const void *context, int64_t task, int thread)
{
    (void)thread;
    const recurrent_share *share = context;
    const recurrent_walk *walk = share->walk;
    const kmin_recurrent *p = walk->p;
    const int64_t chunk = share->chunk, all = p->gates * p->vectors * LANES;
    const int64_t first = task * chunk / share->tasks, size = (task + 1) * chunk / share->tasks - first;
    const float *x = (const float *)walk->operands[0];
    for (int row = 0; row < walk->rows; row++)
        dense_rows(&walk->direction->project, x + ((walk->first + row) * p->steps + share->from + first) * p->features, NULL,
                   walk->space.projected + (row * chunk + first) * all, size, 0, all);
}

/* Step number `at` of the chunk, counted in phases. */
static void recurrent_share_step(const void *context, int64_t at, int64_t task)
{
    const recurrent_share *share = context;
    const recurrent_walk *walk = share->walk;
    const kmin_recurrent *p = walk->p;
    const int phase = (int)(at % share->phases);
    const int64_t number = share->done + at / share->phases, vectors = p->vectors;
    const int flipped = walk->direction->flipped;
    recurrent_step step;
    step.step = walk->direction->backwards ? p->steps - 1 - number : number;
    step.position = p->sequences ? (flipped ? p->steps - 1 - number : number) : number == p->steps - 1 ? 0 : -1;
    step.in_chunk = step.step - share->from;
    step.chunk = share->chunk;
    step.before = (int)(number & 1);
    recurrent_advance(walk, &step, phase, task * vectors / share->tasks, (task + 1) * vectors / share->tasks);
}

/* All steps of a walk. With a team, the projection is shared, and every step when it is large. */
static void recurrent_steps(const recurrent_walk *walk, kmin_team *team)
{
    const kmin_recurrent *p = walk->p;
    const kmin_direction *d = walk->direction;
    const recurrent_space *space = &walk->space;
    const int64_t longest = recurrent_chunk(p, walk->rows), width = p->vectors * LANES;
    recurrent_share share = {walk, 1, p->cell == KMIN_GRU_RESET_FIRST ? 2 : 1, 0, 0, 0};
    recurrent_fill(p, d->states[0] < 0 ? NULL : walk->operands[d->states[0]], walk->first, walk->rows, space->h[0]);
    recurrent_fill(p, d->states[1] < 0 ? NULL : walk->operands[d->states[1]], walk->first, walk->rows, space->c);
    recurrent_fill(p, NULL, 0, walk->rows, space->output);
    for (; share.done < p->steps; share.done += share.chunk) {
        share.chunk = p->steps - share.done < longest ? p->steps - share.done : longest;
        share.from = d->backwards ? p->steps - share.done - share.chunk : share.done;
        share.tasks = team ? (share.chunk + p->project_steps - 1) / p->project_steps : 1;
        kmin_parallel(team, recurrent_project, &share, share.tasks);
        share.tasks = team ? p->step_tasks : 1;
        kmin_parallel_steps(team, recurrent_share_step, &share, share.chunk * share.phases, share.tasks);
    }
    const float *h = space->h[p->steps & 1];
    for (int row = 0; row < walk->rows; row++) {
        const int64_t to = (walk->first + row) * p->units;
        memcpy((float *)walk->operands[d->finals[0]] + to, h + row * width, (size_t)(4 * p->units));
        if (d->finals[1] >= 0)
            memcpy((float *)walk->operands[d->finals[1]] + to, space->c + row * width, (size_t)(4 * p->units));
    }
}

/* Samples of one call, cut into tasks. */
typedef struct {
    const kmin_recurrent *p;
    char *const *operands;
    char *scratch; /* what tasks share, then each thread's own */
    int64_t rows, groups, first;
} recurrent_call;

static void recurrent_task(const void *context, int64_t task, int thread)
{
    const recurrent_call *call = context;
    const kmin_recurrent *p = call->p;
    const int64_t group = task % call->groups;
    recurrent_walk walk = {p, &p->direction[task / call->groups], call->operands, 0, 0, NULL, {0}};
    const int64_t start = group * call->rows / call->groups;
    walk.rows = (int)((group + 1) * call->rows / call->groups - start);
    walk.first = call->first + start;
    if (walk.direction->y < 0) /* kept for merging */
        walk.y = (float *)call->scratch + start * p->stored_steps * p->stride;
    else
        walk.y = (float *)call->operands[walk.direction->y] + walk.first * p->stored_steps * p->stride +
                 walk.direction->column;
    walk.space = recurrent_lay_out(p, (float *)(call->scratch + p->shared_bytes + thread * p->thread_bytes), walk.rows);
    recurrent_steps(&walk, NULL);
}

static void recurrent(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_recurrent *p = params;
    char *scratch = operands[p->operands];
    if (rows == 1 && p->directions == 1) {
        recurrent_walk walk = {p, p->direction, operands, 0, 1, NULL, {0}};
        walk.y = (float *)operands[p->direction->y] + p->direction->column;
        walk.space = recurrent_lay_out(p, (float *)(scratch + p->shared_bytes), 1);
        recurrent_steps(&walk, team);
        return;
    }
    const int64_t most = p->merge == KMIN_JOIN ? rows : KMIN_MERGED_ROWS;
    for (int64_t first = 0; first < rows; first += most) {
        recurrent_call call = {p, operands, scratch, rows - first < most ? rows - first : most, 0, first};
        call.groups = (call.rows + RECURRENT_ROWS - 1) / RECURRENT_ROWS;
        if (p->directions == 1 && call.groups == 1)
            call.groups = 2;
        kmin_parallel(team, recurrent_task, &call, p->directions * call.groups);
        if (p->merge == KMIN_JOIN)
            continue;
        const int64_t size = p->stored_steps * p->stride, count = call.rows * size;
        float *y = (float *)operands[p->direction->y] + first * size;
        const float *other = (const float *)scratch;
        const vf half = vset(0.5f), none = vset(0.0f);
        for (int64_t at = 0; at < count; at += LANES) {
            const int64_t left = count - at < LANES ? count - at : LANES;
            vf a = vload_part(y + at, left, none), b = vload_part(other + at, left, none);
            vf merged = p->merge == KMIN_MULTIPLY ? vmul(a, b) : vadd(a, b);
            vstore_part(y + at, p->merge == KMIN_AVERAGE ? vmul(merged, half) : merged, left);
        }
    }
}

#endif
