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
    if (__builtin_cpu_supports("avx512vbmi2"))
        features |= KMIN_CPU_VBMI2;
#if defined(KMIN_EMULATED_AVX512)
    features |= KMIN_CPU_AVX512 | KMIN_CPU_VBMI2;
#endif
    return features;
}

#elif defined(__aarch64__)

int kmin_cpu_features(void)
{
    return KMIN_CPU_NEON; /* part of the base architecture */
}

#else /* also MSVC, for which only the generic tier is built */

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

const char *kmin_pair_name(int at)
{
    static const char *const names[] = {KMIN_PAIRS(NAME)};
    return names[at];
}
