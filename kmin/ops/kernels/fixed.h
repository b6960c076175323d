/* Weights as fixed-point numbers of 24 bits, for products that wait for weights rather than for arithmetic.

   64 columns make a group. A row of a group is 48 words: the upper 24 bits of word i hold a weight of column i, and the lower
   eight bits of the words i, i + 16 and i + 32 those of column i + 48. The words are converted as they are: what is in their
   lower bits was taken into account when the upper ones were rounded. A number times the scale of its column, which each
   DENSE_DEPTH rows have of their own, is the weight. */
#ifndef KMIN_FIXED_H
#define KMIN_FIXED_H

#include "simd.h"

enum { DENSE_DEPTH = KMIN_FIXED_BLOCK, FIXED_COLUMNS = KMIN_FIXED_COLUMNS, FIXED_WORDS = KMIN_FIXED_WORDS };

#if defined(KMIN_USE_AVX512)

#define FIXED 1

/* Weights are off by at most half a step of 2^-23 of the largest one of their block. A chain of k additions in float32, as
   TensorFlow sums, errs as much where the largest is between sqrt(k) / 3 (half of x are zeros) and sqrt(k) / 1.9 times the
   root mean square of the column. */
static int fixed_fits(const float *weights, int64_t k, int64_t n, int64_t block)
{
    double squares = 0, steps = 0;
    for (int64_t from = 0; from < k; from += block) {
        const int64_t to = k - from < block ? k : from + block;
        float most = 0;
        for (int64_t at = from; at < to; at++) {
            const float w = weights[at * n];
            squares += (double)w * w;
            most = fabsf(w) > most ? fabsf(w) : most;
        }
        if (most > 0 && most < 1e-20f)
            return 0;
        steps += (double)most * most * (double)(to - from);
    }
    return 4 * steps <= (double)k * squares && squares < 1e30; /* no NaN passes either */
}

static int64_t fixed_pack(const float *weights, int64_t k, int64_t n, int64_t block, int64_t beside, int32_t *words,
                          float *scales)
{
    const int64_t groups = n / FIXED_COLUMNS / beside * beside, step = beside * FIXED_WORDS;
    int64_t fitting = 0;
    for (int64_t group = 0; group < groups; group++) {
        const int64_t first = group * FIXED_COLUMNS;
        int32_t *to = words + (group / beside * beside * k + group % beside) * FIXED_WORDS;
        int fits = 1;
        for (int64_t at = 0; fits && at < FIXED_COLUMNS; at++)
            fits = fixed_fits(weights + first + at, k, n, block);
        fitting += fits;
        for (int64_t from = 0; from < k; from += block, scales += FIXED_COLUMNS) {
            const int64_t end = k - from < block ? k : from + block;
            double steps[FIXED_COLUMNS];
            if (!fits) {
                scales[0] = NAN;
                continue;
            }
            for (int at = 0; at < FIXED_COLUMNS; at++) {
                float most = 0;
                for (int64_t row = from; row < end; row++)
                    most = fmaxf(most, fabsf(weights[row * n + first + at]));
                scales[at] = most / 2147483136.0f; /* so that no number rounds to 2^31 */
                steps[at] = most > 0 ? 1.0 / scales[at] : 0;
            }
            for (int64_t row = from; row < end; row++, to += step) {
                const float *w = weights + row * n + first;
                uint32_t below[FIXED_COLUMNS];
                for (int at = 0; at < 16; at++) {
                    const int32_t whole = (int32_t)nearbyint(w[48 + at] * steps[48 + at] / 256);
                    below[at] = (uint32_t)whole & 255, below[16 + at] = (uint32_t)whole >> 8 & 255;
                    below[32 + at] = (uint32_t)whole >> 16 & 255;
                }
                for (int at = 0; at < FIXED_WORDS; at++) {
                    double upper = nearbyint((w[at] * steps[at] - below[at]) / 256);
                    upper = upper < -8388608 ? -8388608 : upper > 8388607 ? 8388607 : upper;
                    to[at] = (int32_t)((uint32_t)(int32_t)upper << 8 | below[at]);
                }
            }
        }
    }
    return fitting;
}

/* sum += value * the row of a group that begins at `from`, for its four vectors of columns. */
INLINE void fixed_row(const int funnel, const int32_t *from, vf value, vf *sum)
{
    const vi lowest = _mm512_broadcast_i32x4(_mm_setr_epi32(0x00000000, 0x04040404, 0x08080808, 0x0c0c0c0c));
    vi w[3];
    UNROLL for (int v = 0; v < 3; v++) {
        w[v] = _mm512_load_si512(from + 16 * v);
        VLOADED(w[v]);
    }
    vi last = _mm512_slli_epi32(w[funnel ? 0 : 2], 24);
    if (funnel) {
        last = vfunnel(vfunnel(last, w[1]), w[2]);
    } else {
        last = _mm512_mask_shuffle_epi8(last, 0x4444444444444444, w[1], lowest);
        last = _mm512_mask_shuffle_epi8(last, 0x2222222222222222, w[0], lowest);
    }
    UNROLL for (int v = 0; v < 3; v++)
        sum[v] = vfma(value, vfloat(w[v]), sum[v]);
    sum[3] = vfma(value, vfloat(last), sum[3]);
}

/* Whether no sum is an infinity or NaN. */
INLINE int fixed_finite(const float *sums, int64_t vectors)
{
    vf zero = vset(0.0f);
    for (int64_t v = 0; v < vectors; v++)
        zero = vfma(vload(sums + v * LANES), vset(0.0f), zero);
    return _mm512_cmp_ps_mask(zero, vset(0.0f), _CMP_NEQ_UQ) == 0;
}

/* The sums of one row over a group of columns; 0 when they have to be computed from the weights as they are: the group has no
   numbers, or sums are not finite (numbers are 2^31 times as large as weights). */
INLINE int fixed_sums_by(const int funnel, const kmin_fixed *fixed, int64_t group, int64_t k, const float *x, vf *result)
{
    const int64_t blocks = (k + DENSE_DEPTH - 1) / DENSE_DEPTH;
    const float *scales = fixed->scales + group * blocks * FIXED_COLUMNS;
    const int32_t *from = fixed->words + group * k * FIXED_WORDS;
    vf total[4];
    if (scales[0] != scales[0])
        return 0;
    UNROLL for (int v = 0; v < 4; v++)
        total[v] = vset(0.0f);
    for (int64_t done = 0; done < k; done += DENSE_DEPTH, scales += FIXED_COLUMNS) {
        vf sum[4];
        UNROLL for (int v = 0; v < 4; v++)
            sum[v] = vset(0.0f);
        for (int64_t left = k - done < DENSE_DEPTH ? k - done : DENSE_DEPTH; left > 0; left--, x++, from += FIXED_WORDS)
            fixed_row(funnel, from, vset(*x), sum);
        UNROLL for (int v = 0; v < 4; v++)
            total[v] = vfma(sum[v], vload(scales + 16 * v), total[v]);
    }
    vf zero = vset(0.0f);
    UNROLL for (int v = 0; v < 4; v++) {
        result[v] = total[v];
        zero = vfma(total[v], vset(0.0f), zero);
    }
    return _mm512_cmp_ps_mask(zero, vset(0.0f), _CMP_NEQ_UQ) == 0;
}

static int fixed_sums(const kmin_fixed *fixed, int64_t group, int64_t k, const float *x, vf *result)
{
    return fixed->funnel ? fixed_sums_by(1, fixed, group, k, x, result) : fixed_sums_by(0, fixed, group, k, x, result);
}

#define FIXED_PACK fixed_pack

#else

#define FIXED 0

INLINE void fixed_row(const int funnel, const int32_t *from, vf value, vf *sum)
{
    (void)funnel, (void)from, (void)value, (void)sum;
}

INLINE int fixed_finite(const float *sums, int64_t vectors)
{
    (void)sums, (void)vectors;
    return 1;
}

INLINE int fixed_sums(const kmin_fixed *fixed, int64_t group, int64_t k, const float *x, vf *result)
{
    (void)fixed, (void)group, (void)k, (void)x, (void)result;
    return 0;
}

#define FIXED_PACK NULL

#endif

#endif
