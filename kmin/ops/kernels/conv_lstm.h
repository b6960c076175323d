/* LSTM over images: inputs of a few steps are projected by one convolution; then, step by step, another one adds the states'
   products to them in place, and gates make the next states. Samples follow each other. */
#ifndef KMIN_CONV_LSTM_H
#define KMIN_CONV_LSTM_H

#include "recurrent_cell.h"

typedef struct {
    const kmin_conv_lstm *p;
    const float *z, *carry; /* z [cells][gate][filters]; no carry: zeros */
    float *next, *h;        /* the next carry and state */
} conv_lstm_job;

INLINE void conv_lstm_cells(const int plain, const conv_lstm_job *job, int64_t from, int64_t to)
{
    const kmin_conv_lstm *p = job->p;
    const int64_t n = p->filters;
    for (int64_t cell = from; cell < to; cell++)
        for (int64_t unit = 0; unit < n; unit += LANES) { /* behind the last filter are others' numbers, or room */
            const int64_t left = n - unit, at = cell * n + unit;
            const float *z = job->z + cell * 4 * n + unit;
            const vf i = recurrent_activate(plain, KMIN_sigmoid, &p->recurrent_activation, vload(z));
            const vf f = recurrent_activate(plain, KMIN_sigmoid, &p->recurrent_activation, vload(z + n));
            const vf g = recurrent_activate(plain, KMIN_tanh, &p->activation, vload(z + 2 * n));
            const vf o = recurrent_activate(plain, KMIN_sigmoid, &p->recurrent_activation, vload(z + 3 * n));
            vf c = vset(0.0f);
            if (job->carry)
                c = left >= LANES ? vload(job->carry + at) : vload_part(job->carry + at, left, c);
            c = vfma(f, c, vmul(i, g));
            recurrent_store(job->next + at, c, left);
            recurrent_store(job->h + at, vmul(o, recurrent_activate(plain, KMIN_tanh, &p->activation, c)), left);
        }
}

static void conv_lstm_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const conv_lstm_job *job = context;
    const kmin_conv_lstm *p = job->p;
    const int64_t from = task * p->cells / p->tasks, to = (task + 1) * p->cells / p->tasks;
    if (p->plain)
        conv_lstm_cells(1, job, from, to);
    else
        conv_lstm_cells(0, job, from, to);
}

/* `size` floats, or as many zeros. */
static void conv_lstm_copy(float *to, const float *from, int64_t size)
{
    if (!from)
        memset(to, 0, (size_t)(4 * size));
    else if (to != from)
        memcpy(to, from, (size_t)(4 * size));
}

/* Operands: x, the mask, the initial state and carry if there are any, then y, the last state and carry. */
static void conv_lstm_sample(const kmin_conv_lstm *p, char *const *operands, int64_t sample, kmin_team *team)
{
    const int64_t size = p->cells * p->filters, stored = p->sequences ? p->steps : 1;
    const float *x = (const float *)operands[0] + sample * p->steps * p->x_step;
    const uint8_t *mask = p->mask < 0 ? NULL : (const uint8_t *)operands[p->mask] + sample * p->steps;
    const float *h = p->states[0] < 0 ? NULL : (const float *)operands[p->states[0]] + sample * size;
    const float *c = p->states[1] < 0 ? NULL : (const float *)operands[p->states[1]] + sample * size;
    float *y = (float *)operands[p->y] + sample * stored * size;
    float *last_h = (float *)operands[p->y + 1] + sample * size, *last_c = (float *)operands[p->y + 2] + sample * size;
    float *z = (float *)operands[p->y + 3];
    char *scratch = operands[p->y + 3] + p->z_bytes;
    const float *output = NULL; /* the one before; zeros */
    for (int64_t done = 0; done < p->steps; done += p->chunk) {
        const int64_t count = p->steps - done < p->chunk ? p->steps - done : p->chunk;
        const int64_t first = p->backwards ? p->steps - done - count : done;
        char *projected[3] = {(char *)(x + first * p->x_step), (char *)z, scratch};
        p->project(p->project_params, projected, count, team);
        for (int64_t number = done; number < done + count; number++) {
            const int64_t step = p->backwards ? p->steps - 1 - number : number;
            float *now = z + (step - first) * 4 * size, *to = p->sequences ? y + number * size : last_h;
            if (mask && !mask[step]) {
                if (p->sequences)
                    conv_lstm_copy(to, output, size);
                continue;
            }
            if (h) {
                char *added[4] = {(char *)h, (char *)now, (char *)now, scratch};
                p->recur(p->recur_params, added, 1, team);
            }
            const conv_lstm_job job = {p, now, c, last_c, to};
            kmin_parallel(team, conv_lstm_task, &job, p->tasks);
            h = output = to, c = last_c;
        }
    }
    if (!p->sequences)
        conv_lstm_copy(y, output, size);
    conv_lstm_copy(last_h, h, size);
    conv_lstm_copy(last_c, c, size);
}

static void conv_lstm(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    for (int64_t sample = 0; sample < rows; sample++)
        conv_lstm_sample(params, operands, sample, team);
}

#endif
