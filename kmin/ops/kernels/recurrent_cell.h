/* Cells of recurrent layers: from products and projected inputs to the next states, one vector of units at a time. */
#ifndef KMIN_RECURRENT_CELL_H
#define KMIN_RECURRENT_CELL_H

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
    const float **inputs; /* of words: where the projected rows lie, [row][step of the chunk], or NULL */
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

/* sigmoid within 3 ulp and tanh within 6 (3e-7): shorter than those of vmath.h, since every step waits for them.
   e^-r for |r| <= ln(2) / 2 and tanh as a rational function: minimax in relative error (3e-9, 2e-8). */
INLINE vf recurrent_sigmoid(vf x)
{
    const vf t = vmin(vset(88.0f), vmax(vset(-88.0f), x));
    const vi n = vround(vmul(t, vset(-1.44269504f)));
    const vf count = vfloat(n);
    vf r = vfma(count, vset(0.693145751953125f), t); /* 16 bits: the product is exact */
    r = vfma(count, vset(1.42860677e-6f), r);
    vf q = vfma(vset(0.001381455920636654f), r, vset(-0.008368735201656818f));
    q = vfma(q, r, vset(0.04166838899254799f));
    q = vfma(q, r, vset(-0.1666652113199234f));
    q = vfma(q, r, vset(0.4999999403953552f));
    q = vfma(q, r, vset(-1.0f));
    q = vfma(q, r, vset(1.0f));
    return vinverse(vadd(vscale(q, n), vset(1.0f)));
}

INLINE vf recurrent_tanh(vf x)
{
    const vf t = vmin(vset(9.0109f), vmax(vset(-9.0109f), x)), s = vmul(t, t);
    vf p = vfma(vset(1.3335283326486872e-08f), s, vset(2.0595150950356054e-05f));
    vf q = vfma(vset(7.76864452624942e-07f), s, vset(0.00032842518476570266f));
    p = vfma(p, s, vset(0.0034947430406664435f));
    q = vfma(q, s, vset(0.025873768242299776f));
    p = vfma(p, s, vset(0.13380314408057367f));
    q = vfma(q, s, vset(0.4671362982004629f));
    p = vfma(p, s, vset(0.9999999792581797f));
    q = vfma(q, s, vset(1.0f));
    return vmin(vset(1.0f), vmax(vset(-1.0f), vdiv(vmul(t, p), q)));
}

/* A gate's function; tanh and sigmoid are known at compile time where `plain`. */
INLINE vf recurrent_activate(const int plain, const int usual, const kmin_activation *f, vf x)
{
    switch (plain ? usual : f->kind) {
    case KMIN_tanh:
        return recurrent_tanh(x);
    case KMIN_sigmoid:
        return recurrent_sigmoid(x);
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

/* The projected inputs of a step. */
INLINE const float *recurrent_inputs(const recurrent_walk *walk, const recurrent_step *step, int row)
{
    const recurrent_space *space = &walk->space;
    const int64_t at = row * step->chunk + step->in_chunk;
    return space->inputs ? space->inputs[at] : space->projected + at * walk->p->gates * walk->p->vectors * LANES;
}

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
        const float *x = recurrent_inputs(walk, step, row);
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
        const float *x = recurrent_inputs(walk, step, row);
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
        const float *x = recurrent_inputs(walk, step, row);
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

#endif
