/* Depthwise convolution of two rows of results at a time: stride 1, undilated windows of 3 x 3 or 5 x 5, whole vectors of
   channels. A line of the image is read once for both rows, and columns of padding need not be in memory.

   Products are added in the order of depthwise.h, so that results are the same. */
#ifndef KMIN_DEPTHWISE_PAIRS_H
#define KMIN_DEPTHWISE_PAIRS_H

#include "simd.h"

/* One vector of channels. lines[j]: column 0 of the line that row j of the upper result's taps reads, and row j - 1 of the
   lower's; those from `first` to `end` - 1 are in the image. */
typedef struct {
    const kmin_window *p;
    const float *const *lines;
    int64_t first, end, cell, y_cell, y_line;
    const float *weights, *bias;
    float *y;
} depthwise_pair;

typedef void (*depthwise_pair_run)(const depthwise_pair *);

#if LANES >= 8

enum { PAIR_COLUMNS = 7 };

/* Adds what one line contributes to `wide` columns of the upper row, of the lower row, or of both. Of the cells that they
   read, those before `from` and from `to` on are padding. */
INLINE void pair_line(const int taps, const int wide, const int from, const int to, const int upper, const int lower,
                      const depthwise_pair *d, int64_t line, int64_t at, vf *restrict above, vf *restrict below)
{
    const float *x = d->lines[line] + at;
    const float *weights = d->weights + line * taps * LANES;
    vf w[5], w_before[5];
    UNROLL for (int i = 0; i < taps; i++) {
        if (upper)
            w[i] = vload(weights + i * LANES);
        if (lower)
            w_before[i] = vload(weights + (i - taps) * LANES);
    }
    UNROLL for (int i = from; i < to; i++) {
        const vf cell = vload(x + i * d->cell);
        UNROLL for (int tap = 0; tap < taps; tap++) {
            const int c = i - tap;
            if (c < 0 || c >= wide)
                continue;
            if (upper)
                above[c] = vfma(cell, w[tap], above[c]);
            if (lower)
                below[c] = vfma(cell, w_before[tap], below[c]);
        }
    }
}

/* Both rows, columns column .. column + wide - 1. */
INLINE void pair_block(const int taps, const int wide, const int left, const int right, const depthwise_pair *d,
                       int64_t column)
{
    const int from = left ? taps / 2 : 0, to = wide - 1 + taps - (right ? taps / 2 : 0);
    const int64_t at = (column - d->p->g.left) * d->cell;
    const vf bias = vload(d->bias);
    vf above[PAIR_COLUMNS], below[PAIR_COLUMNS];
    UNROLL for (int c = 0; c < wide; c++)
        above[c] = below[c] = bias;
    int64_t line = d->first;
    if (line == 0 && d->end > 0)
        pair_line(taps, wide, from, to, 1, 0, d, line++, at, above, below);
    for (; line < taps && line < d->end; line++) {
        pair_line(taps, wide, from, to, 1, 1, d, line, at, above, below);
        UNROLL for (int c = 0; c < wide; c++) {
            VHELD(above[c]);
            VHELD(below[c]);
        }
    }
    if (line < d->end)
        pair_line(taps, wide, from, to, 0, 1, d, line, at, above, below);
    const vf low = vset(d->p->after.low), high = vset(d->p->after.high);
    float *y = d->y + column * d->y_cell;
    UNROLL for (int c = 0; c < wide; c++)
        vstore(y + c * d->y_cell, vmin(high, vmax(low, above[c])));
    y += d->y_line;
    UNROLL for (int c = 0; c < wide; c++)
        vstore(y + c * d->y_cell, vmin(high, vmax(low, below[c])));
}

/* Blocks of `wide` columns, of which the last may overlap with that before it. */
INLINE void pair_blocks(const int taps, const int wide, const depthwise_pair *d)
{
    const kmin_geometry *g = &d->p->g;
    const int64_t last = g->out_width - wide;
    const int left = g->left > 0, right = last - g->left + wide - 1 + taps > g->width;
    if (last == 0) {
        if (left && right)
            pair_block(taps, wide, 1, 1, d, 0);
        else if (left)
            pair_block(taps, wide, 1, 0, d, 0);
        else if (right)
            pair_block(taps, wide, 0, 1, d, 0);
        else
            pair_block(taps, wide, 0, 0, d, 0);
        return;
    }
    if (left)
        pair_block(taps, wide, 1, 0, d, 0);
    else
        pair_block(taps, wide, 0, 0, d, 0);
    int64_t column = wide;
    for (; column < last; column += wide)
        pair_block(taps, wide, 0, 0, d, column);
    if (right)
        pair_block(taps, wide, 0, 1, d, last);
    else
        pair_block(taps, wide, 0, 0, d, last);
}

#define PAIR_BLOCKS(taps, wide)                                         \
    static void pair_blocks_##taps##_##wide(const depthwise_pair *d)    \
    {                                                                   \
        pair_blocks(taps, wide, d);                                     \
    }
PAIR_BLOCKS(3, 4)
#if LANES >= 16
PAIR_BLOCKS(3, 5)
PAIR_BLOCKS(3, 6)
PAIR_BLOCKS(3, 7)
PAIR_BLOCKS(5, 4)
PAIR_BLOCKS(5, 5)
PAIR_BLOCKS(5, 6)
PAIR_BLOCKS(5, 7)
#endif

/* What computes two rows of these windows, or NULL where columns have to be taken one by one. */
static depthwise_pair_run depthwise_pair_choose(const kmin_geometry *g)
{
    const int64_t taps = g->kernel_width, n = g->out_width, right = n - 1 - g->left + taps - g->width;
    if (g->stride_x != 1 || g->stride_y != 1 || g->dilation_x != 1 || g->dilation_y != 1 || (taps != 3 && taps != 5) ||
        g->kernel_height != taps || n < 4 || (g->left && g->left != taps / 2) || (right > 0 && right != taps / 2))
        return NULL;
#if LANES < 16 /* 16 registers hold no more */
    static const depthwise_pair_run run = pair_blocks_3_4;
    return taps == 3 && (n == 4 || n % 4 == 0 || n % 4 >= taps / 2) ? run : NULL;
#else
    const int64_t sevens = (n + 6) / 7 * 7, fours = (n + 3) / 4 * 4;
    const int64_t wide = n == 6 ? 6 : n == 5 || n == 9 || n == 10 ? 5 : n >= 7 && sevens <= fours + fours / 8 ? 7 : 4;
    /* Padding is in the first and the last block alone, and whole there. */
    if (n != wide && n % wide && n % wide < taps / 2)
        return NULL;
    static const depthwise_pair_run runs[2][4] = {{pair_blocks_3_4, pair_blocks_3_5, pair_blocks_3_6, pair_blocks_3_7},
                                                  {pair_blocks_5_4, pair_blocks_5_5, pair_blocks_5_6, pair_blocks_5_7}};
    return runs[taps == 5][wide - 4];
#endif
}

#else

static depthwise_pair_run depthwise_pair_choose(const kmin_geometry *g)
{
    (void)g;
    return NULL;
}

#endif

#endif
