/* Chains of pointwise (1 x 1) and depthwise convolutions over one image, a few rows at a time: what one stage makes stays
   in the cache until the next has read it. Rows that two strips of the image both need are computed by both, alike. */
#ifndef KMIN_CHAIN_H
#define KMIN_CHAIN_H

#include "dense.h"
#include "depthwise.h"

typedef struct {
    const kmin_chain *p;
    const float *x, *residual;
    float *y, *scratch;
    int64_t done[KMIN_CHAIN_STAGES];  /* rows of each stage that are made */
    int64_t start[KMIN_CHAIN_STAGES]; /* the row in the first place of its scratch */
} chain_state;

INLINE int chain_last(const chain_state *s, int at)
{
    return at == s->p->count - 1;
}

/* Column 0, channel 0 of a row of the result of stage `at`. */
INLINE float *chain_row(const chain_state *s, int at, int64_t row)
{
    const kmin_chain_stage *stage = &s->p->stages[at];
    if (chain_last(s, at))
        return s->y + row * stage->line;
    return s->scratch + stage->place + (row - s->start[at]) % stage->ring * stage->line + stage->left * stage->cell;
}

static void chain_copy(chain_state *s, int at, int64_t first, int64_t count)
{
    const kmin_chain_stage *stage = &s->p->stages[at];
    const int64_t c = stage->channels;
    for (int64_t row = first; row < first + count; row++) {
        const float *x = s->x + row * stage->width * c;
        float *to = chain_row(s, at, row);
        for (int64_t column = 0; column < stage->width; column++, to += stage->cell)
            for (int64_t channel = 0; channel < c; x += LANES, channel += LANES) {
                float *y = to + channel / (2 * LANES) * stage->panel + channel % (2 * LANES);
                if (c - channel < LANES) {
                    vstore_part(y, vload_part(x, c - channel, vset(0.0f)), c - channel);
                    x += c - channel - LANES;
                } else {
                    vstore(y, vload(x));
                }
            }
    }
}

static void chain_point(chain_state *s, int at, int64_t first, int64_t count)
{
    const kmin_chain_stage *stage = &s->p->stages[at];
    const int64_t k = stage->k, n = stage->channels, wide = 2 * LANES, stride = at ? stage[-1].cell : k;
    const int whole = stage->panel == wide; /* a cell's channels, and the cells of all rows, are contiguous */
    const int64_t pixels = whole ? count * stage->width : stage->width, tiles = (pixels + TILE_ROWS - 1) / TILE_ROWS;
    const dense_shape shape = {k, stride, stage->cell, n, vset(stage->after.low), vset(stage->after.high)};
    const float *residual = chain_last(s, at) && s->residual ? s->residual + first * stage->width * n : NULL;
    for (int64_t column = 0; column < n; column += wide) {
        const dense_tile_run *run = dense_panel(n - column);
        const int64_t columns = n - column < wide ? n - column : wide;
        const int in_line = columns == wide && stage->cell == wide;
        for (int64_t row = first; row < first + (whole ? 1 : count); row++) {
            const float *x = at ? chain_row(s, at - 1, row) : s->x + row * stage->width * k;
            float *y = chain_row(s, at, row) + column / wide * stage->panel;
            for (int64_t tile = 0; tile < tiles; tile++) {
                const int64_t from = tile * pixels / tiles, height = (tile + 1) * pixels / tiles - from;
                run[height - 1](&shape, x + from * stride, stage->weights + column * k, stage->bias + column,
                                residual ? residual + from * n + column : NULL, y + from * stage->cell, columns);
                if (stage->after.map_rows && !in_line)
                    stage->after.map_rows(stage->after.args, y + from * stage->cell, stage->cell, height, columns);
            }
            if (stage->after.map && in_line)
                stage->after.map(stage->after.args, y, y, pixels * wide);
        }
    }
}

static void chain_depthwise(chain_state *s, int at, int64_t first, int64_t count)
{
    const kmin_chain_stage *stage = &s->p->stages[at], *before = at ? stage - 1 : NULL; /* NULL: the image as it is */
    const kmin_geometry *g = &stage->w.g;
    const int64_t wide = 2 * LANES, cell = before ? before->cell : stage->channels, panel = before ? before->panel : wide;
    depthwise_layout layout = depthwise_laid(&stage->w, cell, panel, stage->cell, stage->panel, 0);
    for (int64_t row = first, rows; row < first + count; row += rows) {
        const float *lines[DEPTHWISE_LINES];
        int64_t j0, j1;
        rows = depthwise_together(&layout, first + count - row);
        const int64_t top = depthwise_top(g, row, rows, &j0, &j1);
        for (int64_t j = j0; j < j1; j++)
            lines[j] = before ? chain_row(s, at - 1, top + j * g->dilation_y) - before->left * cell
                              : s->x + (top + j * g->dilation_y) * g->width * cell;
        layout.y_line = chain_row(s, at, row + rows - 1) - chain_row(s, at, row);
        depthwise_strip(&layout, lines, j0, j1, rows, 0, stage->channels, chain_row(s, at, row));
        if (!stage->after.map)
            continue;
        for (int64_t i = row; i < row + rows; i++) {
            float *y = chain_row(s, at, i);
            if (stage->panel == wide)
                stage->after.map(stage->after.args, y, y, stage->width * stage->cell);
            else
                for (int64_t channel = 0; channel < stage->channels; channel += wide, y += stage->panel)
                    stage->after.map(stage->after.args, y, y, stage->width * stage->cell);
        }
    }
}

/* Makes the rows of stage `at` before `end` that are not made yet. */
static void chain_make(chain_state *s, int at, int64_t end)
{
    const kmin_chain_stage *stage = &s->p->stages[at];
    while (s->done[at] < end) {
        const int64_t first = s->done[at], count = end - first < stage->rows ? end - first : stage->rows;
        if (stage->kind == KMIN_CHAIN_DEPTHWISE && at > 0) {
            const kmin_geometry *g = &stage->w.g;
            const int64_t last = (first + count - 1) * g->stride_y - g->top + (g->kernel_height - 1) * g->dilation_y;
            chain_make(s, at - 1, last < g->height ? last + 1 : g->height);
        } else if (at > 0) {
            chain_make(s, at - 1, first + count);
        }
        if (!stage->kept)
            s->start[at] = first;
        if (stage->kind == KMIN_CHAIN_DEPTHWISE)
            chain_depthwise(s, at, first, count);
        else if (stage->kind == KMIN_CHAIN_POINT)
            chain_point(s, at, first, count);
        else
            chain_copy(s, at, first, count);
        s->done[at] = first + count;
    }
}

typedef struct {
    const kmin_chain *p;
    const float *x, *residual;
    float *y;
    char *scratch;
    int64_t strips;
} chain_job;

static void chain_task(const void *context, int64_t task, int thread)
{
    const chain_job *job = context;
    const kmin_chain *p = job->p;
    const kmin_chain_stage *last = &p->stages[p->count - 1];
    const int64_t image = task / job->strips, strip = task % job->strips;
    const int64_t size = last->height * last->width * last->channels;
    chain_state s = {p, job->x + image * p->reads, job->residual ? job->residual + image * size : NULL,
                     job->y + image * size, (float *)(job->scratch + thread * p->thread_bytes), {0}, {0}};
    const int64_t end = (strip + 1) * last->height / job->strips;
    s.done[p->count - 1] = strip * last->height / job->strips;
    for (int at = p->count - 1; at > 0; at--) {
        const kmin_chain_stage *stage = &p->stages[at];
        const kmin_geometry *g = &stage->w.g;
        const int64_t first = stage->kind == KMIN_CHAIN_DEPTHWISE ? s.done[at] * g->stride_y - g->top : s.done[at];
        s.done[at - 1] = first < 0 ? 0 : first < stage[-1].height ? first : stage[-1].height;
    }
    memset(s.scratch, 0, (size_t)p->thread_bytes); /* columns of padding */
    chain_make(&s, p->count - 1, end);
}

static void chain(const void *params, char *const *operands, int64_t rows, kmin_team *team)
{
    const kmin_chain *p = params;
    chain_job job = {p, (const float *)operands[0], NULL, (float *)operands[1], operands[2], 1};
    if (p->residual) {
        job.residual = job.y;
        job.y = (float *)operands[2];
        job.scratch = operands[3];
    }
    const int64_t height = p->stages[p->count - 1].height, size = kmin_team_size(team);
    /* Strips, of which several for each thread level out what one of them is slower, do not change any result. */
    if (rows < size) {
        const int64_t many = p->strips < 4 * size ? p->strips / size * size : 4 * size;
        job.strips = many > size && height >= 2 * many ? many : size < height ? size : height;
    }
    kmin_parallel(team, chain_task, &job, rows * job.strips);
}

#endif
