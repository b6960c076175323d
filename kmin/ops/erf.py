"""erf and erfc: the error function, vectorised, without SciPy."""

from __future__ import annotations

import numpy as np

from kmin.ops.tensor import Array

# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), coefficients as in
# netlib's CALERF, highest power first: erf(x) / x in x^2 up to 0.46875, and erfc(x) * exp(x^2) in x. Cody uses the
# second one up to 4 and another beyond; here it serves to the end, where erfc is below 2e-8 and right to 7 digits.
ERF_SPLIT = 0.46875
ERF_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
ERF_TAIL = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
ERFC_END = 28.0  # erfc(28) is 0 in float64


def erf_ratio(x: Array, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> Array:
    """Numerator over denominator polynomial at x, in x's dtype."""
    sums = []
    for polynomial in coefficients:
        total = np.full_like(x, polynomial[0])
        for coefficient in polynomial[1:]:
            total *= x
            total += x.dtype.type(coefficient)
        sums.append(total)
    return sums[0] / sums[1]


def erfc_tail(y: Array) -> Array:
    """erfc(y) for y >= 0.46875 to the last digits; in float32 good enough (2e-7) for every y >= 0."""
    y = np.minimum(y, y.dtype.type(ERFC_END))
    return np.exp(-y * y) * erf_ratio(y, ERF_TAIL)


def erf(x: Array) -> Array:
    """erf(x) for float32 (within 2e-7) or float64 (within 3e-16), same shape and dtype; nan stays nan."""
    y = np.abs(x)
    small = np.minimum(y, y.dtype.type(ERF_SPLIT))
    near = small * erf_ratio(small * small, ERF_SMALL)
    return np.copysign(np.where(y <= ERF_SPLIT, near, 1 - erfc_tail(y)), x)


def erfc_positive(y: Array) -> Array:
    """erfc(y) for y >= 0, float32 (within 2e-7) or float64, without the cancellation of 1 - erf(y) far out."""
    if y.dtype == np.float32:
        return erfc_tail(y)
    small = np.minimum(y, y.dtype.type(ERF_SPLIT))
    return np.where(y <= ERF_SPLIT, 1 - small * erf_ratio(small * small, ERF_SMALL), erfc_tail(y))


# M. Giles, "Approximating the erfinv function" (2010), single precision, highest power first: in w - 2.5 of
# w = -log(1 - y^2) below 5, and in sqrt(w) - 3 beyond.
ERFINV_CENTRE = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503),
    *(-0.00417768164, 0.246640727, 1.50140941),
)
ERFINV_TAIL = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613),
    *(0.00943887047, 1.00167406, 2.83297682),
)


def erfinv(y: Array) -> Array:
    """x of erf(x) = y: Giles' polynomial, then two Newton steps in double precision; nan beyond 1."""
    wide = y.astype(np.float64)
    with np.errstate(all="ignore"):
        w = -np.log1p(-wide * wide)
        x = wide * np.where(w < 5, np.polyval(ERFINV_CENTRE, w - 2.5), np.polyval(ERFINV_TAIL, np.sqrt(w) - 3))
        for _ in range(2):
            step = (erf(x) - wide) * np.exp(x * x) * (np.sqrt(np.pi) / 2)
            x = np.where(np.isfinite(step), x - step, x)
        x = np.where(np.abs(wide) == 1, np.copysign(np.inf, wide), np.where(np.abs(wide) > 1, np.nan, x))
    return x.astype(y.dtype)
