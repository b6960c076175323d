/* vf = one float: plain C for compilers without vector extensions. */
#define LANES 1
#define TILE_ROWS 4

typedef float vf;
typedef int32_t vi;
typedef int vm;

INLINE vf vset(float x) { return x; }
INLINE vi viset(int32_t x) { return x; }
INLINE vf vload(const float *p) { return *p; }
INLINE void vstore(float *p, vf x) { *p = x; }
INLINE vf vload_part(const float *p, int64_t n, vf rest) { return n > 0 ? *p : rest; }
INLINE void vstore_part(float *p, vf x, int64_t n)
{
    if (n > 0)
        *p = x;
}
INLINE vi vi_of(vf x)
{
    vi bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
INLINE vf vf_of(vi x)
{
    vf value;
    memcpy(&value, &x, sizeof value);
    return value;
}
INLINE int vany(vm m) { return m; }
INLINE vf vsel(vm m, vf a, vf b) { return m ? a : b; }
INLINE vf vadd(vf a, vf b) { return a + b; }
INLINE vf vsub(vf a, vf b) { return a - b; }
INLINE vf vmul(vf a, vf b) { return a * b; }
INLINE vf vdiv(vf a, vf b) { return a / b; }
INLINE vf vsqrt(vf a) { return sqrtf(a); }
INLINE vf vfma(vf a, vf b, vf c) { return a * b + c; }
INLINE vm vlt(vf a, vf b) { return a < b; }
INLINE vm vle(vf a, vf b) { return a <= b; }
INLINE vm veq(vf a, vf b) { return a == b; }
INLINE vf vmin(vf a, vf b) { return a < b ? a : b; }
INLINE vf vmax(vf a, vf b) { return a > b ? a : b; }
INLINE vi viand(vi a, vi b) { return a & b; }
INLINE vi vior(vi a, vi b) { return a | b; }
INLINE vi viadd(vi a, vi b) { return (vi)((uint32_t)a + (uint32_t)b); }
INLINE vi visub(vi a, vi b) { return (vi)((uint32_t)a - (uint32_t)b); }
INLINE vi vishl23(vi a) { return (vi)((uint32_t)a << 23); }
INLINE vi vihalf(vi a) { return a >> 1; }
INLINE vf vfloat(vi x) { return (vf)x; }
INLINE vi vround(vf x) { return x != x ? 0 : (vi)lrintf(x); }
INLINE void vtranspose(vf *r) { (void)r; }
