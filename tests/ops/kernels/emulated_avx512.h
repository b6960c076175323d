/* AVX-512 intrinsics in instructions of AVX2: what the kernels use of them, so that their widest tier can be tested on processors
   that have none (CONTRIBUTING.md says how). Included before the kernels; results are those of the real instructions to the bit,
   but for the guess of rcp14, which has an error of its own up to the 2^-14 that the real one may have. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define KMIN_EMULATED_AVX512
#define EMULATED static inline __attribute__((always_inline, unused))
#define APART static __attribute__((noinline, unused)) /* element by element, and too long to be copied into every kernel */

typedef float wide_float __attribute__((vector_size(64)));
typedef int32_t wide_int __attribute__((vector_size(64)));
typedef double wide_double __attribute__((vector_size(64)));
typedef long long wide_places __attribute__((vector_size(64)));

/* The same 64 bytes in every form. */
typedef union {
    wide_float f;
    wide_int i;
    __m256 half[2];
    __m256i int_half[2];
    __m128i quarter[4];
    float number[16];
    int32_t word[16];
    uint8_t byte[64];
} wide;

#define WIDE_OF(member, value) \
    {                          \
        .member = value        \
    }

EMULATED __m256 emulated_low(wide_float x)
{
    const wide w = WIDE_OF(f, x);
    return w.half[0];
}

EMULATED wide_float emulated_zero_extended(__m256 x)
{
    const wide w = {.half = {x, _mm256_setzero_ps()}};
    return w.f;
}

EMULATED wide_float emulated_set(float x)
{
    const wide w = {.half = {_mm256_set1_ps(x), _mm256_set1_ps(x)}};
    return w.f;
}

EMULATED wide_int emulated_set_int(int32_t x)
{
    const wide w = {.int_half = {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}};
    return w.i;
}

EMULATED wide_float emulated_load(const float *p)
{
    const wide w = {.half = {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}};
    return w.f;
}

EMULATED void emulated_store(float *p, wide_float x)
{
    const wide w = WIDE_OF(f, x);
    _mm256_storeu_ps(p, w.half[0]);
    _mm256_storeu_ps(p + 8, w.half[1]);
}

EMULATED wide_int emulated_load_aligned(const int32_t *p)
{
    wide w;
    if ((uintptr_t)p % 64)
        __builtin_trap(); /* as the real instruction does */
    memcpy(&w, p, sizeof w);
    return w.i;
}

APART void load_some(wide *to, unsigned mask, const float *p)
{
    for (int at = 0; at < 16; at++)
        if (mask >> at & 1)
            to->number[at] = p[at];
}

EMULATED wide_float emulated_mask_load(wide_float rest, unsigned mask, const float *p)
{
    wide w = WIDE_OF(f, rest);
    load_some(&w, mask, p);
    return w.f;
}

APART void store_some(float *p, unsigned mask, const wide *from)
{
    for (int at = 0; at < 16; at++)
        if (mask >> at & 1)
            p[at] = from->number[at];
}

EMULATED void emulated_mask_store(float *p, unsigned mask, wide_float x)
{
    const wide w = WIDE_OF(f, x);
    store_some(p, mask, &w);
}

#define OF_TWO(name, half_name)                                                                                       \
    EMULATED wide_float emulated_##name(wide_float a, wide_float b)                                                  \
    {                                                                                                                \
        const wide x = WIDE_OF(f, a), y = WIDE_OF(f, b);                                                             \
        const wide w = {.half = {half_name(x.half[0], y.half[0]), half_name(x.half[1], y.half[1])}};                 \
        return w.f;                                                                                                  \
    }
OF_TWO(add, _mm256_add_ps)
OF_TWO(sub, _mm256_sub_ps)
OF_TWO(mul, _mm256_mul_ps)
OF_TWO(div, _mm256_div_ps)
OF_TWO(min, _mm256_min_ps)
OF_TWO(max, _mm256_max_ps)

#define OF_THREE(name, half_name)                                                                                     \
    EMULATED wide_float emulated_##name(wide_float a, wide_float b, wide_float c)                                    \
    {                                                                                                                \
        const wide x = WIDE_OF(f, a), y = WIDE_OF(f, b), z = WIDE_OF(f, c);                                          \
        const wide w = {.half = {half_name(x.half[0], y.half[0], z.half[0]),                                         \
                                 half_name(x.half[1], y.half[1], z.half[1])}};                                       \
        return w.f;                                                                                                  \
    }
OF_THREE(fmadd, _mm256_fmadd_ps)
OF_THREE(fmsub, _mm256_fmsub_ps)
OF_THREE(fnmadd, _mm256_fnmadd_ps)

EMULATED wide_float emulated_sqrt(wide_float a)
{
    const wide x = WIDE_OF(f, a);
    const wide w = {.half = {_mm256_sqrt_ps(x.half[0]), _mm256_sqrt_ps(x.half[1])}};
    return w.f;
}

#define OF_INTS(name, half_name)                                                                                      \
    EMULATED wide_int emulated_##name(wide_int a, wide_int b)                                                        \
    {                                                                                                                \
        const wide x = WIDE_OF(i, a), y = WIDE_OF(i, b);                                                             \
        const wide w = {.int_half = {half_name(x.int_half[0], y.int_half[0]),                                        \
                                     half_name(x.int_half[1], y.int_half[1])}};                                      \
        return w.i;                                                                                                  \
    }
OF_INTS(add_int, _mm256_add_epi32)
OF_INTS(sub_int, _mm256_sub_epi32)
OF_INTS(and_int, _mm256_and_si256)
OF_INTS(or_int, _mm256_or_si256)

#define SHIFTED(name, half_name)                                                                       \
    EMULATED wide_int emulated_##name(wide_int a, int count)                                          \
    {                                                                                                 \
        const wide x = WIDE_OF(i, a);                                                                 \
        const wide w = {.int_half = {half_name(x.int_half[0], count), half_name(x.int_half[1], count)}}; \
        return w.i;                                                                                   \
    }
SHIFTED(shift_left, _mm256_slli_epi32)
SHIFTED(shift_right, _mm256_srai_epi32)

EMULATED wide_int emulated_to_int(wide_float a)
{
    const wide x = WIDE_OF(f, a);
    const wide w = {.int_half = {_mm256_cvtps_epi32(x.half[0]), _mm256_cvtps_epi32(x.half[1])}};
    return w.i;
}

EMULATED wide_float emulated_to_float(wide_int a)
{
    const wide x = WIDE_OF(i, a);
    const wide w = {.half = {_mm256_cvtepi32_ps(x.int_half[0]), _mm256_cvtepi32_ps(x.int_half[1])}};
    return w.f;
}

/* A macro, since the kind of comparison has to be a constant. */
#define emulated_compare(a, b, kind)                                                                   \
    __extension__({                                                                                    \
        const wide compared_x = WIDE_OF(f, a), compared_y = WIDE_OF(f, b);                             \
        (unsigned short)(_mm256_movemask_ps(_mm256_cmp_ps(compared_x.half[0], compared_y.half[0], kind)) | \
                         _mm256_movemask_ps(_mm256_cmp_ps(compared_x.half[1], compared_y.half[1], kind)) << 8); \
    })

/* mask ? b : a */
EMULATED wide_float emulated_blend(unsigned mask, wide_float a, wide_float b)
{
    const wide_int bits = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    const wide_int chosen = (bits & emulated_set_int((int32_t)mask)) != emulated_set_int(0);
    return (wide_float)(((wide_int)b & chosen) | ((wide_int)a & ~chosen));
}

APART void scale_all(wide *m, const wide *n)
{
    for (int at = 0; at < 16; at++) {
        const float power = fminf(2000, fmaxf(-2000, floorf(n->number[at])));
        m->number[at] = isnan(n->number[at]) ? NAN : (float)ldexp(m->number[at], (int)power);
    }
}

EMULATED wide_float emulated_scalef(wide_float m, wide_float n)
{
    wide x = WIDE_OF(f, m);
    const wide y = WIDE_OF(f, n);
    scale_all(&x, &y);
    return x.f;
}

/* 1 / x with its last nine bits cut off. */
EMULATED wide_float emulated_rcp14(wide_float x)
{
    const wide_float inverse = emulated_div(emulated_set(1), x);
    return (wide_float)(((wide_int)inverse + emulated_set_int(256)) & emulated_set_int(~511));
}

#define UNPACKED(name, first)                                                                                           \
    EMULATED wide_float emulated_##name(wide_float a, wide_float b)                                                    \
    {                                                                                                                  \
        return __builtin_shuffle(a, b,                                                                                 \
                                 (wide_int){first, 16 + first, 1 + first, 17 + first, 4 + first, 20 + first, 5 + first, \
                                            21 + first, 8 + first, 24 + first, 9 + first, 25 + first, 12 + first,      \
                                            28 + first, 13 + first, 29 + first});                                      \
    }
UNPACKED(unpack_low, 0)
UNPACKED(unpack_high, 2)

EMULATED wide_double emulated_unpack_low_pairs(wide_double a, wide_double b)
{
    return __builtin_shuffle(a, b, (wide_places){0, 8, 2, 10, 4, 12, 6, 14});
}

EMULATED wide_double emulated_unpack_high_pairs(wide_double a, wide_double b)
{
    return __builtin_shuffle(a, b, (wide_places){1, 9, 3, 11, 5, 13, 7, 15});
}

EMULATED wide_float emulated_shuffle_quarters(wide_float a, wide_float b, int places)
{
    const wide x = WIDE_OF(f, a), y = WIDE_OF(f, b);
    const wide w = {.quarter = {x.quarter[places & 3], x.quarter[places >> 2 & 3], y.quarter[places >> 4 & 3],
                                y.quarter[places >> 6 & 3]}};
    return w.f;
}

EMULATED wide_int emulated_repeat_quarter(__m128i x)
{
    const wide w = {.quarter = {x, x, x, x}};
    return w.i;
}

APART void shuffle_some(wide *to, uint64_t mask, const wide *from, const wide *places)
{
    for (int at = 0; at < 64; at++)
        if (mask >> at & 1)
            to->byte[at] = places->byte[at] & 128 ? 0 : from->byte[(at & 48) + (places->byte[at] & 15)];
}

EMULATED wide_int emulated_mask_shuffle_bytes(wide_int rest, uint64_t mask, wide_int from, wide_int places)
{
    wide w = WIDE_OF(i, rest);
    const wide x = WIDE_OF(i, from), y = WIDE_OF(i, places);
    shuffle_some(&w, mask, &x, &y);
    return w.i;
}

/* What the kernels get at by inline assembly. */
EMULATED wide_int vfunnel(wide_int low, wide_int high)
{
    return emulated_or_int(emulated_and_int(emulated_shift_right(low, 8), emulated_set_int(0x00ffffff)),
                           emulated_shift_left(high, 24));
}
#define VLOADED(x) ((void)0)

#define __m512 wide_float
#define __m512i wide_int
#define _mm512_add_epi32 emulated_add_int
#define _mm512_add_ps emulated_add
#define _mm512_and_si512 emulated_and_int
#define _mm512_broadcast_i32x4 emulated_repeat_quarter
#define _mm512_castpd_ps(x) ((wide_float)(x))
#define _mm512_castps512_ps256 emulated_low
#define _mm512_castps_pd(x) ((wide_double)(x))
#define _mm512_castps_si512(x) ((wide_int)(x))
#define _mm512_castsi512_ps(x) ((wide_float)(x))
#define _mm512_cmp_ps_mask emulated_compare
#define _mm512_cvtepi32_ps emulated_to_float
#define _mm512_cvtps_epi32 emulated_to_int
#define _mm512_div_ps emulated_div
#define _mm512_fmadd_ps emulated_fmadd
#define _mm512_fmsub_ps emulated_fmsub
#define _mm512_fnmadd_ps emulated_fnmadd
#define _mm512_load_si512 emulated_load_aligned
#define _mm512_loadu_ps emulated_load
#define _mm512_mask_blend_ps emulated_blend
#define _mm512_mask_loadu_ps emulated_mask_load
#define _mm512_mask_shuffle_epi8 emulated_mask_shuffle_bytes
#define _mm512_mask_storeu_ps emulated_mask_store
#define _mm512_max_ps emulated_max
#define _mm512_min_ps emulated_min
#define _mm512_mul_ps emulated_mul
#define _mm512_or_si512 emulated_or_int
#define _mm512_rcp14_ps emulated_rcp14
#define _mm512_scalef_ps emulated_scalef
#define _mm512_set1_epi32 emulated_set_int
#define _mm512_set1_ps emulated_set
#define _mm512_shuffle_f32x4 emulated_shuffle_quarters
#define _mm512_slli_epi32 emulated_shift_left
#define _mm512_sqrt_ps emulated_sqrt
#define _mm512_srai_epi32 emulated_shift_right
#define _mm512_storeu_ps emulated_store
#define _mm512_sub_epi32 emulated_sub_int
#define _mm512_sub_ps emulated_sub
#define _mm512_unpackhi_pd emulated_unpack_high_pairs
#define _mm512_unpackhi_ps emulated_unpack_high
#define _mm512_unpacklo_pd emulated_unpack_low_pairs
#define _mm512_unpacklo_ps emulated_unpack_low
#define _mm512_zextps256_ps512 emulated_zero_extended
