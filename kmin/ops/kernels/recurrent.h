/* Recurrent layers: inputs are projected by the dense kernel, steps run one after the other on packed recurrent weights. Several
   samples read those weights together and have the inputs of many steps projected at once; for a single sample the inputs of
   the next few steps are projected while the weights of the present ones are read. Inputs that are rows of a table are
   projected once: recurrent_words.h.

   Gates are interleaved: [vector of units][gate][lanes], in the packed weights, in projected inputs and in products alike,
   so that one vector of units finds all its gates side by side. A step is cut into shares of the units. A share adds the
   products of its own units' states first, which it need not wait for, then those of the others, whatever the number of
   samples or threads. */
#ifndef KMIN_RECURRENT_H
#define KMIN_RECURRENT_H

#include "dense.h"
#include "recurrent_cell.h"
#include "recurrent_product.h"
#include "recurrent_words.h"

/* Steps under way, or those of a chunk whose inputs are projected. */
typedef struct {
    const recurrent_walk *walk;
    recurrent_ahead *ahead; /* of each share, for a single sample; or NULL */
    int64_t phases;
    int64_t done;        /* steps before the chunk, */
    int64_t from, chunk; /* its first step in time, and its length */
} recurrent_run;

/* The units of a share are vectors `panel` to `end`: groups of p->group, but for the last. */
INLINE void recurrent_cut(const kmin_recurrent *p, int64_t share, int64_t *panel, int64_t *end)
{
    const int64_t groups = (p->vectors + p->group - 1) / p->group;
    *panel = share * groups / p->shares * p->group;
    *end = (share + 1) * groups / p->shares * p->group;
    if (*end > p->vectors)
        *end = p->vectors;
}

/* Of the states of other shares, and the room for the next ones of this one: lines that are still on another core are fetched
   while there is something else to do. */
INLINE void recurrent_fetch(const float *states, int64_t first, int64_t last, int64_t width)
{
    for (int64_t at = 0; at < width; at += 16)
        if (at < first || at >= last)
            PREFETCH(states + at);
}

INLINE void recurrent_own(const float *states, int64_t first, int64_t last)
{
    for (int64_t at = first; at < last; at += 16)
        PREFETCH_OWN(states + at);
}

/* sums of a share; `next` is where its states go then. */
static void recurrent_share_sums(const recurrent_run *run, int gates, int64_t at, int64_t share, const float *h,
                                 const float *next, const float *weights, const kmin_fixed *fixed, float *sums,
                                 int64_t sum_stride, int back, kmin_relay *relay)
{
    const recurrent_walk *walk = run->walk;
    const kmin_recurrent *p = walk->p;
    const int64_t units = p->units, width = p->vectors * LANES;
    int64_t panel, end;
    recurrent_cut(p, share, &panel, &end);
    const int64_t first = panel * LANES, last = end * LANES < units ? end * LANES : units;
    const recurrent_stretch stretches[3] = {{units, first, last, 1, back && p->shares == 1},
                                            {units, last, units, 0, 0}, {units, 0, first, 0, 0}};
    const kmin_fixed none = {NULL, NULL, 0};
    recurrent_ahead *ahead = run->ahead ? &run->ahead[share] : NULL;
    const int64_t middle = panel + (end - panel) / 2 / p->group * p->group;
    for (int number = 0; number < 3; number++) {
        if (number == 1 && relay) {
            kmin_relay_wait(relay, at);
            recurrent_own(next, first, last);
        }
        if (stretches[number].from == stretches[number].to)
            continue;
        if (!ahead) {
            recurrent_product(walk->rows, gates, p->vectors, panel, end, &stretches[number], h, width, weights, sums,
                              sum_stride);
        } else if (number == 0 && relay) {
            recurrent_single(gates, p->vectors, panel, middle, &stretches[number], h, weights, fixed, sums, ahead);
            kmin_relay_look(relay);
            recurrent_fetch(h, first, last, width);
            recurrent_single(gates, p->vectors, middle, end, &stretches[number], h, weights, fixed, sums, ahead);
        } else {
            recurrent_single(gates, p->vectors, panel, end, &stretches[number], h, weights, fixed, sums, ahead);
        }
    }
    if (ahead && fixed->words && !fixed_finite(sums + panel * gates * LANES, (end - panel) * gates))
        for (int number = 0; number < 3; number++) /* numbers are 2^31 times as large as weights */
            recurrent_single(gates, p->vectors, panel, end, &stretches[number], h, weights, &none, sums, ahead);
}

/* Products and gates of a share; a gru that resets first has two phases, all shares between them. */
static void recurrent_advance(const recurrent_run *run, const recurrent_step *step, int64_t at, int64_t share,
                              kmin_relay *relay)
{
    const recurrent_walk *walk = run->walk;
    const kmin_recurrent *p = walk->p;
    const recurrent_space *space = &walk->space;
    const int64_t width = p->vectors * LANES;
    const float *h = space->h[step->before], *next = space->h[!step->before];
    const kmin_direction *d = walk->direction;
    int64_t panel, end;
    recurrent_cut(p, share, &panel, &end);
    if (p->cell == KMIN_GRU_RESET_FIRST) {
        if (at % 2 == 0) {
            recurrent_share_sums(run, 2, at, share, h, space->c, d->weights, &d->fixed[0], space->sums, 3 * width,
                                 step->before, relay);
            recurrent_update_any(walk, step, panel, end);
        } else {
            recurrent_share_sums(run, 1, at, share, space->c, next, d->candidate, &d->fixed[1], space->sums + 2 * width,
                                 3 * width, step->before, relay);
            recurrent_candidate_any(walk, step, panel, end);
        }
        return;
    }
    recurrent_share_sums(run, (int)p->gates, at, share, h, next, d->weights, &d->fixed[0], space->sums, p->gates * width,
                         step->before, relay);
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
    space.inputs = p->table ? (const float **)(space.projected + (p->most > rows ? p->most : rows) * all) : NULL;
    return space;
}

/* Columns of the projected inputs of row `row` at steps `from` to from + size - 1, behind `to`. */
static void recurrent_project(const recurrent_walk *walk, int row, int64_t from, int64_t size, float *to, int64_t column,
                              int64_t end)
{
    const kmin_recurrent *p = walk->p;
    const float *x = (const float *)walk->operands[0];
    dense_rows(&walk->direction->project, x + ((walk->first + row) * p->steps + from) * p->features, NULL, to, size, column,
               end);
}

/* Steps `done` to done + size - 1 of a walk begin at this one in time. */
INLINE int64_t recurrent_begin(const recurrent_walk *walk, int64_t done, int64_t size)
{
    return walk->direction->backwards ? walk->p->steps - done - size : done;
}

/* RECURRENT_AHEAD rows of x as columns; `to` has room for LANES floats more. */
static void recurrent_turn_over(const float *x, int64_t features, float *to)
{
    int64_t at = 0;
    for (; LANES > RECURRENT_AHEAD && at + LANES <= features; at += LANES) {
        vf r[LANES];
        UNROLL for (int row = 0; row < LANES; row++)
            r[row] = row < RECURRENT_AHEAD ? vload(x + row * features + at) : vset(0.0f);
        vtranspose(r);
        UNROLL for (int column = 0; column < LANES; column++)
            vstore(to + (at + column) * RECURRENT_AHEAD, r[column]);
    }
    for (; at < features; at++)
        for (int row = 0; row < RECURRENT_AHEAD; row++)
            to[at * RECURRENT_AHEAD + row] = x[row * features + at];
}

/* The inputs of the chunk of RECURRENT_AHEAD steps that begins after `done` steps of a single sample, for the columns of a share:
   they lie in one half of the room in turn with the chunk before. What was projected ahead is finished, the next chunk begun. */
static void recurrent_turn(const recurrent_run *run, int64_t share, int64_t done)
{
    const recurrent_walk *walk = run->walk;
    const kmin_recurrent *p = walk->p;
    const int64_t all = p->gates * p->vectors * LANES, number = done / RECURRENT_AHEAD;
    const int64_t size = p->steps - done < RECURRENT_AHEAD ? p->steps - done : RECURRENT_AHEAD;
    recurrent_ahead *ahead = &run->ahead[share];
    float *const halves[2] = {walk->space.projected, walk->space.projected + RECURRENT_AHEAD * all};
    int64_t panel, end;
    recurrent_cut(p, share, &panel, &end);
    const int64_t column = panel * p->gates * LANES, last = end * p->gates * LANES;
    if (ahead->column < 0) /* nothing was */
        recurrent_project(walk, 0, recurrent_begin(walk, done, size), size, halves[number & 1], column, last);
    else
        recurrent_catch_up(ahead);
    ahead->column = -1;
    ahead->end = -1;
    if (p->ahead == 0 || p->steps - done - size < RECURRENT_AHEAD)
        return;
    const float *x = (const float *)walk->operands[0] +
                     (walk->first * p->steps + recurrent_begin(walk, done + size, RECURRENT_AHEAD)) * p->features;
    recurrent_turn_over(x, p->features, ahead->x);
    ahead->y = halves[~number & 1];
    ahead->column = column, ahead->end = last;
    recurrent_ahead_open(ahead);
}

/* A share of step number `at` of the run, counted in phases. */
static void recurrent_share_step(const void *context, int64_t at, int64_t share, kmin_relay *relay)
{
    const recurrent_run *run = context;
    const recurrent_walk *walk = run->walk;
    const kmin_recurrent *p = walk->p;
    const int64_t number = run->done + at / run->phases;
    recurrent_step step;
    step.step = walk->direction->backwards ? p->steps - 1 - number : number;
    step.position = -1;
    if (p->sequences)
        step.position = walk->direction->flipped ? p->steps - 1 - number : number;
    else if (number == p->steps - 1)
        step.position = 0;
    step.in_chunk = step.step - run->from;
    step.chunk = run->chunk;
    step.before = (int)(number & 1);
    if (p->table) {
        int64_t panel, end;
        recurrent_cut(p, share, &panel, &end);
        const int64_t next = step.in_chunk + (walk->direction->backwards ? -1 : 1);
        if (next >= 0 && next < run->chunk)
            for (int row = 0; row < walk->rows; row++)
                for (int64_t column = panel * p->gates * LANES; column < end * p->gates * LANES; column += 16)
                    PREFETCH(walk->space.inputs[row * run->chunk + next] + column);
    } else if (run->ahead) {
        const int64_t done = number / RECURRENT_AHEAD * RECURRENT_AHEAD;
        const int64_t size = p->steps - done < RECURRENT_AHEAD ? p->steps - done : RECURRENT_AHEAD;
        if (number == done && at % run->phases == 0)
            recurrent_turn(run, share, done);
        step.in_chunk = step.step - recurrent_begin(walk, done, size) + (done / RECURRENT_AHEAD & 1) * RECURRENT_AHEAD;
    }
    recurrent_advance(run, &step, at, share, relay);
}

/* All steps of one sample, shared with the team. */
static void recurrent_alone(recurrent_run *run, kmin_team *team)
{
    const kmin_recurrent *p = run->walk->p;
    recurrent_ahead ahead[KMIN_MAX_SHARES];
    for (int64_t share = 0; share < p->shares; share++) {
        ahead[share].project = &run->walk->direction->project;
        ahead[share].most = (int32_t)p->ahead;
        ahead[share].column = ahead[share].end = -1;
        ahead[share].x = run->walk->space.projected + RECURRENT_AHEAD * 2 * p->gates * p->vectors * LANES +
                         share * (RECURRENT_AHEAD * p->features + LANES);
    }
    run->ahead = ahead;
    if (!p->table)
        kmin_parallel_steps(team, recurrent_share_step, run, p->steps * run->phases, p->shares);
    for (; p->table && run->done < p->steps; run->done += run->chunk) {
        run->chunk = p->steps - run->done < p->most ? p->steps - run->done : p->most;
        run->from = recurrent_begin(run->walk, run->done, run->chunk);
        recurrent_look_up(run->walk, run->from, run->chunk, team);
        kmin_parallel_steps(team, recurrent_share_step, run, run->chunk * run->phases, p->shares);
    }
    run->ahead = NULL;
}

/* All steps of several samples, in chunks whose projected inputs fit the space. */
static void recurrent_together(recurrent_run *run)
{
    const recurrent_walk *walk = run->walk;
    const kmin_recurrent *p = walk->p;
    const int64_t all = p->gates * p->vectors * LANES;
    const int64_t room = p->table ? p->most / walk->rows : p->space / (walk->rows * all), longest = room < 1 ? 1 : room;
    for (; run->done < p->steps; run->done += run->chunk) {
        run->chunk = p->steps - run->done < longest ? p->steps - run->done : longest;
        run->from = recurrent_begin(walk, run->done, run->chunk);
        if (p->table)
            recurrent_look_up(walk, run->from, run->chunk, NULL);
        for (int row = 0; row < walk->rows && !p->table; row++)
            recurrent_project(walk, row, run->from, run->chunk, walk->space.projected + row * run->chunk * all, 0, all);
        for (int64_t at = 0; at < run->chunk * run->phases; at++)
            for (int64_t share = 0; share < p->shares; share++)
                recurrent_share_step(run, at, share, NULL);
    }
}

static void recurrent_steps(const recurrent_walk *walk, kmin_team *team)
{
    const kmin_recurrent *p = walk->p;
    const kmin_direction *d = walk->direction;
    const recurrent_space *space = &walk->space;
    const int64_t width = p->vectors * LANES;
    recurrent_run run = {walk, NULL, p->cell == KMIN_GRU_RESET_FIRST ? 2 : 1, 0, 0, 0};
    recurrent_fill(p, d->states[0] < 0 ? NULL : walk->operands[d->states[0]], walk->first, walk->rows, space->h[0]);
    recurrent_fill(p, d->states[1] < 0 ? NULL : walk->operands[d->states[1]], walk->first, walk->rows, space->c);
    recurrent_fill(p, NULL, 0, walk->rows, space->output);
    if (walk->rows == 1)
        recurrent_alone(&run, team);
    else
        recurrent_together(&run);
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
