"""Bessel functions of orders 0 and 1, of both kinds, computed in double precision.

Sources: chapter 10 of the Digital Library of Mathematical Functions (Bessel's integral by the trapezoidal rule, which
converges exponentially here, Neumann's series, Hankel's expansions).
"""

from __future__ import annotations

import numpy as np

from kmin.ops.tensor import Array

EULER_GAMMA = 0.5772156649015329
# From here on Hankel's expansions have all digits.
HANKEL_BOUND = 25.0
# The angles of the trapezoidal rule over a quarter of the circle, weights of their even waves, and Neumann's sum.
WAVE_ANGLES = np.arange(49) * (np.pi / 96)
WAVE_WEIGHTS = np.where((np.arange(49) == 0) | (np.arange(49) == 48), 0.5, 1.0) / 48
NEUMANN_SUM = sum((-1.0) ** (k + 1) / k * np.cos(2 * k * WAVE_ANGLES) for k in range(1, 44))


def wave_mean(x: Array, weights: Array, odd: bool) -> Array:
    """The mean over the angles of weights * cos(x sin), or of weights * sin * sin(x sin)."""
    total = np.zeros_like(x)
    for angle, weight in zip(WAVE_ANGLES, WAVE_WEIGHTS * weights, strict=True):
        sine = np.sin(angle)
        total += weight * (sine * np.sin(x * sine) if odd else np.cos(x * sine))
    return total


def hankel_parts(x: Array, order: int) -> tuple[Array, Array]:
    """P and Q of Hankel's expansions, for x from HANKEL_BOUND on."""
    z, mu = np.maximum(x, HANKEL_BOUND), 4 * order * order
    term, parts = np.ones_like(z), [np.ones_like(z), np.zeros_like(z)]
    for k in range(1, 24):
        term = term * (mu - (2 * k - 1) ** 2) / (8 * k * z)
        parts[k % 2] = parts[k % 2] + (term if k % 4 in (0, 1) else -term)
    return parts[0], parts[1]


def bessel_pair(x: Array, order: int) -> tuple[Array, Array]:
    """J and Y for x > 0."""
    p, q = hankel_parts(x, order)
    angle = x - (2 * order + 1) * np.pi / 4
    scale = np.sqrt(2 / (np.pi * np.maximum(x, HANKEL_BOUND)))
    far = scale * (p * np.cos(angle) - q * np.sin(angle)), scale * (p * np.sin(angle) + q * np.cos(angle))
    small = np.minimum(x, HANKEL_BOUND)
    ones = np.ones_like(WAVE_ANGLES)
    zeroth, first = wave_mean(small, ones, False), wave_mean(small, ones, True)
    lead = np.log(small / 2) + EULER_GAMMA
    if order == 0:
        near = zeroth, 2 / np.pi * lead * zeroth + 4 / np.pi * wave_mean(small, NEUMANN_SUM, False)
    else:
        rest = 4 / np.pi * wave_mean(small, NEUMANN_SUM, True)
        near = first, 2 / np.pi * (lead * first - zeroth / small) + rest
    return tuple(np.where(x < HANKEL_BOUND, a, b) for a, b in zip(near, far, strict=True))  # type: ignore[return-value]


def bessel_j0(x: Array) -> Array:
    """J of order 0."""
    return bessel_pair(np.abs(x.astype(np.float64)), 0)[0].astype(x.dtype)


def bessel_j1(x: Array) -> Array:
    """J of order 1, odd."""
    wide = x.astype(np.float64)
    found: Array = (np.sign(wide) * bessel_pair(np.abs(wide), 1)[0]).astype(x.dtype)
    return found


def of_positive(x: Array, beyond: float, values: Array) -> Array:
    """The values where x > 0, and what is said at 0 and below (as Eigen has it)."""
    result: Array = np.where(x <= 0, beyond, values).astype(x.dtype)
    return result


def bessel_y0(x: Array) -> Array:
    """Y of order 0."""
    return of_positive(x, -np.inf, bessel_pair(np.abs(x.astype(np.float64)), 0)[1])


def bessel_y1(x: Array) -> Array:
    """Y of order 1."""
    return of_positive(x, -np.inf, bessel_pair(np.abs(x.astype(np.float64)), 1)[1])
