"""Modified Bessel functions of orders 0 and 1, computed in double precision."""

from __future__ import annotations

import numpy as np

from kmin.ops.tensor import Array

# From here on the power series gives way to the asymptotic one.
BESSEL_BOUND = 20.0


def bessel_i0e(x: Array) -> Array:
    """exp(-|x|) times the modified Bessel function of order 0."""
    wide = np.abs(x.astype(np.float64))
    far = wide > BESSEL_BOUND
    near = np.i0(np.where(far, 0, wide)) * np.exp(-np.where(far, 0, wide))
    return np.where(far, bessel_far(wide, 0), near).astype(x.dtype)


def bessel_i1e(x: Array) -> Array:
    """exp(-|x|) times the modified Bessel function of order 1."""
    wide = np.abs(x.astype(np.float64))
    far = wide > BESSEL_BOUND
    half = np.where(far, 0, wide) / 2
    term, total = half, half
    for k in range(1, 60):
        term = term * half * half / (k * (k + 1))
        total = total + term
    result = np.where(far, bessel_far(wide, 4), total * np.exp(-2 * half))
    return (np.sign(x.astype(np.float64)) * result).astype(x.dtype)


def bessel_i1(x: Array) -> Array:
    """The modified Bessel function of order 1."""
    wide = x.astype(np.float64)
    return (bessel_i1e(wide) * np.exp(np.abs(wide))).astype(x.dtype)


def bessel_far(x: Array, mu: int) -> Array:
    """Hankel's series of exp(-x) I(x); mu is 4 times the square of the order."""
    z = np.maximum(x, BESSEL_BOUND)
    term, total = np.ones_like(z), np.ones_like(z)
    for k in range(1, 20):
        term = -term * (mu - (2 * k - 1) ** 2) / (8 * k * z)
        total = total + term
    result: Array = total / np.sqrt(2 * np.pi * z)
    return result
