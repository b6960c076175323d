"""Integrals that have names: Dawson's, the exponential one, Fresnel's and Spence's, in double precision.

Sources: chapters 6, 7 and 25.12 of the Digital Library of Mathematical Functions; G. B. Rybicki, Dawson's integral and
the sampling theorem (1989).
"""

from __future__ import annotations

import numpy as np

from kmin.ops.bessel_waves import EULER_GAMMA
from kmin.ops.tensor import Array

# Bernoulli's numbers B(2k), k = 1, 2, ...
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def dawson(x: Array) -> Array:
    """exp(-x^2) times the integral of exp(t^2) from 0 to x."""
    wide = x.astype(np.float64)
    size = np.abs(wide)
    step = 0.2
    base = 2 * np.round(np.minimum(size, 30.0) / (2 * step))
    sampled = np.zeros_like(size)
    for n in range(-41, 42, 2):
        sampled += np.exp(-((np.minimum(size, 30.0) - (base + n) * step) ** 2)) / (base + n)
    small, term, series = np.minimum(size, 0.5), np.ones_like(size), np.ones_like(size)
    for k in range(1, 20):
        term = term * -2 * small * small / (2 * k + 1)
        series = series + term
    far, part, tail = np.maximum(size, 20.0), np.ones_like(size), np.ones_like(size)
    for k in range(1, 12):
        part = part * (2 * k - 1) / (2 * far * far)
        tail = tail + part
    found = np.where(size < 20, sampled / np.sqrt(np.pi), tail / (2 * far))
    return np.asarray(np.sign(wide) * np.where(size < 0.5, small * series, found)).astype(x.dtype)


def exponential_integral(x: Array) -> Array:
    """Ei(x) for x > 0; minus infinity at 0, NaN below."""
    wide = x.astype(np.float64)
    z = np.clip(wide, 1e-300, 40.0)
    term, series = np.ones_like(z), np.zeros_like(z)
    for k in range(1, 160):
        term = term * z / k
        series = series + term / k
    near = EULER_GAMMA + np.log(z) + series
    far, part, tail = np.maximum(wide, 40.0), np.ones_like(z), np.ones_like(z)
    for k in range(1, 40):
        part = part * k / far
        tail = tail + part
    found = np.where(wide < 40, near, np.exp(far) / far * tail)
    return np.asarray(np.where(wide > 0, found, np.where(wide == 0, -np.inf, np.nan))).astype(x.dtype)


def fresnel_pair(x: Array) -> tuple[Array, Array]:
    """The integrals of cos and sin of pi t^2 / 2 from 0 to x, x not negative."""
    small = np.minimum(x, 1.5)
    angle = np.pi / 2 * small * small
    term, cosine, sine = small.copy(), np.zeros_like(x), np.zeros_like(x)
    for k in range(36):
        part = term / (2 * k + 1) * (1 if k % 4 < 2 else -1)
        cosine, sine = (cosine + part, sine) if k % 2 == 0 else (cosine, sine + part)
        term = term * angle / (k + 1)
    big = np.maximum(x, 1.5)
    fall = np.pi / 2 * big * big
    step = np.minimum(0.1, 0.5 / np.sqrt(fall))
    f, g = np.full_like(x, 0.5), np.zeros_like(x)
    for k in range(1, 37):
        square = (k * step) ** 2
        weight = np.exp(-fall * square) / (1 + square * square)
        f, g = f + weight, g + square * weight
    f, g = (part * step * np.sqrt(2) / np.pi for part in (f, g))
    phase = np.pi / 2 * np.fmod(big * big, 4.0)
    far_cosine = 0.5 + f * np.sin(phase) - g * np.cos(phase)
    far_sine = 0.5 - f * np.cos(phase) - g * np.sin(phase)
    far_cosine, far_sine = (np.where(np.isinf(x), 0.5, far) for far in (far_cosine, far_sine))
    return np.where(x < 1.5, cosine, far_cosine), np.where(x < 1.5, sine, far_sine)


def fresnel_cosine(x: Array) -> Array:
    """The integral of cos(pi t^2 / 2) from 0 to x."""
    wide = x.astype(np.float64)
    return np.asarray(np.copysign(fresnel_pair(np.abs(wide))[0], wide)).astype(x.dtype)


def fresnel_sine(x: Array) -> Array:
    """The integral of sin(pi t^2 / 2) from 0 to x."""
    wide = x.astype(np.float64)
    return np.asarray(np.copysign(fresnel_pair(np.abs(wide))[1], wide)).astype(x.dtype)


def dilogarithm(log: Array) -> Array:
    """The dilogarithm of 1 - exp(-log), for |log| up to log 2."""
    total, term = log - log * log / 4, log
    for k, number in enumerate(BERNOULLI, 1):
        term = term * log * log / ((2 * k) * (2 * k + 1))
        total = total + number * term
    return np.asarray(total)


def spence(x: Array) -> Array:
    """The dilogarithm of 1 - x for x that are not negative; NaN below."""
    wide = x.astype(np.float64)
    inside = np.where(wide > 0, wide, 1.0)
    log = np.log(inside)
    middle = dilogarithm(-np.log(np.clip(inside, 0.5, 2.0)))
    low = np.minimum(inside, 0.5)
    near_zero = np.pi**2 / 6 - np.log1p(-low) * np.log(low) - dilogarithm(-np.log1p(-low))
    high = np.maximum(inside, 2.0)
    z = 1 / high  # below one half
    turned = -(np.pi**2 / 6 - np.log1p(-z) * np.log(z) - dilogarithm(-np.log1p(-z))) - log * log / 2
    found = np.where(inside < 0.5, near_zero, np.where(inside > 2, turned, middle))
    return np.asarray(np.where(wide > 0, found, np.where(wide == 0, np.pi**2 / 6, np.nan))).astype(x.dtype)
