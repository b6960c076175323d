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
