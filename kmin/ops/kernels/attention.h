/* Attention: scores of queries with keys, their softmax and the values it weighs, block by block in the cache.

   Keys and values of a sample are copied into panels once; then every task takes a block of queries of one head. */
#ifndef KMIN_ATTENTION_H
#define KMIN_ATTENTION_H

#include "product.h"
#include "vmath.h"

enum { WEIGHT_RUN = 32 };

typedef struct {
    const kmin_attention *p;
    const float *q, *k, *v;
    const char *mask;
    float *y, *keys, *values;
    char *scratch;
} attention_job;

INLINE int64_t panels_size(int64_t columns, int64_t depth)
{
    return (columns + LANES - 1) / LANES * LANES * depth;
}

static void attention_pack_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const attention_job *job = context;
    const kmin_attention *p = job->p;
    const int64_t head = task / 2, count = task % 2 ? p->value_size : p->keys, depth = task % 2 ? p->keys : p->size;
    const float *from = task % 2 ? job->v + head * p->v_head : job->k + head * p->k_head;
    float *to = (task % 2 ? job->values : job->keys) + head * panels_size(count, depth);
    for (int64_t at = 0; at < count; at += PANEL, to += PANEL * depth) {
        const int64_t columns = count - at < PANEL ? count - at : PANEL;
        if (task % 2)
            product_pack(to, panel_width(columns), from + at, depth, columns, p->v_row, 1);
        else
            product_pack(to, panel_width(columns), from + at * p->k_row, depth, columns, 1, p->k_row);
    }
}

/* What decides about the keys of one query: 1 where a key is seen, 0 where not; either may be NULL. */
typedef struct {
    const float *band, *mask;
    int64_t mask_step; /* 0: one number for all keys */
} attention_view;

INLINE vf attention_seen(const attention_view *view, int64_t at, int64_t part)
{
    vf seen = vset(1.0f);
    if (view->band)
        seen = vload_part(view->band + at, part, seen);
    if (view->mask)
        seen = vmul(seen, view->mask_step ? vload_part(view->mask + at, part, vset(1.0f)) : vset(*view->mask));
    return seen;
}

/* One vector of scores, scaled and masked. */
INLINE vf attention_score(const kmin_attention *p, const attention_view *view, const int masked, const float *scores,
                          int64_t at, int64_t part)
{
    const vf none = vset(0.0f);
    const vf score = vmul(part == LANES ? vload(scores + at) : vload_part(scores + at, part, none), vset(p->scale));
    if (!masked)
        return score;
    const vf seen = attention_seen(view, at, part);
    if (p->additive)
        return vadd(score, vmul(vsub(vset(1.0f), seen), vset(p->low)));
    return vsel(veq(seen, none), vset(p->low), score);
}

/* e^(score - top), and 0 where a key is not seen if `zeroed`; `sum` grows by the former. */
INLINE void attention_exp(const attention_view *view, const int zeroed, float *scores, int64_t at, int64_t part, vf top,
                          vf *sum)
{
    const vf score = part == LANES ? vload(scores + at) : vload_part(scores + at, part, vset(-INFINITY));
    vf e = vexp(vsub(score, top));
    *sum = vadd(*sum, e);
    if (zeroed)
        e = vsel(veq(attention_seen(view, at, part), vset(0.0f)), vset(0.0f), e);
    if (part == LANES)
        vstore(scores + at, e);
    else
        vstore_part(scores + at, e, part);
}

/* The mask of one query in float32, or NULL; `space` has room for it, and holds it already unless `fresh`. */
static const float *attention_mask(const attention_job *job, int64_t head, int64_t query, float *space, int fresh)
{
    const kmin_attention *p = job->p;
    const int64_t at = head * p->mask_head + query * p->mask_row;
    if (!job->mask)
        return NULL;
    if (!p->mask_bytes)
        return (const float *)job->mask + at;
    const int64_t count = p->mask_step ? p->keys : 1;
    if (fresh || p->mask_row)
        for (int64_t key = 0; key < count; key++)
            space[key] = ((const uint8_t *)job->mask)[at + key] ? 1.0f : 0.0f;
    return space;
}

/* n scores of one query become e^(score - maximum); returns their sum. */
INLINE float attention_weights(const kmin_attention *p, const attention_view *view, const int masked, const int zeroed,
                               float *scores, int64_t n)
{
    const int64_t whole = n - n % LANES, rest = n - whole;
    vf top = vset(-INFINITY), total = vset(0.0f);
    for (int64_t at = 0; at < whole; at += LANES) {
        const vf score = attention_score(p, view, masked, scores, at, LANES);
        vstore(scores + at, score);
        top = vmax(top, score);
    }
    if (rest) {
        vstore_part(scores + whole, attention_score(p, view, masked, scores, whole, rest), rest);
        top = vmax(top, vload_part(scores + whole, rest, vset(-INFINITY)));
    }
    top = vset(vhmax(top));
    for (int64_t first = 0; first < whole; first += WEIGHT_RUN * LANES) {
        const int64_t last = whole - first < WEIGHT_RUN * LANES ? whole : first + WEIGHT_RUN * LANES;
        vf sum = vset(0.0f);
        for (int64_t at = first; at < last; at += LANES)
            attention_exp(view, zeroed, scores, at, LANES, top, &sum);
        total = vadd(total, sum);
    }
    if (rest)
        attention_exp(view, zeroed, scores, whole, rest, top, &total);
    return vhsum(total);
}

static float attention_row(const kmin_attention *p, const attention_view *view, float *scores, int64_t n)
{
    if (!view->band && !view->mask)
        return attention_weights(p, view, 0, 0, scores, n);
    if (!p->zeroed)
        return attention_weights(p, view, 1, 0, scores, n);
    return attention_weights(p, view, 1, 1, scores, n);
}

static void attention_task(const void *context, int64_t task, int thread)
{
    const attention_job *job = context;
    const kmin_attention *p = job->p;
    const int64_t head = task / p->blocks, block = task % p->blocks, shared = head / p->group;
    const int64_t first = block * p->queries / p->blocks, last = (block + 1) * p->queries / p->blocks;
    const int64_t keys = p->causal && last < p->keys ? last : p->keys;
    const float *panel = job->keys + shared * panels_size(p->keys, p->size);
    float *scores = (float *)(job->scratch + thread * p->thread_bytes), *sums = scores + p->rows * p->keys;
    float *space = sums + p->rows;
    for (int64_t at = 0; at < keys; at += PANEL, panel += PANEL * p->size)
        product_panel(job->q + head * p->q_head + first * p->q_row, p->q_row, panel, p->size, scores + at, p->keys,
                      last - first, p->keys - at < PANEL ? p->keys - at : PANEL);
    for (int64_t query = first; query < last; query++) {
        float *row = scores + (query - first) * p->keys;
        const int64_t n = p->causal && query + 1 < keys ? query + 1 : keys;
        const attention_view view = {
            p->band ? p->band + query * p->keys : NULL,
            attention_mask(job, head, query, space, query == first),
            p->mask_step,
        };
        sums[query - first] = attention_row(p, &view, row, n);
        memset(row + n, 0, (size_t)(keys - n) * 4);
    }
    float *y = job->y + head * p->y_head + first * p->y_row;
    panel = job->values + shared * panels_size(p->value_size, p->keys);
    for (int64_t at = 0; at < p->value_size; at += PANEL, panel += PANEL * p->keys)
        product_panel(scores, p->keys, panel, keys, y + at, p->y_row, last - first,
                      p->value_size - at < PANEL ? p->value_size - at : PANEL);
    for (int64_t query = 0; query < last - first; query++, y += p->y_row) {
        const vf share = vdiv(vset(1.0f), vset(sums[query]));
        int64_t at = 0;
        for (; at + LANES <= p->value_size; at += LANES)
            vstore(y + at, vmul(vload(y + at), share));
        if (at < p->value_size)
            vstore_part(y + at, vmul(vload_part(y + at, p->value_size - at, share), share), p->value_size - at);
    }
}

static void attention(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_attention *p = params;
    const int64_t shared = p->heads / p->group;
    const int result = p->masked ? 4 : 3;
    attention_job job = {.p = p, .keys = (float *)operands[result + 1]};
    job.values = job.keys + shared * panels_size(p->keys, p->size);
    job.scratch = (char *)operands[result + 1] + p->scratch_bytes;
    for (int64_t row = 0; row < rows; row++) {
        job.q = (const float *)operands[0] + row * p->q_sample + p->q_start;
        job.k = (const float *)operands[1] + row * p->k_sample + p->k_start;
        job.v = (const float *)operands[2] + row * p->v_sample + p->v_start;
        job.mask = p->masked ? operands[3] + row * p->mask_sample * (p->mask_bytes ? 1 : 4) : NULL;
        job.y = (float *)operands[result] + row * p->y_sample;
        kmin_parallel(team, attention_pack_task, &job, 2 * shared);
        kmin_parallel(team, attention_task, &job, p->heads * p->blocks);
    }
}

#endif
