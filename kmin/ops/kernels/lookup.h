/* Ids: rows of a table, and what comes before it: whole numbers and masks. */
#ifndef KMIN_LOOKUP_H
#define KMIN_LOOKUP_H

#include "simd.h"

/* y[i] = row number ids[i] of the table; a row of zeros where the id is refused. */
static void gather(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const kmin_gather *p = params;
    float *y = (float *)operands[1];
    for (int64_t at = 0; at < rows * p->per_sample; at++, y += p->width) {
        int64_t id = p->wide ? ((const int64_t *)operands[0])[at] : ((const int32_t *)operands[0])[at];
        if (id < 0 && p->wrap)
            id += p->count;
        if (id < 0 || id >= p->count) {
            *(volatile int64_t *)operands[2] = 1;
            id = 0;
        }
        memcpy(y, p->table + id * p->width, (size_t)(4 * p->width));
    }
}

/* Whole numbers from float32, towards zero; what has none becomes the smallest. */
static void to_int32(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const int64_t count = rows * *(const int64_t *)params;
    const float *x = (const float *)operands[0];
    int32_t *y = (int32_t *)operands[1];
    for (int64_t at = 0; at < count; at++)
        y[at] = x[at] > -2147483648.0f && x[at] < 2147483648.0f ? (int32_t)x[at] : INT32_MIN;
}

/* y[i] = x[i] != number, as a byte. */
static void differ(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    (void)team;
    const kmin_differ *p = params;
    const int64_t count = rows * p->per_sample;
    uint8_t *y = (uint8_t *)operands[1];
    if (p->type == KMIN_FLOAT32)
        for (int64_t at = 0; at < count; at++)
            y[at] = ((const float *)operands[0])[at] != p->real;
    else if (p->type == KMIN_INT32)
        for (int64_t at = 0; at < count; at++)
            y[at] = ((const int32_t *)operands[0])[at] != p->whole;
    else
        for (int64_t at = 0; at < count; at++)
            y[at] = ((const int64_t *)operands[0])[at] != p->whole;
}

#endif
