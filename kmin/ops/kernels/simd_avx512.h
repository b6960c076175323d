/* vf = 16 floats in a zmm register (AVX-512 F, DQ, BW, VL). */
#include <immintrin.h>

#define LANES 16
#define TILE_ROWS 14

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

/* Half a vector, which takes half the time of a whole one where the processor computes on 256 bits. */
#define HALVES 1
typedef __m256 vh;
INLINE vh hload(const float *p) { return _mm256_loadu_ps(p); }
INLINE vh hlow(vf x) { return _mm512_castps512_ps256(x); }
INLINE vf hwide(vh x) { return _mm512_zextps256_ps512(x); }
INLINE vh hfma(vh a, vh b, vh c) { return _mm256_fmadd_ps(a, b, c); }

INLINE vf vset(float x) { return _mm512_set1_ps(x); }
INLINE vi viset(int32_t x) { return _mm512_set1_epi32(x); }
INLINE vf vload(const float *p) { return _mm512_loadu_ps(p); }
INLINE void vstore(float *p, vf x) { _mm512_storeu_ps(p, x); }
INLINE vm vfirst(int64_t n) { return (vm)((1u << n) - 1u); }
INLINE vf vload_part(const float *p, int64_t n, vf rest) { return _mm512_mask_loadu_ps(rest, vfirst(n), p); }
INLINE void vstore_part(float *p, vf x, int64_t n) { _mm512_mask_storeu_ps(p, vfirst(n), x); }
INLINE vf vadd(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vsub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vmul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vdiv(vf a, vf b) { return _mm512_div_ps(a, b); }
INLINE vf vsqrt(vf a) { return _mm512_sqrt_ps(a); }
INLINE vf vfma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vf vfms(vf a, vf b, vf c) { return _mm512_fmsub_ps(a, b, c); } /* a b - c; only where products inside sums are exact */
INLINE vf vmin(vf a, vf b) { return _mm512_min_ps(a, b); }
INLINE vf vmax(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vm vlt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
INLINE vm vle(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
INLINE vm veq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
INLINE int vany(vm m) { return m != 0; }
INLINE vf vsel(vm m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); }
INLINE vi vi_of(vf x) { return _mm512_castps_si512(x); }
INLINE vf vf_of(vi x) { return _mm512_castsi512_ps(x); }
INLINE vi viand(vi a, vi b) { return _mm512_and_si512(a, b); }
INLINE vi vior(vi a, vi b) { return _mm512_or_si512(a, b); }
INLINE vi viadd(vi a, vi b) { return _mm512_add_epi32(a, b); }
INLINE vi visub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
INLINE vi vishl23(vi a) { return _mm512_slli_epi32(a, 23); }
INLINE vi vihalf(vi a) { return _mm512_srai_epi32(a, 1); }
INLINE vi vround(vf x) { return _mm512_cvtps_epi32(x); }
INLINE vf vfloat(vi x) { return _mm512_cvtepi32_ps(x); }
INLINE vf vpow2(vi n) { return vf_of(viadd(vishl23(n), viset(127 << 23))); }
INLINE vf vscale(vf m, vi n) { return _mm512_scalef_ps(m, vfloat(n)); }
INLINE vf vinverse(vf x)
{
    const vf guess = _mm512_rcp14_ps(x);
    return vfma(guess, _mm512_fnmadd_ps(x, guess, vset(1.0f)), guess);
}

INLINE vf vratio(vf a, vf b) { return vmul(a, vinverse(b)); }

#if !defined(KMIN_EMULATED_AVX512)
/* Of each pair of words the upper 24 bits of `low` below the lower eight of `high`: for processors that have VBMI2. */
INLINE vi vfunnel(vi low, vi high)
{
    vi both;
    __asm__("vpshrdd $8, %2, %1, %0" : "=v"(both) : "v"(low), "v"(high));
    return both;
}
#define VLOADED(x) __asm__("" : "+v"(x)) /* x is loaded once, however often it is used */
#endif

/* r[i] lane j <-> r[j] lane i */
INLINE void vtranspose(vf *r)
{
    vf t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
        for (int half = 0; half < 2; half++) {
            r[i + 2 * half] = _mm512_castpd_ps(
                _mm512_unpacklo_pd(_mm512_castps_pd(t[i + half]), _mm512_castps_pd(t[i + 2 + half])));
            r[i + 2 * half + 1] = _mm512_castpd_ps(
                _mm512_unpackhi_pd(_mm512_castps_pd(t[i + half]), _mm512_castps_pd(t[i + 2 + half])));
        }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_f32x4(r[i], r[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_f32x4(r[i], r[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0xdd);
    }
    for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[8 + i], 0x88);
        r[8 + i] = _mm512_shuffle_f32x4(t[i], t[8 + i], 0xdd);
    }
}
