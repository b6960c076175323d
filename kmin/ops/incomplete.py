"""The incomplete gamma and beta functions, computed in double precision.

Sources: chapter 8 of the Digital Library of Mathematical Functions (series and continued fractions, by Lentz' way);
which values are NaN or infinite: SpecialFunctionsImpl.h of Eigen.
"""

from __future__ import annotations

import numpy as np

from kmin.ops.gamma import log_gamma
from kmin.ops.tensor import Array

MOST_TERMS = 5000


def gamma_parts(a: Array, x: Array) -> tuple[Array, Array]:
    """The lower and the upper regularised incomplete gamma function."""
    fine = (a > 0) & (x >= 0)
    shape, at = np.where(fine & np.isfinite(a), a, 1.0), np.where(fine & (x > 0) & np.isfinite(x), x, 1.0)
    front = np.exp(shape * np.log(at) - at - log_gamma(shape))
    series = at <= np.maximum(shape, 1.0)
    z = np.where(series, at, 0.0)
    term, total, n = 1 / shape, 1 / shape, 0
    while n < MOST_TERMS and (np.abs(term) > 1e-17 * np.abs(total)).any():
        n += 1
        term = term * z / (shape + n)
        total = total + term
    lower = front * total
    far = np.where(series, shape + 50.0, at)
    b = far + 1 - shape  # Lentz' way through the continued fraction
    c, d = np.full_like(far, 1e300), 1 / b
    value, k, change = d, 0, np.full_like(far, 2.0)
    while k < MOST_TERMS and (np.abs(change - 1) > 1e-16).any():
        k += 1
        factor, b = -k * (k - shape), b + 2
        d, c = 1 / (factor * d + b), b + factor / c
        change = c * d
        value = value * change
    upper = np.where(series, 1 - lower, front * value)
    lower = np.where(series, lower, 1 - upper)
    lower, upper = np.where(x == 0, 0.0, lower), np.where(x == 0, 1.0, upper)
    lower = np.where(np.isinf(x), 1.0, lower)
    lower, upper = np.where(np.isinf(a), 0.0, lower), np.where(np.isinf(a), 1.0, upper)
    upper = np.where(np.isinf(x), 0.0, upper)
    return np.where(x == 0, 0.0, np.where(fine, lower, np.nan)), np.where(fine, upper, np.nan)


def incomplete_beta(a: Array, b: Array, x: Array) -> Array:
    """The regularised incomplete beta function."""
    fine, known = ~(a <= 0) & ~(b <= 0) & (x >= 0) & (x <= 1), (a > 0) & (b > 0)
    a, b, at = np.where(known, a, 1.0), np.where(known, b, 1.0), np.where(fine & (x > 0) & (x < 1), x, 0.5)
    swapped = at > (a + 1) / (a + b + 2)
    p, q, z = np.where(swapped, b, a), np.where(swapped, a, b), np.where(swapped, 1 - at, at)
    front = np.exp(p * np.log(z) + q * np.log1p(-z) + log_gamma(p + q) - log_gamma(p) - log_gamma(q)) / p
    c, d = np.ones_like(z), 1 / (1 - (p + q) * z / (p + 1))
    value, k, change = d, 0, np.full_like(z, 2.0)
    while k < MOST_TERMS and (np.abs(change - 1) > 1e-16).any():
        k += 1
        even = k * (q - k) * z / ((p + 2 * k - 1) * (p + 2 * k))
        d, c = 1 / (1 + even * d), 1 + even / c
        value = value * c * d
        odd = -(p + k) * (p + q + k) * z / ((p + 2 * k) * (p + 2 * k + 1))
        d, c = 1 / (1 + odd * d), 1 + odd / c
        change = c * d
        value = value * change
    found = np.where(known, np.where(swapped, 1 - front * value, front * value), np.nan)
    return np.where(fine, np.where(x == 0, 0.0, np.where(x == 1, 1.0, found)), np.nan)
