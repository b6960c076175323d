/* Moves: the values of a tensor in another order. */
#ifndef KMIN_MOVE_H
#define KMIN_MOVE_H

#include "split.h"

enum { MOVE_ROWS = 4 * LANES };

/* y[i] = x[i * step] */
INLINE void move_apart(const int step, const float *restrict x, float *restrict y, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        y[i] = x[i * step];
}

/* y[i][line] = x[line * along + i] */
INLINE void move_together(const int lines, const float *restrict x, float *restrict y, int64_t count, int64_t along)
{
    for (int64_t i = 0; i < count; i++)
        UNROLL for (int line = 0; line < lines; line++)
            y[i * lines + line] = x[line * along + i];
}

/* y[row][column] = x[row * p->strides[4] + column * p->strides[5]] */
static void move_plane(const kmin_move *p, const float *x, float *y, int64_t rows)
{
    const int64_t columns = p->sizes[5], down = p->strides[4], along = p->strides[5];
#define MOVE_APART(step)                                                \
    if (along == step) {                                                \
        for (int64_t row = 0; row < rows; row++)                        \
            move_apart(step, x + row * down, y + row * columns, columns); \
        return;                                                         \
    }
#define MOVE_TOGETHER(lines)                           \
    if (down == 1 && columns == lines) {               \
        move_together(lines, x, y, rows, along);       \
        return;                                        \
    }
    if (along == 1) {
        for (int64_t row = 0; row < rows; row++)
            memcpy(y + row * columns, x + row * down, (size_t)(4 * columns));
        return;
    }
    MOVE_APART(2) MOVE_APART(3) MOVE_APART(4)
    MOVE_TOGETHER(2) MOVE_TOGETHER(3) MOVE_TOGETHER(4)
#undef MOVE_APART
#undef MOVE_TOGETHER
    int64_t row = 0;
    if (down == 1)
        for (; row + LANES <= rows; row += LANES) {
            int64_t column = 0;
            for (; column + LANES <= columns; column += LANES) {
                vf block[LANES];
                for (int i = 0; i < LANES; i++)
                    block[i] = vload(x + row + (column + i) * along);
                vtranspose(block);
                for (int i = 0; i < LANES; i++)
                    vstore(y + (row + i) * columns + column, block[i]);
            }
            for (; column < columns; column++)
                for (int i = 0; i < LANES; i++)
                    y[(row + i) * columns + column] = x[row + i + column * along];
        }
    for (; row < rows; row++)
        for (int64_t column = 0; column < columns; column++)
            y[row * columns + column] = x[row * down + column * along];
}

typedef struct {
    const kmin_move *p;
    const float *x;
    float *y;
    int64_t planes, blocks; /* planes of a sample, and the blocks of rows that each is cut into */
} move_job;

static void move_block(const move_job *job, int64_t at)
{
    const kmin_move *p = job->p;
    const int64_t block = at % job->blocks, plane = at / job->blocks, rows = p->sizes[4];
    const int64_t first = block * MOVE_ROWS, count = rows - first < MOVE_ROWS ? rows - first : MOVE_ROWS;
    const float *x = job->x + p->offset + first * p->strides[4];
    int64_t rest = plane;
    for (int axis = 3; axis >= 0; axis--) {
        if (p->sizes[axis] == 1)
            continue; /* divisions take longer than short planes */
        x += rest % p->sizes[axis] * p->strides[axis];
        rest /= p->sizes[axis];
    }
    move_plane(p, x + rest * p->x_sample, job->y + (plane * rows + first) * p->sizes[5], count);
}

typedef struct {
    move_job job;
    int64_t total, tasks;
} move_split;

static void move_task(const void *context, int64_t task, int thread)
{
    (void)thread;
    const move_split *split = context;
    for (int64_t at = task * split->total / split->tasks; at < (task + 1) * split->total / split->tasks; at++)
        move_block(&split->job, at);
}

static void move(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_move *p = params;
    move_split split = {{p, (const float *)operands[0], (float *)operands[1], 1, (p->sizes[4] + MOVE_ROWS - 1) / MOVE_ROWS},
                        1, 1};
    for (int axis = 0; axis < 4; axis++)
        split.job.planes *= p->sizes[axis];
    split.total = rows * split.job.planes * split.job.blocks;
    const int64_t height = p->sizes[4] < MOVE_ROWS ? p->sizes[4] : MOVE_ROWS;
    split.tasks = light_tasks(split.total, height * p->sizes[5]);
    kmin_parallel(team, move_task, &split, split.tasks);
}

#endif
