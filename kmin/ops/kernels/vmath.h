/* exp, expm1, log, log1p, tanh, sigmoid and erf of a vector: float32 polynomials, at most 2 ulp, NaN and infinities as in C.

   exp, tanh: minimax polynomials of Cephes (S. Moshier). log, erf: after N. Juffa's float32 implementations. */
#ifndef KMIN_VMATH_H
#define KMIN_VMATH_H

#include "simd.h"

/* Below, polynomials are split so that few operations wait for each other: those of several vectors have to fit into a core's
   window. */

/* The integer nearest to x * factor, |x * factor| <= 2^21, as a float; `bits` holds it less VROUNDED, a multiple of 2^9. */
#define VROUNDED 0x4b400000
INLINE vf vnearest(vf x, float factor, vi *bits)
{
    const vf shifted = vfma(x, vset(factor), vset(12582912.0f));
    *bits = vi_of(shifted);
    return vsub(shifted, vset(12582912.0f));
}

/* (e^r - 1 - r) / s for |r| <= ln(2) / 2 and s = r^2. */
INLINE vf vexp_curve(vf r, vf s)
{
    const vf a = vfma(vset(1.6666665459e-1f), r, vset(5.0000001201e-1f));
    const vf b = vfma(vset(8.3334519073e-3f), r, vset(4.1665795894e-2f));
    const vf q = vfma(vset(1.9875691500e-4f), r, vset(1.3981999507e-3f));
    return vfma(vfma(q, s, b), s, a);
}

/* e^r - 1 for |r| <= ln(2) / 2, and n with x = n ln(2) + r, for x in [-104, 89]: `bits` are those of vnearest. */
INLINE vf vexp_reduced(vf x, vi *bits)
{
    const vf count = vnearest(x, 1.44269504f, bits);
    vf r = vfma(count, vset(-0.693145751953125f), x); /* 16 bits: the product is exact */
    r = vfma(count, vset(-1.42860677e-6f), r);
    const vf s = vmul(r, r);
    return vfma(vexp_curve(r, s), s, r);
}

INLINE vf vexp(vf x)
{
    vi bits;
    vf m = vexp_reduced(vmax(vset(-104.0f), vmin(vset(89.0f), x)), &bits);
    return vscale(vadd(m, vset(1.0f)), visub(bits, viset(VROUNDED)));
}

/* e^x for x in [-87, 88], and anything elsewhere. */
INLINE vf vexp_normal(vf x)
{
    vi bits;
    const vf m = vexp_reduced(x, &bits), scale = vpow2(bits);
    return vfma(m, scale, scale);
}

/* e^x - 1 for x <= 0 (greater x are taken as 0). */
INLINE vf vexpm1_negative(vf x)
{
    vi bits;
    vf m = vexp_reduced(vmax(vset(-30.0f), vmin(vset(0.0f), x)), &bits);
    vf scale = vpow2(bits);
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
    const vf t = vmin(vset(20.0f), vabs(x)), s = vmul(t, t), s2 = vmul(s, s);
    const vf p = vfma(vset(-5.37397155531e-2f), s, vset(1.33314422036e-1f));
    const vf q = vfma(vset(-5.70498872745e-3f), s, vset(2.06390887954e-2f));
    const vf small = vfma(vmul(vfma(vfma(q, s2, p), s, vset(-3.33332819422e-1f)), s), t, t);
    vi bits; /* 1 - 2 / (e^2t + 1) */
    const vf m = vexp_reduced(vadd(t, t), &bits), scale = vpow2(bits);
    const vf inverse = vinverse(vfma(m, scale, vadd(scale, vset(1.0f))));
    const vf large = vsub(vset(1.0f), vadd(inverse, inverse));
    return vcopysign(vsel(vlt(t, vset(0.625f)), small, large), x);
}

/* With z = e^-|x|: 1 / (1 + z), or z / (1 + z) = z - z (z / (1 + z)) below 0, which rounds less where it matters. */
INLINE vf vsigmoid(vf x)
{
    const vf t = vf_of(vior(vi_of(x), viset((int32_t)0x80000000)));
    const vf z = vany(vlt(t, vset(-87.0f))) ? vexp(t) : vexp_normal(t);
    const vm negative = vlt(x, vset(0.0f));
    const vf q = vinverse(vadd(z, vset(1.0f)));
    return vsel(negative, vfma(vmul(vsub(vset(0.0f), z), q), z, z), q);
}

/* 1 + e^-x for x from -87 on: m 2^n + (2^n + 1), of which the latter is mostly exact. What e^-x needs has the other sign here. */
INLINE vf vsilu_divisor(vf x)
{
    vi bits;
    x = vmin(vset(87.0f), x);
    const vf count = vnearest(x, -1.44269504f, &bits);
    vf r = vfma(count, vset(0.693145751953125f), x);
    r = vfma(count, vset(1.42860677e-6f), r);
    const vf s = vmul(r, r);
    const vf a = vfma(vset(1.6666665459e-1f), r, vset(-5.0000001201e-1f));
    const vf b = vfma(vset(8.3334519073e-3f), r, vset(-4.1665795894e-2f));
    const vf q = vfma(vset(1.9875691500e-4f), r, vset(-1.3981999507e-3f));
    const vf m = vfma(vfma(vfma(q, s, b), s, a), s, r);
    const vf scale = vf_of(viadd(vishl23(bits), viset((int32_t)0xbf800000))); /* -2^n */
    return vfma(m, scale, vsub(vset(1.0f), scale));
}

/* x / (1 + e^-x): at most 3 ulp. */
INLINE vf vsilu(vf x)
{
    const vm tiny = vlt(x, vset(-87.0f));
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
    const vf s = vmul(t, t);
    const vf a = vfma(vset(6.34846687e-1f), t, vset(1.28717512e-1f));
    const vf b = vfma(vset(-2.42546219e-2f), t, vset(1.06777877e-1f));
    const vf c = vfma(vset(-3.83197126e-4f), t, vset(3.88396438e-3f));
    vf r = vfma(vset(1.72853470e-5f), s, c);
    r = vfma(r, s, b);
    r = vfma(r, s, a);
    return vfma(r, t, t);
}

/* erf(x) for |x| <= 0.93 */
INLINE vf verf_small(vf x)
{
    const vf s = vmul(x, x), s2 = vmul(s, s);
    const vf a = vfma(vset(-3.76125336e-1f), s, vset(1.28379166e-1f));
    const vf b = vfma(vset(-2.67681349e-2f), s, vset(1.12819925e-1f));
    const vf c = vfma(vset(-5.96761703e-4f), s, vset(4.99119423e-3f));
    return vfma(vfma(vfma(c, s2, b), s2, a), x, x);
}

INLINE vf verf(vf x)
{
    const vf t = vmin(vset(4.0f), vabs(x));
    const vf large = vsub(vset(1.0f), vexp_normal(vsub(vset(0.0f), verfc_exponent(t))));
    return vsel(vlt(t, vset(0.927734375f)), verf_small(x), vcopysign(large, x));
}

/* -e^(x^2 / 2) P(X > x) of a normal X for 0 <= x <= 15: a polynomial in (x - 4) / (x + 4), fitted in relative error (1.6e-8). */
INLINE vf vnormal_ratio(vf x)
{
    const vf u = vratio(vsub(x, vset(4.0f)), vadd(x, vset(4.0f))), s = vmul(u, u), s2 = vmul(s, s);
    const vf a = vfma(vset(0.17039774358272552f), u, vset(-0.09441064298152924f));
    const vf b = vfma(vset(0.07170674204826355f), u, vset(-0.12437920272350311f));
    const vf c = vfma(vset(0.008497917093336582f), u, vset(-0.0308654997497797f));
    const vf d = vfma(vset(-0.0006577627500519156f), u, vset(-0.000502551207318902f));
    const vf e = vfma(vset(6.528463563881814e-05f), u, vset(0.00016782550665084273f));
    const vf low = vfma(b, s, a), middle = vfma(d, s, c);
    return vfma(vfma(e, s2, middle), s2, low);
}

/* -P(X > x) for 0 <= x <= 15, or up to 12.9 where it is `normal`; the rounding of x^2 is made good. */
INLINE vf vnormal_tail(vf x, const int normal)
{
    vf s = vmul(x, x), p = vnormal_ratio(x);
#if defined(KMIN_USE_AVX512) || defined(KMIN_USE_AVX2) /* products inside sums are exact */
    vi bits;
    const vf count = vnearest(s, -0.72134752f, &bits);
    vf r = vfma(s, vset(0.7213475108146667f), count); /* log2(e) / 2 */
    r = vfma(s, vset(9.62981494545545e-09f), r);
    r = vfma(vfms(x, x, s), vset(0.72134752f), r);
    const vf r2 = vmul(r, r); /* 2^-r: minimax, 2e-9 */
    const vf a = vfma(vset(-0.6931471824645996f), r, vset(1.0f));
    const vf b = vfma(vset(-0.055503323674201965f), r, vset(0.24022647738456726f));
    const vf c = vfma(vset(-0.0013398875016719103f), r, vset(0.00961843691766262f));
    vf q = vfma(vset(0.00015353361959569156f), r2, c);
    q = vfma(vfma(q, r2, b), r2, a);
    return normal ? vmul(vmul(q, p), vpow2(bits)) : vscale(vmul(q, p), visub(bits, viset(VROUNDED)));
#else
    (void)normal;
    vf high = vf_of(viand(vi_of(x), viset((int32_t)0xfffff000)));
    vf low = vsub(x, high);
    vf rest = vadd(vsub(vmul(high, high), s), vmul(low, vadd(x, high)));
    vf e = vexp(vmul(vset(-0.5f), s));
    return vmul(vfma(vmul(rest, vset(-0.5f)), e, e), p);
#endif
}

#endif
