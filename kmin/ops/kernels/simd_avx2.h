/* vf = 8 floats in a ymm register (AVX2 and FMA). */
#include <immintrin.h>

#define LANES 8
#define TILE_ROWS 6

typedef __m256 vf;
typedef __m256i vi;
typedef __m256 vm;

#define VHELD(x) __asm__("" : "+x"(x))

INLINE vf vset(float x) { return _mm256_set1_ps(x); }
INLINE vi viset(int32_t x) { return _mm256_set1_epi32(x); }
INLINE vf vload(const float *p) { return _mm256_loadu_ps(p); }
INLINE void vstore(float *p, vf x) { _mm256_storeu_ps(p, x); }
INLINE vi vfirst(int64_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vf vload_part(const float *p, int64_t n, vf rest)
{
    return _mm256_blendv_ps(rest, _mm256_maskload_ps(p, vfirst(n)), _mm256_castsi256_ps(vfirst(n)));
}
INLINE void vstore_part(float *p, vf x, int64_t n) { _mm256_maskstore_ps(p, vfirst(n), x); }
INLINE vf vadd(vf a, vf b) { return _mm256_add_ps(a, b); }
INLINE vf vsub(vf a, vf b) { return _mm256_sub_ps(a, b); }
INLINE vf vmul(vf a, vf b) { return _mm256_mul_ps(a, b); }
INLINE vf vdiv(vf a, vf b) { return _mm256_div_ps(a, b); }
INLINE vf vsqrt(vf a) { return _mm256_sqrt_ps(a); }
INLINE vf vfma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vf vfms(vf a, vf b, vf c) { return _mm256_fmsub_ps(a, b, c); } /* a b - c; only where products inside sums are exact */
INLINE vf vmin(vf a, vf b) { return _mm256_min_ps(a, b); }
INLINE vf vmax(vf a, vf b) { return _mm256_max_ps(a, b); }
INLINE vm vlt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
INLINE vm vle(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
INLINE vm veq(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
INLINE int vany(vm m) { return _mm256_movemask_ps(m) != 0; }
INLINE vf vsel(vm m, vf a, vf b) { return _mm256_blendv_ps(b, a, m); }
INLINE vi vi_of(vf x) { return _mm256_castps_si256(x); }
INLINE vf vf_of(vi x) { return _mm256_castsi256_ps(x); }
INLINE vi viand(vi a, vi b) { return _mm256_and_si256(a, b); }
INLINE vi vior(vi a, vi b) { return _mm256_or_si256(a, b); }
INLINE vi viadd(vi a, vi b) { return _mm256_add_epi32(a, b); }
INLINE vi visub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
INLINE vi vishl23(vi a) { return _mm256_slli_epi32(a, 23); }
INLINE vi vihalf(vi a) { return _mm256_srai_epi32(a, 1); }
INLINE vi vround(vf x) { return _mm256_cvtps_epi32(x); }
INLINE vf vfloat(vi x) { return _mm256_cvtepi32_ps(x); }

/* r[i] lane j <-> r[j] lane i */
INLINE void vtranspose(vf *r)
{
    vf t[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int half = 0; half < 2; half++) {
            r[i + 2 * half] = _mm256_shuffle_ps(t[i + half], t[i + 2 + half], 0x44);
            r[i + 2 * half + 1] = _mm256_shuffle_ps(t[i + half], t[i + 2 + half], 0xee);
        }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm256_permute2f128_ps(r[i], r[4 + i], 0x20);
        t[4 + i] = _mm256_permute2f128_ps(r[i], r[4 + i], 0x31);
    }
    for (int i = 0; i < 8; i++)
        r[i] = t[i];
}
