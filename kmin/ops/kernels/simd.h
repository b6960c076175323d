/* One vector of floats per tier: type `vf`, its integer twin `vi`, `LANES`, and the few operations kernels are written in.

   vmin/vmax(a, b) give b when either is NaN; comparisons are false for NaN; `vsel(mask, a, b)` is mask ? a : b per lane. */
#ifndef KMIN_SIMD_H
#define KMIN_SIMD_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("GCC unroll 16")
#define PREFETCH(address) __builtin_prefetch(address, 0, 3)
#define PREFETCH_FAR(address) __builtin_prefetch(address, 0, 2) /* to the second cache */
#if defined(__x86_64__)
#define PREFETCH_OWN(address) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(address)))
#else
#define PREFETCH_OWN(address) __builtin_prefetch(address, 1, 3)
#endif
#else
#define INLINE static inline
#define UNROLL
#define PREFETCH(address) ((void)0)
#define PREFETCH_FAR(address) ((void)0)
#define PREFETCH_OWN(address) ((void)0)
#endif

#if defined(KMIN_USE_AVX512)
#include "simd_avx512.h"
#elif defined(KMIN_USE_AVX2)
#include "simd_avx2.h"
#elif defined(__GNUC__) && !defined(KMIN_USE_SCALAR)
#include "simd_gnu.h"
#else
#include "simd_scalar.h"
#endif

#if !defined(KMIN_USE_AVX512)
/* 2^n for n in [-126, 127], of which the last nine bits are enough. */
INLINE vf vpow2(vi n) { return vf_of(viadd(vishl23(n), viset(127 << 23))); }
/* m * 2^n, in two steps, so that results above 2^127 and denormal ones round once. */
INLINE vf vscale(vf m, vi n)
{
    const vi half = vihalf(n);
    return vmul(vmul(m, vpow2(half)), vpow2(visub(n, half)));
}
/* 1 / x for x in [1, 2^64] */
INLINE vf vinverse(vf x) { return vdiv(vset(1.0f), x); }
/* a / b for b in [1, 2^64] */
INLINE vf vratio(vf a, vf b) { return vdiv(a, b); }
#endif

/* Said at the end of a loop: x is in a register there. Compilers keep a sum in memory at times, though there are registers. */
#if !defined(VHELD)
#define VHELD(x) ((void)0)
#endif

#if !defined(HALVES)
#define HALVES 0
typedef vf vh; /* never computed with */
INLINE vh hload(const float *p) { return vload(p); }
INLINE vh hlow(vf x) { return x; }
INLINE vf hwide(vh x) { return x; }
INLINE vh hfma(vh a, vh b, vh c) { return vfma(a, b, c); }
#endif

INLINE vf vabs(vf x)
{
    return vf_of(viand(vi_of(x), viset(0x7fffffff)));
}

INLINE vf vcopysign(vf x, vf sign)
{
    return vf_of(vior(viand(vi_of(x), viset(0x7fffffff)), viand(vi_of(sign), viset((int32_t)0x80000000))));
}

INLINE float vhmax(vf x)
{
    float lane[LANES];
    vstore(lane, x);
    for (int at = 1; at < LANES; at++)
        lane[0] = lane[at] > lane[0] ? lane[at] : lane[0];
    return lane[0];
}

INLINE float vhsum(vf x)
{
    float lane[LANES];
    vstore(lane, x);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int at = 0; at < width; at++)
            lane[at] += lane[at + width];
    return lane[0];
}

#endif
