"""gamma_family: incomplete gamma and beta functions, Hurwitz' zeta function and polygamma, in double precision.

Sources: chapters 5, 8 and 25.11 of the Digital Library of Mathematical Functions; which values are NaN or infinite:
SpecialFunctionsImpl.h of Eigen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.gamma import digamma, log_gamma
from kmin.ops.known_integrals import BERNOULLI
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

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


def hurwitz_zeta(s: Array, q: Array) -> Array:
    """The sum of (q + k)^-s; below 0, q must not be whole, and s must."""
    if (q < -MOST_TERMS).any():
        raise InputError(f"zeta is not computed for q below {-MOST_TERMS}")
    power, at = np.where((s > 1) & np.isfinite(s), s, 2.0), np.asarray(q, np.float64)
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
    high = sign * np.exp(log_gamma(order + 1)) * hurwitz_zeta(np.maximum(order, 1.0) + 1, x)
    endless = np.where(np.isinf(n) & (n > 0) & (x <= 1), np.inf, np.nan)
    return np.where(order == n, np.where(n == 0, digamma(x), high), endless)


GAMMA_FAMILY: dict[str, tuple[int, Callable[..., Array]]] = {
    "betainc": (3, incomplete_beta),
    "igamma": (2, lambda a, x: gamma_parts(a, x)[0]),
    "igammac": (2, lambda a, x: gamma_parts(a, x)[1]),
    "polygamma": (2, polygamma),
    "zeta": (2, hurwitz_zeta),
}


@dataclass(frozen=True)
class GammaFamilyAttrs:
    """kind: key of GAMMA_FAMILY."""

    kind: str


def infer_gamma_family(specs: Specs, attrs: GammaFamilyAttrs) -> tuple[TensorSpec, ...]:
    count, _ = GAMMA_FAMILY.get(attrs.kind, (0, None))
    if len(specs) != count or len({spec.dtype for spec in specs}) != 1 or np.dtype(specs[0].dtype).kind != "f":
        raise InputError(f"gamma_family '{attrs.kind}' needs {count} floats of one dtype; received {list(specs)}")
    return (TensorSpec(broadcast_shapes([spec.shape for spec in specs]), specs[0].dtype),)


def run_gamma_family(arrays: Arrays, attrs: GammaFamilyAttrs) -> tuple[Array, ...]:
    """Two or three floats that broadcast -> one."""
    wide = [np.asarray(array, np.float64) for array in np.broadcast_arrays(*arrays)]
    with np.errstate(all="ignore"):
        result = GAMMA_FAMILY[attrs.kind][1](*wide) if wide[0].size else wide[0]
    return (np.asarray(result).astype(arrays[0].dtype),)


OP = Op(GammaFamilyAttrs, infer_gamma_family, run_gamma_family)
