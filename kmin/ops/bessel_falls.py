"""Modified Bessel functions of the second kind, orders 0 and 1, computed in double precision.

Source: chapter 10 of the Digital Library of Mathematical Functions (power series, an integral of exp(-x cosh t) by the
trapezoidal rule, which converges exponentially here, Hankel's expansion).
"""

from __future__ import annotations

import numpy as np

from kmin.ops.bessel_waves import EULER_GAMMA, HANKEL_BOUND, of_positive
from kmin.ops.tensor import Array


def scaled_k(x: Array, order: int) -> Array:
    """exp(x) K(x) for x > 0."""
    half = np.minimum(x, 2.0) / 2
    term, harmonic = np.ones_like(x), 0.0
    lead, tail = np.zeros_like(x), np.zeros_like(x)
    for k in range(24):  # sums over (x / 2)^2k / k! (k + order)!
        after = harmonic + (1 / (k + 1) if order else 0)
        lead, tail = lead + term, tail + term * (harmonic + after)
        harmonic += 1 / (k + 1)
        term = term * half * half / ((k + 1) * (k + 1 + order))
    log = np.log(half) + EULER_GAMMA
    first = tail / 2 - log * lead if order == 0 else 1 / (2 * half) + half * (log * lead - tail / 2)
    near = first * np.exp(2 * half)
    middle = np.clip(x, 2.0, HANKEL_BOUND)
    total = np.full_like(x, 0.5)
    for k in range(1, 33):
        rise = np.cosh(k / 8)
        total += np.exp(middle * (1 - rise)) * (rise if order else 1)
    far_x, far, part = np.maximum(x, HANKEL_BOUND), np.ones_like(x), np.ones_like(x)
    for k in range(1, 24):
        part = part * (4 * order * order - (2 * k - 1) ** 2) / (8 * k * far_x)
        far = far + part
    far = far * np.sqrt(np.pi / (2 * far_x))
    return np.asarray(np.where(x < 2, near, np.where(x < HANKEL_BOUND, total / 8, far)))


def bessel_k0(x: Array) -> Array:
    """The modified function of the second kind, order 0."""
    wide = np.abs(x.astype(np.float64))
    return of_positive(x, np.inf, scaled_k(wide, 0) * np.exp(-wide))


def bessel_k0e(x: Array) -> Array:
    """exp(x) K(x) of order 0."""
    return of_positive(x, np.inf, scaled_k(np.abs(x.astype(np.float64)), 0))


def bessel_k1(x: Array) -> Array:
    """The modified function of the second kind, order 1."""
    wide = np.abs(x.astype(np.float64))
    return of_positive(x, np.inf, scaled_k(wide, 1) * np.exp(-wide))


def bessel_k1e(x: Array) -> Array:
    """exp(x) K(x) of order 1."""
    return of_positive(x, np.inf, scaled_k(np.abs(x.astype(np.float64)), 1))
