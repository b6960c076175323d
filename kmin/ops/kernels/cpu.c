/* The processor probe, compiled for the oldest processor: which tiers may run here. */
#include "kernels.h"

#include <string.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)

/* __builtin_cpu_supports also asks XGETBV whether the operating system saves the wide registers. */
int kmin_cpu_features(void)
{
    int features = 0;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        features |= KMIN_CPU_AVX2;
    if (__builtin_cpu_supports("fma"))
        features |= KMIN_CPU_FMA;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl"))
        features |= KMIN_CPU_AVX512;
    return features;
}

#elif defined(_M_X64) && defined(_MSC_VER)

#include <immintrin.h>
#include <intrin.h>

int kmin_cpu_features(void)
{
    int features = 0, leaf1[4], leaf7[4];
    __cpuid(leaf1, 0);
    if (leaf1[0] < 7)
        return 0;
    __cpuid(leaf1, 1);
    __cpuidex(leaf7, 7, 0);
    if (!(leaf1[2] & (1 << 27))) /* OSXSAVE: XGETBV may be asked */
        return 0;
    unsigned long long saved = _xgetbv(0);
    if ((saved & 0x6) == 0x6) {
        if (leaf7[1] & (1 << 5))
            features |= KMIN_CPU_AVX2;
        if (leaf1[2] & (1 << 12))
            features |= KMIN_CPU_FMA;
    }
    unsigned wide = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31); /* F, DQ, BW, VL */
    if ((saved & 0xe6) == 0xe6 && ((unsigned)leaf7[1] & wide) == wide)
        features |= KMIN_CPU_AVX512;
    return features;
}

#elif defined(__aarch64__) || defined(_M_ARM64)

int kmin_cpu_features(void)
{
    return KMIN_CPU_NEON; /* part of the base architecture */
}

#else

int kmin_cpu_features(void)
{
    return 0;
}

#endif

const kmin_tier *kmin_find_tier(const char *name)
{
    int features = kmin_cpu_features();
    (void)features;
    if (strcmp(name, "generic") == 0)
        return kmin_tier_generic();
#ifdef KMIN_HAVE_AVX2
    if (strcmp(name, "avx2") == 0 && (features & KMIN_CPU_AVX2) && (features & KMIN_CPU_FMA))
        return kmin_tier_avx2();
#endif
#ifdef KMIN_HAVE_AVX512
    if (strcmp(name, "avx512") == 0 && (features & KMIN_CPU_AVX512) && (features & KMIN_CPU_FMA))
        return kmin_tier_avx512();
#endif
#ifdef KMIN_HAVE_NEON
    if (strcmp(name, "neon") == 0 && (features & KMIN_CPU_NEON))
        return kmin_tier_neon();
#endif
    return 0;
}

#define NAME(name) #name,

const char *kmin_function_name(int at)
{
    static const char *const names[] = {KMIN_FUNCTIONS(NAME)};
    return names[at];
}
