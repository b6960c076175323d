/* Into how many tasks light work is split: what reads and writes each value once or a few times. */
#ifndef KMIN_SPLIT_H
#define KMIN_SPLIT_H

#include "simd.h"

enum { LIGHT_WORK = 5 << 12, LIGHT_TASKS = 16 };

/* For `rows` rows of n values each, which a task takes whole. */
INLINE int64_t light_tasks(int64_t rows, int64_t n)
{
    const int64_t tasks = rows * n < LIGHT_WORK ? 1 : rows * n < 2 * LIGHT_WORK ? LIGHT_TASKS / 2 : LIGHT_TASKS;
    return tasks < rows ? tasks : rows;
}

#endif
