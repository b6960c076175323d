/* vf = 4 floats in GCC/clang vector extensions: SSE2 on x86-64, NEON on 64-bit ARM, plain code elsewhere. */
#define LANES 4
#if defined(__aarch64__)
#define TILE_ROWS 12
#else
#define TILE_ROWS 6
#endif

typedef float vf __attribute__((vector_size(16)));
typedef int32_t vi __attribute__((vector_size(16)));
typedef uint32_t vu __attribute__((vector_size(16))); /* in which sums of integers wrap around, as `vi` may not */
typedef vi vm;

INLINE vf vset(float x) { return (vf){x, x, x, x}; }
INLINE vi viset(int32_t x) { return (vi){x, x, x, x}; }
INLINE vf vload(const float *p)
{
    vf x;
    memcpy(&x, p, sizeof x);
    return x;
}
INLINE void vstore(float *p, vf x) { memcpy(p, &x, sizeof x); }
INLINE vf vload_part(const float *p, int64_t n, vf rest)
{
    for (int64_t at = 0; at < n; at++)
        rest[at] = p[at];
    return rest;
}
INLINE void vstore_part(float *p, vf x, int64_t n)
{
    for (int64_t at = 0; at < n; at++)
        p[at] = x[at];
}
INLINE vi vi_of(vf x) { return (vi)x; }
INLINE vf vf_of(vi x) { return (vf)x; }
INLINE vf vsel(vm m, vf a, vf b) { return (vf)((m & (vi)a) | (~m & (vi)b)); }
INLINE vf vadd(vf a, vf b) { return a + b; }
INLINE vf vsub(vf a, vf b) { return a - b; }
INLINE vf vmul(vf a, vf b) { return a * b; }
INLINE vf vdiv(vf a, vf b) { return a / b; }
INLINE vf vsqrt(vf a) { return (vf){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])}; }
INLINE vf vfma(vf a, vf b, vf c) { return a * b + c; }
INLINE int vany(vm m)
{
    int32_t found = 0;
    for (int at = 0; at < LANES; at++)
        found |= m[at];
    return found != 0;
}
INLINE vm vlt(vf a, vf b) { return a < b; }
INLINE vm vle(vf a, vf b) { return a <= b; }
INLINE vm veq(vf a, vf b) { return a == b; }
INLINE vf vmin(vf a, vf b) { return vsel(a < b, a, b); }
INLINE vf vmax(vf a, vf b) { return vsel(a > b, a, b); }
INLINE vi viand(vi a, vi b) { return a & b; }
INLINE vi vior(vi a, vi b) { return a | b; }
INLINE vi viadd(vi a, vi b) { return (vi)((vu)a + (vu)b); }
INLINE vi visub(vi a, vi b) { return (vi)((vu)a - (vu)b); }
INLINE vi vishl23(vi a) { return (vi)((vu)a << 23); }
INLINE vi vihalf(vi a) { return a >> 1; }
INLINE vf vfloat(vi x) { return (vf){(float)x[0], (float)x[1], (float)x[2], (float)x[3]}; }
/* Adding 1.5 * 2^23 leaves the rounded integer in the low bits; |x| < 2^22. */
INLINE vi vround(vf x) { return visub((vi)(x + vset(12582912.0f)), viset(0x4b400000)); }

/* r[i] lane j <-> r[j] lane i */
INLINE void vtranspose(vf *r)
{
    const vf a = r[0], b = r[1], c = r[2], d = r[3];
    r[0] = (vf){a[0], b[0], c[0], d[0]};
    r[1] = (vf){a[1], b[1], c[1], d[1]};
    r[2] = (vf){a[2], b[2], c[2], d[2]};
    r[3] = (vf){a[3], b[3], c[3], d[3]};
}
