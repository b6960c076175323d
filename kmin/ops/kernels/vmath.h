/* exp, expm1, log, log1p, tanh, sigmoid and erf of a vector: float32 polynomials, at most 2 ulp, NaN and infinities as in C.

   exp, tanh: minimax polynomials of Cephes (S. Moshier). log, erf: after N. Juffa's float32 implementations. */
#ifndef KMIN_VMATH_H
#define KMIN_VMATH_H

#include "simd.h"

/* e^r - 1 for |r| <= ln(2) / 2, and n with x = n ln(2) + r, for x in [-104, 89]. */
INLINE vf vexp_reduced(vf x, vi *n)
{
    *n = vround(vmul(x, vset(1.44269504f)));
    vf count = vfloat(*n);
    vf r = vfma(count, vset(-0.693145751953125f), x); /* 16 bits: the product is exact */
    r = vfma(count, vset(-1.42860677e-6f), r);
    vf q = vfma(vset(1.9875691500e-4f), r, vset(1.3981999507e-3f));
    q = vfma(q, r, vset(8.3334519073e-3f));
    q = vfma(q, r, vset(4.1665795894e-2f));
    q = vfma(q, r, vset(1.6666665459e-1f));
    q = vfma(q, r, vset(5.0000001201e-1f));
    return vfma(vmul(q, r), r, r);
}

INLINE vf vexp(vf x)
{
    vi n;
    vf m = vexp_reduced(vmax(vset(-104.0f), vmin(vset(89.0f), x)), &n);
    return vscale(vadd(m, vset(1.0f)), n);
}

/* e^x - 1 for x <= 0 (greater x are taken as 0). */
INLINE vf vexpm1_negative(vf x)
{
    vi n;
    vf m = vexp_reduced(vmax(vset(-30.0f), vmin(vset(0.0f), x)), &n);
    vf scale = vpow2(n);
    return vfma(m, scale, vsub(scale, vset(1.0f)));
}

INLINE vf vlog(vf x)
{
    vm tiny = vlt(x, vset(1.17549435e-38f));
    vf a = vsel(tiny, vmul(x, vset(8388608.0f)), x);
    vi e = viand(visub(vi_of(a), viset(0x3f2aaaab)), viset((int32_t)0xff800000));
    vf f = vsub(vf_of(visub(vi_of(a), e)), vset(1.0f));
    vf i = vfma(vfloat(e), vset(1.1920929e-7f), vsel(tiny, vset(-23.0f), vset(0.0f)));
    vf s = vmul(f, f);
    vf r = vfma(vset(-0.130310059f), s, vset(-0.121483512f));
    vf t = vfma(vset(0.140869141f), s, vset(0.139814854f));
    r = vfma(r, s, vset(-0.166846126f));
    t = vfma(t, s, vset(0.200120345f));
    r = vfma(r, s, vset(-0.249996200f));
    r = vfma(t, f, r);
    r = vfma(r, f, vset(0.333331972f));
    r = vfma(r, f, vset(-0.5f));
    vf low = vfma(i, vset(1.42860677e-6f), vmul(r, s));
    r = vfma(i, vset(0.693145751953125f), vadd(f, low));
    r = vsel(vlt(x, vset(INFINITY)), r, x); /* infinity and NaN */
    r = vsel(vlt(x, vset(0.0f)), vset(NAN), r);
    return vsel(veq(x, vset(0.0f)), vset(-INFINITY), r);
}

/* log(1 + x) for 0 <= x <= 1. */
INLINE vf vlog1p_unit(vf x)
{
    vf u = vadd(x, vset(1.0f));
    return vadd(vlog(u), vdiv(vsub(x, vsub(u, vset(1.0f))), u));
}

INLINE vf vtanh(vf x)
{
    vf t = vmin(vset(20.0f), vabs(x));
    vf s = vmul(t, t);
    vf p = vfma(vset(-5.70498872745e-3f), s, vset(2.06390887954e-2f));
    p = vfma(p, s, vset(-5.37397155531e-2f));
    p = vfma(p, s, vset(1.33314422036e-1f));
    p = vfma(p, s, vset(-3.33332819422e-1f));
    vf small = vfma(vmul(p, s), t, t);
    vf q = vinverse(vadd(vexp(vadd(t, t)), vset(1.0f)));
    vf large = vsub(vset(1.0f), vadd(q, q));
    return vcopysign(vsel(vlt(t, vset(0.625f)), small, large), x);
}

/* With z = e^-|x|: 1 / (1 + z), or z / (1 + z) = z - z (z / (1 + z)) below 0, which rounds less where it matters. */
INLINE vf vsigmoid(vf x)
{
    vf z = vexp(vsub(vset(0.0f), vabs(x)));
    vm negative = vlt(x, vset(0.0f));
    vf q = vinverse(vadd(z, vset(1.0f)));
    return vsel(negative, vfma(vmul(vsub(vset(0.0f), z), q), z, z), q);
}

/* 1 + e^-x for x from -87 on: m 2^n + (2^n + 1), of which the latter is mostly exact. */
INLINE vf vsilu_divisor(vf x)
{
    vi n;
    vf m = vexp_reduced(vmax(vset(-87.0f), vsub(vset(0.0f), x)), &n);
    vf scale = vpow2(n);
    return vfma(m, scale, vadd(scale, vset(1.0f)));
}

/* x / (1 + e^-x): at most 3 ulp. */
INLINE vf vsilu(vf x)
{
    vm tiny = vlt(x, vset(-87.0f));
    if (vany(tiny)) /* e^x takes the place of the quotient */
        return vsel(tiny, vmul(x, vexp(x)), vdiv(x, vsilu_divisor(vmax(vset(-87.0f), x))));
    return vdiv(x, vsilu_divisor(x));
}

/* log(1 + e^x) */
INLINE vf vsoftplus(vf x)
{
    return vadd(vmax(vset(0.0f), x), vlog1p_unit(vexp(vsub(vset(0.0f), vabs(x)))));
}

/* -log(erfc(t)) for t in [0.9, 4]. */
INLINE vf verfc_exponent(vf t)
{
    vf s = vmul(t, t);
    vf r = vfma(vset(1.72853470e-5f), t, vset(-3.83197126e-4f));
    vf u = vfma(vset(3.88396438e-3f), t, vset(-2.42546219e-2f));
    r = vfma(r, s, u);
    r = vfma(r, t, vset(1.06777877e-1f));
    r = vfma(r, t, vset(6.34846687e-1f));
    r = vfma(r, t, vset(1.28717512e-1f));
    return vfma(r, t, t);
}

/* erf(x) for |x| <= 0.93 */
INLINE vf verf_small(vf x)
{
    vf s = vmul(x, x);
    vf r = vfma(vset(-5.96761703e-4f), s, vset(4.99119423e-3f));
    r = vfma(r, s, vset(-2.67681349e-2f));
    r = vfma(r, s, vset(1.12819925e-1f));
    r = vfma(r, s, vset(-3.76125336e-1f));
    r = vfma(r, s, vset(1.28379166e-1f));
    return vfma(r, x, x);
}

INLINE vf verf(vf x)
{
    vf t = vmin(vset(4.0f), vabs(x));
    vf large = vsub(vset(1.0f), vexp(vsub(vset(0.0f), verfc_exponent(t))));
    return vsel(vlt(t, vset(0.927734375f)), verf_small(x), vcopysign(large, x));
}

/* e^(x^2 / 2) P(X > x) of a normal X for 0 <= x <= 15: a polynomial in (x - 4) / (x + 4), fitted in relative error (1.6e-8). */
INLINE vf vnormal_ratio(vf x)
{
    vf u = vmul(vsub(x, vset(4.0f)), vinverse(vadd(x, vset(4.0f))));
    vf p = vfma(vset(-6.528463563881814e-05f), u, vset(-0.00016782550665084273f));
    p = vfma(p, u, vset(0.0006577627500519156f));
    p = vfma(p, u, vset(0.000502551207318902f));
    p = vfma(p, u, vset(-0.008497917093336582f));
    p = vfma(p, u, vset(0.0308654997497797f));
    p = vfma(p, u, vset(-0.07170674204826355f));
    p = vfma(p, u, vset(0.12437920272350311f));
    p = vfma(p, u, vset(-0.17039774358272552f));
    return vfma(p, u, vset(0.09441064298152924f));
}

/* P(X > x) for 0 <= x <= 15; the rounding of x^2 is made good. */
INLINE vf vnormal_tail(vf x)
{
    vf s = vmul(x, x), p = vnormal_ratio(x);
#if defined(KMIN_USE_AVX512) || defined(KMIN_USE_AVX2) /* products inside sums are exact */
    const vi n = vround(vmul(s, vset(-0.72134752f)));
    vf r = vfma(s, vset(0.7213475108146667f), vfloat(n)); /* log2(e) / 2 */
    r = vfma(s, vset(9.62981494545545e-09f), r);
    r = vfma(vfma(x, x, vsub(vset(0.0f), s)), vset(0.72134752f), r);
    vf q = vfma(vset(0.00015353361959569156f), r, vset(-0.0013398875016719103f)); /* 2^-r: minimax, 2e-9 */
    q = vfma(q, r, vset(0.00961843691766262f));
    q = vfma(q, r, vset(-0.055503323674201965f));
    q = vfma(q, r, vset(0.24022647738456726f));
    q = vfma(q, r, vset(-0.6931471824645996f));
    q = vfma(q, r, vset(1.0f));
    return vscale(vmul(q, p), n);
#else
    vf high = vf_of(viand(vi_of(x), viset((int32_t)0xfffff000)));
    vf low = vsub(x, high);
    vf rest = vadd(vsub(vmul(high, high), s), vmul(low, vadd(x, high)));
    vf e = vexp(vmul(vset(-0.5f), s));
    return vmul(vfma(vmul(rest, vset(-0.5f)), e, e), p);
#endif
}

#endif
