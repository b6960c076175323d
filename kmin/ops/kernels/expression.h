/* Elementwise arithmetic, functions, comparisons and choices over tensors that are spread over each other, computed in one pass: a
   block of values at a time goes through all steps while it lies in the nearest cache. Truth is 1 or 0. */
#ifndef KMIN_EXPRESSION_H
#define KMIN_EXPRESSION_H

#include "split.h"

#define COMPARE(name, condition)                                                                                      \
    static void compare_##name(const float *a, const float *b, float *y, int64_t count)                               \
    {                                                                                                                 \
        const vf zero = vset(0.0f), one = vset(1.0f);                                                                 \
        (void)zero, (void)one;                                                                                        \
        for (int64_t at = 0; at < count; at += LANES) {                                                               \
            const vf l = vload(a + at), r = vload(b + at);                                                            \
            (void)r;                                                                                                  \
            vstore(y + at, condition);                                                                                \
        }                                                                                                             \
    }
#define IF(mask) vsel(mask, one, zero)
#define UNLESS(mask) vsel(mask, zero, one)
COMPARE(equal, IF(veq(l, r)))
COMPARE(not_equal, UNLESS(veq(l, r)))
COMPARE(greater, IF(vlt(r, l)))
COMPARE(greater_equal, IF(vle(r, l)))
COMPARE(less, IF(vlt(l, r)))
COMPARE(less_equal, IF(vle(l, r)))
COMPARE(logical_and, vsel(veq(l, zero), zero, UNLESS(veq(r, zero))))
COMPARE(logical_or, vsel(veq(l, zero), UNLESS(veq(r, zero)), one))
COMPARE(logical_not, IF(veq(l, zero)))
COMPARE(truth, UNLESS(veq(l, zero)))
COMPARE(isnan, UNLESS(veq(l, l)))
COMPARE(negative, vmul(l, vset(-1.0f))) /* 0 becomes -0 */

/* By KMIN_EXPRESSION_*. */
static void (*const comparisons[])(const float *, const float *, float *, int64_t) = {
    compare_equal,      compare_not_equal,  compare_greater,     compare_greater_equal, compare_less,  compare_less_equal,
    compare_logical_and, compare_logical_or, compare_logical_not, compare_truth,         compare_isnan, compare_negative,
};

static void expression_choose(const float *condition, const float *yes, const float *no, float *y, int64_t count)
{
    for (int64_t at = 0; at < count; at += LANES)
        vstore(y + at, vsel(veq(vload(condition + at), vset(0.0f)), vload(no + at), vload(yes + at)));
}

static void expression_fill(float *to, float value, int64_t count)
{
    for (int64_t at = 0; at < count; at += LANES)
        vstore(to + at, vset(value));
}

/* Values start .. start + count - 1 of a tensor that is spread over the result, one run along the last axis after the other. */
static void expression_spread(const kmin_expression *p, const kmin_spread *s, const char *from, int64_t start, int64_t count,
                              float *to)
{
    enum { LAST = KMIN_SPREAD_AXES - 1 };
    const int64_t length = p->sizes[LAST], inner = s->strides[LAST];
    int64_t at[KMIN_SPREAD_AXES], place = 0, rest = start, done = 0;
    for (int axis = LAST; axis >= 0; axis--) {
        at[axis] = rest % p->sizes[axis];
        rest /= p->sizes[axis];
        place += at[axis] * s->strides[axis];
    }
    for (;;) {
        const int64_t left = length - at[LAST], run = left < count - done ? left : count - done;
        if (s->bytes) {
            const uint8_t *bytes = (const uint8_t *)from + place;
            for (int64_t i = 0; i < run; i++)
                to[done + i] = (float)(bytes[i * inner] != 0);
        } else if (inner == 0) {
            const float value = ((const float *)from)[place];
            for (int64_t i = 0; i < run; i++)
                to[done + i] = value;
        } else {
            for (int64_t i = 0; i < run; i++)
                to[done + i] = ((const float *)from)[place + i];
        }
        done += run;
        if (done == count)
            return;
        place -= at[LAST] * inner;
        at[LAST] = 0;
        for (int axis = LAST - 1; axis >= 0; axis--) {
            place += s->strides[axis];
            if (++at[axis] < p->sizes[axis])
                break;
            place -= p->sizes[axis] * s->strides[axis];
            at[axis] = 0;
        }
    }
}

typedef struct {
    const kmin_expression *p;
    char *const *operands;
    char *scratch;
    int64_t size, blocks, tasks; /* values of a sample, or of all when it does not matter where one begins */
} expression_job;

static void expression_block(const expression_job *job, int64_t sample, int64_t start, int64_t count, float *slots)
{
    const kmin_expression *p = job->p;
    const float *values[KMIN_EXPRESSION_INPUTS + KMIN_EXPRESSION_STEPS];
    char *result = job->operands[p->operands];
    for (int32_t at = 0; at < p->inputs; at++) {
        const kmin_spread *s = &p->spreads[at];
        const int width = s->bytes ? 1 : 4;
        const char *from = s->constant ? (const char *)s->constant : job->operands[s->operand] + sample * s->sample * width;
        float *to = slots + p->slots[at] * KMIN_EXPRESSION_BLOCK;
        values[at] = to;
        if (s->period)
            values[at] = s->constant + start % s->period;
        else if (s->whole && !s->bytes && count % LANES == 0)
            values[at] = (const float *)from + start;
        else if (s->whole && !s->bytes) /* comparisons read whole vectors */
            memcpy(to, (const float *)from + start, (size_t)(4 * count));
        else if (s->whole)
            for (int64_t i = 0; i < count; i++)
                to[i] = (float)(((const uint8_t *)from)[start + i] != 0);
        else if (s->single)
            expression_fill(to, s->bytes ? (float)(*(const uint8_t *)from != 0) : *(const float *)from, count);
        else
            expression_spread(p, s, from, start, count, to);
    }
    for (int32_t at = 0; at < p->steps; at++) {
        const kmin_expression_step *step = &p->code[at];
        const int last = at + 1 == p->steps && !p->bytes && count % LANES == 0;
        float *to = last ? (float *)result + sample * job->size + start : slots + p->slots[p->inputs + at] * KMIN_EXPRESSION_BLOCK;
        const float *a = values[step->a], *b = values[step->b];
        if (step->map)
            step->map(step->args, a, to, count);
        else if (step->pair)
            step->pair(a, b, to, count, 0);
        else if (step->kind == KMIN_EXPRESSION_CHOOSE)
            expression_choose(a, b, values[step->c], to, count);
        else
            comparisons[step->kind](a, b, to, count);
        values[p->inputs + at] = to;
    }
    const float *made = values[p->inputs + p->steps - 1];
    if (p->bytes) {
        uint8_t *y = (uint8_t *)result + sample * job->size + start;
        for (int64_t at = 0; at < count; at++)
            y[at] = made[at] != 0;
    } else if (count % LANES) {
        memcpy((float *)result + sample * job->size + start, made, (size_t)(4 * count));
    }
}

static void expression_task(const void *context, int64_t task, int thread)
{
    const expression_job *job = context;
    const int64_t first = task * job->blocks / job->tasks, last = (task + 1) * job->blocks / job->tasks;
    const int64_t per_sample = (job->size + KMIN_EXPRESSION_BLOCK - 1) / KMIN_EXPRESSION_BLOCK;
    for (int64_t block = first; block < last; block++) {
        const int64_t start = block % per_sample * KMIN_EXPRESSION_BLOCK, rest = job->size - start;
        expression_block(job, block / per_sample, start, rest < KMIN_EXPRESSION_BLOCK ? rest : KMIN_EXPRESSION_BLOCK,
                         (float *)(job->scratch + thread * job->p->thread_bytes));
    }
}

/* Scratch of each thread: blocks of values. */
static void expression(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_expression *p = params;
    expression_job job = {p, operands, operands[p->operands + 1], p->size, 0, 1};
    int64_t samples = rows;
    if (p->flat && rows > 0)
        job.size *= rows, samples = 1;
    job.blocks = samples * ((job.size + KMIN_EXPRESSION_BLOCK - 1) / KMIN_EXPRESSION_BLOCK);
    job.tasks = light_tasks(job.blocks, p->steps * (job.size < KMIN_EXPRESSION_BLOCK ? job.size : KMIN_EXPRESSION_BLOCK));
    kmin_parallel(team, expression_task, &job, job.tasks);
}

#endif
