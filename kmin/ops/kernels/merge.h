/* Tensors that meet: arithmetic with broadcasting, concatenation, batch normalisation, reductions. */
#ifndef KMIN_MERGE_H
#define KMIN_MERGE_H

#include "split.h"

INLINE vf p_add(vf a, vf b) { return vadd(a, b); }
INLINE vf p_divide(vf a, vf b) { return vdiv(a, b); }
/* vmax and vmin hand on a NaN in b. */
INLINE vf p_maximum(vf a, vf b) { return vsel(veq(a, a), vmax(a, b), a); }
INLINE vf p_minimum(vf a, vf b) { return vsel(veq(a, a), vmin(a, b), a); }
INLINE vf p_multiply(vf a, vf b) { return vmul(a, b); }
INLINE vf p_subtract(vf a, vf b) { return vsub(a, b); }

#define PAIR_LOOP(name, left, right, left_part, right_part)     \
    for (; at + LANES <= count; at += LANES)                    \
        vstore(y + at, p_##name(left, right));                  \
    if (at < count)                                             \
        vstore_part(y + at, p_##name(left_part, right_part), count - at);

#define PAIR_VECTOR(from) vload(from + at)
#define PAIR_PART(from) vload_part(from + at, count - at, one)

#define PAIR(name)                                                                                       \
    static void pair_##name(const float *a, const float *b, float *y, int64_t count, int single)         \
    {                                                                                                    \
        const vf one = vset(1.0f);                                                                       \
        int64_t at = 0;                                                                                  \
        if (single == 1) {                                                                               \
            const vf same = vset(*a);                                                                    \
            PAIR_LOOP(name, same, PAIR_VECTOR(b), same, PAIR_PART(b))                                    \
        } else if (single == 2) {                                                                        \
            const vf same = vset(*b);                                                                    \
            PAIR_LOOP(name, PAIR_VECTOR(a), same, PAIR_PART(a), same)                                    \
        } else {                                                                                         \
            PAIR_LOOP(name, PAIR_VECTOR(a), PAIR_VECTOR(b), PAIR_PART(a), PAIR_PART(b))                  \
        }                                                                                                \
    }
KMIN_PAIRS(PAIR)

typedef struct {
    const kmin_binary *p;
    const float *big, *small;
    float *y;
    int64_t runs, length, tasks; /* runs of `length` values, each with one value or one vector of the smaller tensor */
} binary_job;

INLINE void binary_run(const kmin_binary *p, const float *big, const float *small, float *y, int64_t count, int single)
{
    p->swapped ? p->pair(small, big, y, count, single ? 1 : 0) : p->pair(big, small, y, count, single ? 2 : 0);
}

static void binary_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const binary_job *job = context;
    const kmin_binary *p = job->p;
    const int64_t first = task * job->runs / job->tasks, last = (task + 1) * job->runs / job->tasks, n = job->length;
    if (!p->broadcast) {
        const int64_t size = p->outer * p->middle * p->inner; /* values that a constant has */
        for (int64_t at = first; at < last;) {
            const int64_t place = p->constant ? at % size : at, rest = p->constant ? size - place : last - at;
            const int64_t count = rest < last - at ? rest : last - at;
            binary_run(p, job->big + at, job->small + place, job->y + at, count, 0);
            at += count;
        }
        return;
    }
    const int64_t per_sample = p->outer * (p->inner == 1 ? 1 : p->middle);
    for (int64_t at = first; at < last; at++) {
        const float *small = job->small + (p->constant ? 0 : at / per_sample * p->middle) + (p->inner == 1 ? 0 : at % p->middle);
        binary_run(p, job->big + at * n, small, job->y + at * n, n, p->inner != 1);
    }
}

static void binary(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_binary *p = params;
    binary_job job = {p, (const float *)operands[0], p->constant ? p->constant : (const float *)operands[1],
                      (float *)operands[p->constant ? 1 : 2], rows * p->outer, 1, 1};
    if (!p->broadcast)
        job.runs *= p->middle * p->inner;
    else if (p->inner == 1)
        job.length = p->middle;
    else
        job.runs *= p->middle, job.length = p->inner;
    job.tasks = light_tasks(job.runs, job.length);
    kmin_parallel(team, binary_task, &job, job.tasks);
}

typedef struct {
    const kmin_concat *p;
    char *const *operands;
    int64_t rows, tasks;
} concat_job;

static void concat_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const concat_job *job = context;
    const kmin_concat *p = job->p;
    const int64_t first = task * job->rows / job->tasks, last = (task + 1) * job->rows / job->tasks;
    float *y = (float *)job->operands[p->count] + first * p->y_stride;
    for (int64_t row = first; row < last; row++, y += p->y_stride)
        for (int32_t at = 0; at < p->count; at++)
            memcpy(y + p->columns[at], (const float *)job->operands[at] + row * p->strides[at],
                   (size_t)(4 * p->sizes[at]));
}

static void concat(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_concat *p = params;
    concat_job job = {p, operands, rows * p->outer, 1};
    job.tasks = light_tasks(job.rows, p->total);
    kmin_parallel(team, concat_task, &job, job.tasks);
}

INLINE vf scale_shift_one(const kmin_scale_shift *p, vf x, int64_t at)
{
    const vf y = vfma(vsub(x, vload(p->mean + at)), vload(p->scale + at), vload(p->shift + at));
    return vmin(vset(p->high), vmax(vset(p->low), y));
}

typedef struct {
    const kmin_scale_shift *p;
    const float *x;
    float *y;
    int64_t rows, tasks;
} scale_shift_job;

static void scale_shift_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const scale_shift_job *job = context;
    const kmin_scale_shift *p = job->p;
    const int64_t n = p->n, whole = n - n % LANES, rest = n - whole;
    const int64_t first = task * job->rows / job->tasks, last = (task + 1) * job->rows / job->tasks;
    const float *x = job->x + first * p->x_stride;
    float *y = job->y + first * p->y_stride;
    for (int64_t row = first; row < last; row++, x += p->x_stride, y += p->y_stride) {
        for (int64_t at = 0; at < whole; at += LANES)
            vstore(y + at, scale_shift_one(p, vload(x + at), at));
        if (rest) /* the constants are padded to whole vectors */
            vstore_part(y + whole, scale_shift_one(p, vload_part(x + whole, rest, vset(0.0f)), whole), rest);
    }
}

static void scale_shift(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_scale_shift *p = params;
    scale_shift_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->rows_per_sample, 1};
    job.tasks = light_tasks(job.rows, p->n);
    kmin_parallel(team, scale_shift_task, &job, job.tasks);
}

/* One vector of columns. Sums are taken in runs of 32, whose sums are then summed: long axes round less. */
INLINE vf reduce_columns(const int kind, const float *x, int64_t count, int64_t stride, int64_t columns)
{
    const vf none = vset(0.0f);
    if (kind == KMIN_MAX || kind == KMIN_MIN) {
        vf best = vload_part(x, columns, none);
        for (int64_t at = 1; at < count; at++) {
            vf value = columns == LANES ? vload(x + at * stride) : vload_part(x + at * stride, columns, none);
            best = kind == KMIN_MAX ? p_maximum(best, value) : p_minimum(best, value);
        }
        return best;
    }
    vf total = none;
    for (int64_t first = 0; first < count; first += 32) {
        const int64_t last = first + 32 < count ? first + 32 : count;
        vf sum = none;
        for (int64_t at = first; at < last; at++)
            sum = vadd(sum, columns == LANES ? vload(x + at * stride) : vload_part(x + at * stride, columns, none));
        total = vadd(total, sum);
    }
    return kind == KMIN_MEAN ? vdiv(total, vset((float)count)) : total;
}

INLINE vf reduce_kind(int kind, const float *x, int64_t count, int64_t stride, int64_t columns)
{
    switch (kind) {
    case KMIN_MAX:
        return reduce_columns(KMIN_MAX, x, count, stride, columns);
    case KMIN_MIN:
        return reduce_columns(KMIN_MIN, x, count, stride, columns);
    case KMIN_MEAN:
        return reduce_columns(KMIN_MEAN, x, count, stride, columns);
    default:
        return reduce_columns(KMIN_SUM, x, count, stride, columns);
    }
}

typedef struct {
    const kmin_reduce *p;
    const float *x;
    float *y;
    int64_t vectors, tasks; /* vectors of results of all rows */
} reduce_job;

static void reduce_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const reduce_job *job = context;
    const int64_t n = job->p->inner, count = job->p->count, vectors = (n + LANES - 1) / LANES;
    for (int64_t vector = task * job->vectors / job->tasks; vector < (task + 1) * job->vectors / job->tasks; vector++) {
        const int64_t row = vector / vectors, at = vector % vectors * LANES;
        const float *x = job->x + row * count * n + at;
        float *y = job->y + row * n + at;
        if (n - at >= LANES)
            vstore(y, reduce_kind(job->p->kind, x, count, n, LANES));
        else
            vstore_part(y, reduce_kind(job->p->kind, x, count, n, n - at), n - at);
    }
}

static void reduce(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_reduce *p = params;
    reduce_job job = {p, (const float *)operands[0], (float *)operands[1], rows * p->outer * ((p->inner + LANES - 1) / LANES), 1};
    job.tasks = light_tasks(job.vectors, p->count * LANES);
    kmin_parallel(team, reduce_task, &job, job.tasks);
}

#endif
