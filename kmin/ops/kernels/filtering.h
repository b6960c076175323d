/* The transforms of minimal filtering (Toom and Cook's products of polynomials; Winograd, Lavin and Gray 2015,
   arXiv:1509.09308): n cells to n numbers, whose products with as many of r taps become m = n - r + 1 results.

   n = 4 interpolates at 0, 1, -1 and infinity; n = 6 at 0, +-2/3, +-3/2 and infinity, which rounds half as much as the usual
   0, +-1, +-2; n = 8 at 0, +-1/2, +-1, +-2 and infinity. */
#ifndef KMIN_FILTERING_H
#define KMIN_FILTERING_H

#include "simd.h"

#define WINOGRAD_P (2.0 / 3.0)
#define WINOGRAD_Q (3.0 / 2.0)

/* t = B^T d */
INLINE void winograd_in(const int n, const vf *d, vf *t)
{
    if (n == 8) {
        const vf sum = vset(5.25f); /* of the points' squares, and of the products of two */
        t[0] = vfma(sum, vsub(d[2], d[4]), vsub(d[6], d[0]));
        t[7] = vfma(sum, vsub(d[3], d[5]), vsub(d[7], d[1]));
        UNROLL for (int i = 0; i < 3; i++) {
            const float point = 0.5f * (float)(1 << i), product = i == 0 ? 4.0f : i == 1 ? 1.0f : 0.25f;
            const vf others = vset(point * point - 5.25f), both = vset(product), a = vset(point), a_ = vset(-point);
            const vf even = vfma(others, d[4], vfma(both, d[2], d[6])), odd = vfma(others, d[3], vfma(both, d[1], d[5]));
            t[1 + 2 * i] = vfma(a, odd, even);
            t[2 + 2 * i] = vfma(a_, odd, even);
        }
        return;
    }
    if (n == 4) {
        t[0] = vsub(d[0], d[2]);
        t[1] = vadd(d[1], d[2]);
        t[2] = vsub(d[2], d[1]);
        t[3] = vsub(d[3], d[1]);
        return;
    }
    const double p = WINOGRAD_P, q = WINOGRAD_Q;
    const vf mean = vset((float)-(p * p + q * q)), p1 = vset((float)p), q1 = vset((float)q), p_ = vset((float)-p),
             q_ = vset((float)-q), pp_ = vset((float)-(p * p)), qq_ = vset((float)-(q * q));
    const vf even_p = vfma(qq_, d[2], d[4]), odd_p = vfma(qq_, d[1], d[3]);
    const vf even_q = vfma(pp_, d[2], d[4]), odd_q = vfma(pp_, d[1], d[3]);
    t[0] = vadd(d[0], vfma(mean, d[2], d[4])); /* p * q = 1 */
    t[1] = vfma(p1, odd_p, even_p);
    t[2] = vfma(p_, odd_p, even_p);
    t[3] = vfma(q1, odd_q, even_q);
    t[4] = vfma(q_, odd_q, even_q);
    t[5] = vadd(d[1], vfma(mean, d[3], d[5]));
}

/* y = A^T s */
INLINE void winograd_out(const int m, const int n, const vf *s, vf *y)
{
    if (n == 8) {
        vf even[3], odd[3];
        UNROLL for (int i = 0; i < 3; i++) {
            even[i] = vadd(s[1 + 2 * i], s[2 + 2 * i]);
            odd[i] = vsub(s[1 + 2 * i], s[2 + 2 * i]);
        }
        y[0] = vadd(vadd(s[0], even[0]), vadd(even[1], even[2]));
        UNROLL for (int i = 1; i < m; i++) {
            const vf *with = i % 2 ? odd : even;
            const float low = 1.0f / (float)(1 << i), high = (float)(1 << i);
            y[i] = vfma(vset(low), with[0], vfma(vset(high), with[2], with[1]));
        }
        y[m - 1] = vadd(y[m - 1], s[7]);
        return;
    }
    if (n == 4) {
        y[0] = vadd(s[0], vadd(s[1], s[2]));
        y[1] = vadd(s[3], vsub(s[1], s[2]));
        return;
    }
    const double p = WINOGRAD_P, q = WINOGRAD_Q;
    const vf even_p = vadd(s[1], s[2]), odd_p = vsub(s[1], s[2]), even_q = vadd(s[3], s[4]), odd_q = vsub(s[3], s[4]);
    y[0] = vadd(s[0], vadd(even_p, even_q));
    y[1] = vfma(vset((float)p), odd_p, vmul(vset((float)q), odd_q));
    if (m > 2)
        y[2] = vfma(vset((float)(p * p)), even_p, vmul(vset((float)(q * q)), even_q));
    if (m > 3)
        y[3] = vfma(vset((float)(p * p * p)), odd_p, vmul(vset((float)(q * q * q)), odd_q));
    y[m - 1] = vadd(y[m - 1], s[5]);
}

/* The columns of A^T S: the sums of a tile's n * nx positions lie `position` floats apart. */
INLINE void winograd_columns(const int m, const int n, const int nx, const float *sums, int64_t position, vf (*half)[6])
{
    vf s[6], t[4];
    UNROLL for (int j = 0; j < nx; j++) {
        UNROLL for (int i = 0; i < n; i++)
            s[i] = vload(sums + (i * nx + j) * position);
        winograd_out(m, n, s, t);
        UNROLL for (int i = 0; i < m; i++)
            half[i][j] = t[i];
    }
}

/* Row `at` of G, r numbers: powers of a point over what the polynomial with the other points as zeros is there. */
static void winograd_taps(int n, int r, int at, double *g)
{
    static const double halves[3] = {0.5, 1.0, 2.0};
    const int which = at ? (at - 1) / 2 % 3 : 0;
    const double p = at < 3 ? WINOGRAD_P : WINOGRAD_Q, q = at < 3 ? WINOGRAD_Q : WINOGRAD_P;
    double first = 0.5 / (p * p * (p * p - q * q)), step = p, zero = 1.0;
    if (n == 4) {
        first = 0.5, step = 1.0;
    } else if (n == 8) {
        const double a = halves[which], b = halves[(which + 1) % 3], c = halves[(which + 2) % 3];
        first = 0.5 / (a * a * (a * a - b * b) * (a * a - c * c)), step = a, zero = -1.0;
    }
    double power = at == 0 ? zero : first;
    for (int i = 0; i < r; i++) {
        g[i] = at == n - 1 ? (double)(i == r - 1) : power;
        power *= at == 0 ? 0.0 : at % 2 ? step : -step;
    }
}

#endif
