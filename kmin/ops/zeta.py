"""Hurwitz' zeta function and the derivatives of digamma, computed in double precision.

Sources: 25.11 of the Digital Library of Mathematical Functions (the formula of Euler and Maclaurin); which values are
NaN or infinite: SpecialFunctionsImpl.h of Eigen.
"""

from __future__ import annotations

import numpy as np

from kmin.errors import InputError
from kmin.ops.gamma import digamma, log_gamma
from kmin.ops.known_integrals import BERNOULLI
from kmin.ops.tensor import Array

# Terms that are added one by one for q below 0.
ZETA_TERMS = 5000


def hurwitz_zeta(s: Array, q: Array) -> Array:
    """The sum of (q + k)^-s; below 0, q must not be whole, and s must."""
    far = q < -ZETA_TERMS
    if (far & (q != np.floor(q)) & (s > 1) & (s == np.floor(s))).any():
        raise InputError(f"zeta is not computed for q below {-ZETA_TERMS}")
    power, at = np.where((s > 1) & np.isfinite(s), s, 2.0), np.where(far, 1.0, q)
    total = np.zeros_like(at)
    while (at < 25).any():
        total = total + np.where(at < 25, at**-power, 0.0)
        at = np.where(at < 25, at + 1, at)
    total = total + at ** (1 - power) / (power - 1) + 0.5 * at**-power
    term = power * at ** (-power - 1)
    for k, number in enumerate(BERNOULLI, 1):
        total = total + number * term / float(np.prod(np.arange(1, 2 * k + 1, dtype=float)))
        term = term * (power + 2 * k - 1) * (power + 2 * k) / (at * at)
    pole = np.where((power == np.floor(power)) & (power % 2 == 0), np.inf, np.nan)
    below = np.where(q == np.floor(q), pole, np.where(power == np.floor(power), total, np.nan))
    found = np.where(s > 1, np.where(q <= 0, below, total), np.where(s == 1, np.inf, np.nan))
    endless = np.where(q < 1, np.inf, np.where(q == 1, 1.0, 0.0))
    return np.where(np.isinf(s) & (s > 0) & ~np.isnan(q), endless, found)


def polygamma(n: Array, x: Array) -> Array:
    """The n-th derivative of digamma, for whole n that are not negative."""
    order = np.where((n >= 0) & (n == np.floor(n)) & np.isfinite(n), n, 0.0)
    sign = np.where(order % 2 == 1, 1.0, -1.0)
    high = sign * np.exp(log_gamma(order + 1)) * hurwitz_zeta(np.maximum(order, 1.0) + 1, np.where(order == 0, 1.0, x))
    endless = np.where(np.isinf(n) & (n > 0) & (x <= 1), np.inf, np.nan)
    return np.where(order == n, np.where(n == 0, digamma(x), high), endless)
