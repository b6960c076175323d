/* Weights as they were, bit by bit, of packed forms that lose bits. What is found from the packed numbers is off by some units
   of the last place; these differences are kept: two thirds are 0 and most others 1, so that they take three bits each.

   Differences are those of integers in the order of the floats, of whatever sign. A run of them is 2 bits for each, which say
   -1, 0, 1 or another; then the others, a byte for each or, where that is -128, four more. */
#ifndef KMIN_ORIGINALS_H
#define KMIN_ORIGINALS_H

#include "filtering.h"

enum { ORIGINALS_OTHER = 3, ORIGINALS_FAR = -128, ORIGINALS_POINTS = 8, ORIGINALS_TAPS = 7, ORIGINALS_CELLS = 25 };

INLINE int originals_zeros(uint64_t word)
{
#if defined(__GNUC__)
    return __builtin_ctzll(word);
#else
    int zeros = 0;
    while (!(word >> zeros & 1))
        zeros++;
    return zeros;
#endif
}

/* Floats as integers in their order, -0 just below 0. */
INLINE uint32_t originals_rank(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

INLINE float originals_ranked(uint32_t rank)
{
    const uint32_t bits = rank >> 31 ? rank & 0x7fffffffu : ~rank;
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* Where in a run, of up to 2 * LANES, the others are: two bits for each. */
INLINE uint64_t originals_others(uint64_t codes) { return codes & codes >> 1 & 0x5555555555555555u; }

/* Appends a run of differences of weights from what was found of them; where it ends. */
INLINE uint8_t *originals_keep(uint8_t *to, const float *found, const float *weights, int64_t count)
{
    uint32_t off[2 * LANES];
    uint64_t codes = 0;
    for (int64_t i = 0; i < count; i++) {
        off[i] = originals_rank(weights[i]) - originals_rank(found[i]);
        codes |= (uint64_t)(off[i] + 1 < ORIGINALS_OTHER ? off[i] + 1 : ORIGINALS_OTHER) << 2 * i;
    }
    for (int64_t i = 0; i < count; i += 4)
        *to++ = (uint8_t)(codes >> 2 * i);
    for (uint64_t others = originals_others(codes); others; others &= others - 1) {
        const int32_t other = (int32_t)off[originals_zeros(others) / 2];
        const int far = other <= ORIGINALS_FAR || other > -ORIGINALS_FAR - 1;
        *to++ = (uint8_t)(far ? ORIGINALS_FAR : other);
        if (far) {
            memcpy(to, &other, sizeof(other));
            to += sizeof(other);
        }
    }
    return to;
}

/* The run of weights again. */
INLINE const uint8_t *originals_give(const uint8_t *from, const float *found, float *weights, int64_t count)
{
    uint64_t codes = 0;
    for (int64_t i = 0; i < count; i += 4)
        codes |= (uint64_t)*from++ << 2 * i;
    for (int64_t i = 0; i < count; i++)
        weights[i] = originals_ranked(originals_rank(found[i]) + (uint32_t)(codes >> 2 * i & 3) - 1);
    for (uint64_t others = originals_others(codes); others; others &= others - 1) {
        const int at = originals_zeros(others) / 2;
        int32_t other = (int8_t)*from++;
        if (other == ORIGINALS_FAR) {
            memcpy(&other, from, sizeof(other));
            from += sizeof(other);
        }
        weights[at] = originals_ranked(originals_rank(found[at]) + (uint32_t)other);
    }
    return from;
}

/* One run of weights: `found` are they but for differences. `exact`: there are none. 0 when what is kept would not give them
   back. */
INLINE int originals_run(kmin_lost *kept, int keep, int exact, const float *found, float *weights, int64_t count)
{
    float given[2 * LANES];
    uint8_t *const from = kept->bytes + kept->at;
    if (exact && !keep)
        memcpy(weights, found, (size_t)count * sizeof(*weights));
    if (exact)
        return memcmp(found, weights, (size_t)count * sizeof(*weights)) == 0;
    const uint8_t *kept_to = keep ? originals_keep(from, found, weights, count) : NULL;
    const uint8_t *end = originals_give(from, found, keep ? given : weights, count);
    kept->at += end - from;
    return !keep || (end == kept_to && memcmp(given, weights, (size_t)count * sizeof(*weights)) == 0);
}

/* Taps of polynomials as sums of their n transformed values (Lagrange); those of the first and the last tap are one value. */
static void originals_taps(int n, int r, double taps[ORIGINALS_TAPS][ORIGINALS_POINTS])
{
    double point[ORIGINALS_POINTS], scale[ORIGINALS_POINTS];
    memset(taps, 0, sizeof(double) * ORIGINALS_TAPS * ORIGINALS_POINTS);
    for (int i = 0; i < n - 1; i++) {
        double g[ORIGINALS_POINTS] = {0};
        winograd_taps(n, r, i, g);
        scale[i] = g[0], point[i] = g[1] / g[0];
    }
    for (int i = 0; i < n - 1; i++) {
        double product[ORIGINALS_POINTS] = {1.0}, value = scale[i];
        for (int other = 0; other < n - 1; other++) {
            if (other == i)
                continue;
            for (int a = ORIGINALS_POINTS - 1; a > 0; a--)
                product[a] = product[a - 1] - point[other] * product[a];
            product[0] *= -point[other];
            value *= point[i] - point[other];
        }
        for (int a = i ? 1 : 0; a < r - 1; a++)
            taps[a][i] = product[a] / value;
    }
    taps[r - 1][n - 1] = 1.0;
}

/* The r taps of n vectors of transformed values, all `apart` vectors from each other. */
INLINE void originals_line(const int n, const int r, const int apart, double (*taps)[ORIGINALS_POINTS],
                           double (*values)[2 * LANES], double (*to)[2 * LANES])
{
    for (int column = 0; column < 2 * LANES; column++) {
        to[0][column] = taps[0][0] * values[0][column];
        to[(r - 1) * apart][column] = values[(n - 1) * apart][column];
    }
    for (int a = 1; a < r - 1; a++)
        for (int column = 0; column < 2 * LANES; column++) {
            double sum = 0;
            UNROLL for (int i = 0; i < n - 1; i++)
                sum += taps[a][i] * values[i * apart][column];
            to[a * apart][column] = sum;
        }
}

/* One channel, cells `apart` floats from each other. Of squares, the corners are among the packed numbers; of lines, both ends. */
INLINE int32_t originals_filter(const int n, const int nx, const int line, const kmin_packed *p, int64_t row, float *weights, int64_t apart,
                                kmin_lost *kept, int32_t keep)
{
    const int r = p->taps, width = line ? 1 : nx;
    const int64_t padded = (p->n + LANES - 1) / LANES * LANES;
    double taps[ORIGINALS_TAPS][ORIGINALS_POINTS], taps_x[ORIGINALS_TAPS][ORIGINALS_POINTS];
    originals_taps(n, r, taps);
    originals_taps(nx, r, taps_x);
    for (int64_t panel = 0; panel < p->n; panel += 2 * LANES) {
        const int64_t left = p->n - panel, wide = left > LANES ? 2 * LANES : LANES, count = left < wide ? left : wide;
        const float *from = p->floats + panel * p->depth + row * wide;
        double values[ORIGINALS_POINTS * 6][2 * LANES], half[ORIGINALS_TAPS * 6][2 * LANES], all[ORIGINALS_CELLS][2 * LANES];
        for (int at = 0; at < n * width; at++, from += padded * p->depth)
            for (int column = 0; column < 2 * LANES; column++)
                values[at][column] = column < wide ? from[column] : 0.0;
        for (int j = 0; j < width; j++)
            originals_line(n, r, width, taps, values + j, (line ? all : half) + j);
        for (int a = 0; a < r && !line; a++)
            originals_line(nx, r, 1, taps_x, half + a * nx, all + a * r);
        for (int cell = 0; cell < (line ? r : r * r); cell++) {
            const int a = line ? cell : cell / r, b = line ? 0 : cell % r;
            float found[2 * LANES];
            for (int column = 0; column < 2 * LANES; column++)
                found[column] = (float)all[cell][column];
            const int exact = !kept->all && a % (r - 1) == 0 && b % (r - 1) == 0;
            if (!originals_run(kept, keep, exact, found, weights + cell * apart + panel, count))
                return 0;
        }
    }
    return 1;
}

static int32_t originals_filters(const kmin_packed *p, int64_t row, float *weights, int64_t apart, kmin_lost *kept, int32_t keep)
{
    switch (p->points + p->line) {
    case 4:
        return p->points_x == 6 ? originals_filter(4, 6, 0, p, row, weights, apart, kept, keep)
                                : originals_filter(4, 4, 0, p, row, weights, apart, kept, keep);
    case 5:
        return originals_filter(4, 4, 1, p, row, weights, apart, kept, keep);
    case 6:
        return originals_filter(6, 6, 0, p, row, weights, apart, kept, keep);
    case 7:
        return originals_filter(6, 6, 1, p, row, weights, apart, kept, keep);
    default:
        return originals_filter(8, 8, 1, p, row, weights, apart, kept, keep);
    }
}

/* Row `row` of both halves of the depth, `apart` floats from each other: of the seven matrices, two are quarters, and the other
   quarters are in sums and differences with these, of which the smaller tells more. */
static int32_t originals_halves(const kmin_packed *p, int64_t row, float *weights, int64_t apart, kmin_lost *kept, int32_t keep)
{
    const int64_t half = p->n / 2;
    for (int64_t panel = 0; panel < half; panel += 2 * LANES) {
        const int64_t left = half - panel, wide = left > LANES ? 2 * LANES : LANES, count = left < wide ? left : wide;
        const float *m[7];
        float right[2 * LANES], lower[2 * LANES];
        for (int at = 0; at < 7; at++)
            m[at] = p->floats + 7 * panel * p->depth + (at * p->depth + row) * wide;
        for (int64_t column = 0; column < count; column++) {
            const float first = m[1][column], last = m[4][column];
            const float less = m[2][column], more = m[5][column], down = m[3][column], up = m[6][column];
            right[column] = fabsf(less) < fabsf(more) ? less + last : more - first;
            lower[column] = fabsf(down) < fabsf(up) ? down + first : up - last;
        }
        float *upper = weights + panel, *below = upper + apart;
        if (!originals_run(kept, keep, 1, m[1], upper, count) || !originals_run(kept, keep, 0, right, upper + half, count) ||
            !originals_run(kept, keep, 0, lower, below, count) || !originals_run(kept, keep, 1, m[4], below + half, count))
            return 0;
    }
    return 1;
}

#endif
