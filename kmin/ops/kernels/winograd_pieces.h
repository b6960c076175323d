/* Minimal filtering of 3 x 3 taps by tiles of 2 x 2 with weights that stay as they were, 9 numbers in place of 16: a thread
   transforms those of a piece of a panel, some of its channels, into memory near it, uses them for every tile, and goes on.

   That pays for weights which no cache holds and few tiles use. Weights [9 taps][channels] lie in panels as in kmin_dense. */
#ifndef KMIN_WINOGRAD_PIECES_H
#define KMIN_WINOGRAD_PIECES_H

enum { WINOGRAD_TAPS = 9, WINOGRAD_POSITIONS = 16 };

typedef void (*winograd_piece_run)(int64_t, int64_t, const float *, const float *, const float *, float *, int64_t);

#define WINOGRAD_PIECE(rows, wide)                                                                                     \
    static void winograd_piece_##rows##_##wide(int64_t first, int64_t last, const float *x, const float *weights,      \
                                               const float *ahead, float *to, int64_t stride)                          \
    {                                                                                                                  \
        winograd_tile(rows, wide, KMIN_PIECE, 1, first, last, x, weights, ahead, to, stride);                          \
    }
#define WINOGRAD_PIECES(rows) WINOGRAD_PIECE(rows, 1) WINOGRAD_PIECE(rows, 2)
TILE_HEIGHTS(WINOGRAD_PIECES)
#define WINOGRAD_PIECE_ENTRY_1(rows) winograd_piece_##rows##_1,
#define WINOGRAD_PIECE_ENTRY_2(rows) winograd_piece_##rows##_2,

static const winograd_piece_run winograd_piece_tiles[2][TILE_ROWS] = {{TILE_HEIGHTS(WINOGRAD_PIECE_ENTRY_1)},
                                                                      {TILE_HEIGHTS(WINOGRAD_PIECE_ENTRY_2)}};

/* t = G g, as winograd_taps has it for n = 4. */
INLINE void winograd_weigh(const vf *g, vf *t)
{
    const vf half = vset(0.5f), even = vmul(half, vadd(g[0], g[2]));
    t[0] = g[0];
    t[1] = vfma(half, g[1], even);
    t[2] = vfma(vset(-0.5f), g[1], even);
    t[3] = g[2];
}

/* Floats from one position's weights of a piece to the next: a vector more than they are, or all would share lines of a cache. */
enum { WINOGRAD_APART = KMIN_PIECE * 2 * LANES + LANES };

/* The tap that the weights of a position are, for those of the corners; else -1. */
INLINE int winograd_corner(int64_t position)
{
    return position == 0 ? 0 : position == 3 ? 2 : position == 12 ? 6 : position == 15 ? 8 : -1;
}

/* Weights of `wide` vectors of filters and `count` channels from `first` on; channels that are not there weigh nothing. `corners`:
   those of the corners, too. */
INLINE void winograd_transform(const int corners, const kmin_winograd *p, const float *panel, int64_t wide, int64_t first,
                               int64_t count, float *to)
{
    const int64_t channels = p->g.channels, step = wide * LANES;
    const int64_t left = channels - first < count ? channels - first : count;
    const float *from = panel + first * step;
    for (int64_t at = 0; at < left * step; at += LANES) {
        vf half[4][3], g[3], t[4];
        UNROLL for (int b = 0; b < 3; b++) {
            UNROLL for (int a = 0; a < 3; a++)
                g[a] = vload(from + (a * 3 + b) * channels * step + at);
            winograd_weigh(g, t);
            UNROLL for (int i = 0; i < 4; i++)
                half[i][b] = t[i];
        }
        UNROLL for (int i = 0; i < 4; i++) {
            winograd_weigh(half[i], t);
            UNROLL for (int j = 0; j < 4; j++)
                if (corners || winograd_corner(i * 4 + j) < 0)
                    vstore(to + (i * 4 + j) * WINOGRAD_APART + at, t[j]);
        }
    }
    for (int64_t at = left * step; at < count * step; at += LANES)
        for (int position = 0; position < WINOGRAD_POSITIONS; position++)
            vstore(to + position * WINOGRAD_APART + at, vset(0.0f));
}

/* The products of all positions and one panel, for all tiles of an image. What the next piece reads is fetched meanwhile. */
static void winograd_piece_task(const void *context, int64_t task, int thread)
{
    const winograd_job *job = context;
    const kmin_winograd *p = job->p;
    const int64_t n = p->g.filters, padded = (n + LANES - 1) / LANES * LANES, column = task * 2 * LANES;
    const int64_t tiles = winograd_tiles_of(p), wide = n - column > LANES ? 2 : 1;
    const int64_t blocks = (tiles + TILE_ROWS - 1) / TILE_ROWS, line = p->g.channels * wide;
    const int whole = p->g.channels == p->depth; /* corners are read where they are */
    const winograd_piece_run *run = winograd_piece_tiles[wide - 1];
    const float *panel = p->weights + column * WINOGRAD_TAPS * p->g.channels;
    float *weights = (float *)(job->scratch + p->shared_bytes + thread * p->thread_bytes);
    for (int64_t first = 0; first < p->depth; first += KMIN_PIECE) {
        const int64_t count = p->depth - first < KMIN_PIECE ? p->depth - first : KMIN_PIECE;
        const float *next = panel + (first + count) * wide * LANES;
        if (whole)
            winograd_transform(0, p, panel, wide, first, count, weights);
        else
            winograd_transform(1, p, panel, wide, first, count, weights);
        for (int64_t at = 0; at < WINOGRAD_POSITIONS * blocks; at++) {
            const int64_t position = at / blocks, block = at % blocks;
            const int64_t start = block * tiles / blocks, rows = (block + 1) * tiles / blocks - start;
            const int corner = whole ? winograd_corner(position) : -1;
            const float *own = corner < 0 ? weights + position * WINOGRAD_APART : panel + (corner * line + first * wide) * LANES;
            const float *ahead = at < WINOGRAD_TAPS * wide ? next + (at / wide * line + at % wide * count) * LANES : own;
            run[rows - 1](first, first + count, job->v + (position * tiles + start) * p->depth + first * rows, own, ahead,
                          job->sums + (position * tiles + start) * padded + column, padded);
        }
    }
}

#endif
