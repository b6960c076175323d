"""The logarithm of the gamma function and its derivative, computed in double precision."""

from __future__ import annotations

import numpy as np

from kmin.ops.tensor import Array

# Lanczos' sum for g = 7. Source: P. Godfrey, A note on the computation of the convergent Lanczos complex gamma
# approximation (2001).
LANCZOS = (
    *(0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059),
    *(12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7),
)
# B(2k) / 2k of Bernoulli's numbers, k = 1, 2, ...: the asymptotic series of digamma.
DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def log_gamma(x: Array) -> Array:
    """log |gamma(x)|, infinite at 0, -1, -2, ..."""
    wide = x.astype(np.float64)
    low = wide < 0.5
    z = np.where(low, 1 - wide, wide) - 1
    total = LANCZOS[0] + sum(part / (z + k) for k, part in enumerate(LANCZOS[1:], 1))
    t = z + 7.5
    upper = 0.5 * np.log(2 * np.pi) + (z + 0.5) * np.log(t) - t + np.log(total)
    mirrored = np.log(np.pi / np.abs(np.sin(np.pi * wide))) - upper
    whole = low & (wide == np.floor(wide))
    result: Array = np.where(np.isinf(wide) | whole, np.inf, np.where(low, mirrored, upper)).astype(x.dtype)
    return result


def digamma(x: Array) -> Array:
    """The derivative of log_gamma; NaN at 0, -1, -2, ..."""
    wide = x.astype(np.float64)
    low = wide <= 0
    z, steps = np.where(low, 1 - wide, wide), np.zeros_like(wide)
    for _ in range(8):  # from where the series has all digits
        small = z < 8
        steps = steps + np.where(small, 1 / z, 0)
        z = np.where(small, z + 1, z)
    inverse = 1 / (z * z)
    tail = sum(part * inverse**k for k, part in enumerate(DIGAMMA_SERIES, 1))
    upper = np.log(z) - 0.5 / z - tail - steps
    turned = np.where(low, upper - np.pi / np.tan(np.pi * wide), upper)
    whole = low & (wide == np.floor(wide))
    result: Array = np.where(whole, np.nan, turned).astype(x.dtype)
    return result
