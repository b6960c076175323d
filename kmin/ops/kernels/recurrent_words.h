/* Recurrent layers over rows of a table, as embeddings are: a row that was projected is kept for the calls to come. */
#ifndef KMIN_RECURRENT_WORDS_H
#define KMIN_RECURRENT_WORDS_H

#include "dense.h"
#include "recurrent_cell.h"
#include "team.h"

/* Id number `at`; the first row stands in for what is refused. */
INLINE int64_t recurrent_word(const recurrent_walk *walk, int64_t at)
{
    const kmin_recurrent *p = walk->p;
    char *const *operands = walk->operands;
    int64_t id = p->wide ? ((const int64_t *)operands[0])[at] : ((const int32_t *)operands[0])[at];
    if (id < 0 && p->wrap)
        id += p->count;
    if (id >= 0 && id < p->count)
        return id;
    *(volatile int64_t *)operands[p->operands + 1] = 1; /* behind the scratch */
    return 0;
}

/* Keeps a projected row, unless another call is about to or there is no room. */
static void recurrent_keep(const kmin_kept *kept, int64_t id, const float *row, int64_t size)
{
    int32_t none = 0;
    if (__atomic_load_n(kept->used, __ATOMIC_RELAXED) >= kept->room ||
        !__atomic_compare_exchange_n(&kept->places[id], &none, -1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    const int64_t place = __atomic_fetch_add(kept->used, 1, __ATOMIC_RELAXED);
    if (place >= kept->room) {
        __atomic_store_n(&kept->places[id], 0, __ATOMIC_RELAXED);
        return;
    }
    memcpy(kept->rows + place * size, row, (size_t)(4 * size));
    __atomic_store_n(&kept->places[id], (int32_t)place + 1, __ATOMIC_RELEASE);
}

/* Rows that were not kept. */
typedef struct {
    const kmin_dense *project;
    const float *x;
    float *y;
    int64_t rows, tasks;
} recurrent_unknown;

static void recurrent_unknown_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const recurrent_unknown *call = context;
    const int64_t n = call->project->n, panels = (n + 2 * LANES - 1) / (2 * LANES);
    const int64_t from = task * panels / call->tasks * 2 * LANES, to = (task + 1) * panels / call->tasks * 2 * LANES;
    dense_rows(call->project, call->x, NULL, call->y, call->rows, from, to < n ? to : n);
}

/* Finds the projected inputs of `chunk` steps in time from `from` on. */
static void recurrent_look_up(const recurrent_walk *walk, int64_t from, int64_t chunk, kmin_team *team)
{
    const kmin_recurrent *p = walk->p;
    const kmin_kept *kept = &walk->direction->kept;
    const int64_t all = p->gates * p->vectors * LANES, count = walk->rows * chunk;
    const int64_t least = p->most > walk->rows ? p->most : walk->rows;
    const float **inputs = walk->space.inputs;
    float *x = (float *)(inputs + least), *y = walk->space.projected;
    int64_t unknown = 0;
    for (int64_t at = 0; at < count; at++) {
        const int64_t id = recurrent_word(walk, (walk->first + at / chunk) * p->steps + from + at % chunk);
        const int32_t place = __atomic_load_n(&kept->places[id], __ATOMIC_ACQUIRE);
        inputs[at] = place > 0 ? kept->rows + (place - 1) * all : y + unknown * all;
        if (place > 0)
            continue;
        memcpy(x + unknown * p->features, p->table + id * p->features, (size_t)(4 * p->features));
        unknown++;
    }
    if (unknown == 0)
        return;
    recurrent_unknown call = {&walk->direction->project, x, y, unknown, 0};
    const int64_t work = unknown * p->features * all >> 16, panels = (all + 2 * LANES - 1) / (2 * LANES);
    call.tasks = work < 1 ? 1 : work < 16 ? work : 16;
    call.tasks = call.tasks < panels ? call.tasks : panels;
    kmin_parallel(team, recurrent_unknown_task, &call, call.tasks);
    for (int64_t at = 0; at < count; at++)
        if (inputs[at] >= y && inputs[at] < y + unknown * all)
            recurrent_keep(kept, recurrent_word(walk, (walk->first + at / chunk) * p->steps + from + at % chunk),
                           inputs[at], all);
}

#endif
