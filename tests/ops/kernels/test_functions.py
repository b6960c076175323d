"""The vectorised functions of every tier against float64, over the whole range of float32."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.ops import kernels

TIERS = kernels.AVAILABLE[1:]
# Largest error in units in the last place. 2 is the promise; looser rows say why.
LIMITS = {
    "elu": 2.0,
    "erf": 2.0,
    "exp": 2.0,
    "gelu": 12.0,  # x^2 / 2 inside an exponential: float32 NumPy is at 240 where results are below 1e-37
    "log": 2.0,
    "log_sigmoid": 3.0,  # a sum of two rounded functions
    "sigmoid": 2.0,
    "silu": 3.0,  # one quotient on both sides of 0
    "softplus": 3.0,  # a sum of two rounded functions
    "tanh": 2.0,
}


def exact(function: str, x: np.ndarray) -> np.ndarray:
    """The function in float64; erf and its relatives through the standard library."""
    with np.errstate(all="ignore"):
        if function == "elu":
            return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
        if function == "erf":
            return np.array([math.erf(v) for v in x])
        if function == "gelu":
            return x * np.array([0.5 * math.erfc(-v * math.sqrt(0.5)) for v in x])
        if function == "sigmoid":
            return np.where(x < 0, np.exp(x), 1) / (1 + np.exp(-np.abs(x)))
        if function == "silu":
            return x * np.where(x < 0, np.exp(x), 1) / (1 + np.exp(-np.abs(x)))
        if function in ("softplus", "log_sigmoid"):
            sign = 1 if function == "softplus" else -1
            return sign * (np.maximum(sign * x, 0) + np.log1p(np.exp(-np.abs(x))))
        return {"exp": np.exp, "log": np.log, "tanh": np.tanh}[function](x)


def samples(function: str) -> np.ndarray:
    """Every exponent, both signs, denormals, and a dense stretch where the function bends."""
    step = 40_009 if function in ("erf", "gelu") else 5_003
    everywhere = np.arange(0, 1 << 32, step, dtype=np.uint64).astype(np.uint32).view(np.float32)
    everywhere = everywhere[np.isfinite(everywhere)]
    ends = [np.linspace(-20, 20, 100_001), np.linspace(-1.5, 1.5, 50_001), np.linspace(-105, 90, 50_001)]
    if function == "gelu":  # below -13 results are denormal
        everywhere, ends = everywhere[np.abs(everywhere) < 13], [np.linspace(-13, 13, 50_001)]
    if function == "silu":  # below -87 results are products with denormals
        everywhere, ends = everywhere[everywhere > -87], [end[end > -87] for end in ends]
    return np.concatenate([everywhere, *(end.astype(np.float32) for end in ends)])


def ulps(got: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Distance in units in the last place of `wanted` as float32."""
    with np.errstate(all="ignore"):
        nearest = wanted.astype(np.float32)
        distance = np.abs(got.astype(np.float64) - wanted) / np.spacing(np.abs(nearest)).astype(np.float64)
    distance[(got == nearest) | (np.isnan(got) & np.isnan(nearest))] = 0
    distance[np.isnan(distance)] = np.inf
    return distance


@pytest.mark.parametrize("function", LIMITS)
@pytest.mark.parametrize("name", TIERS)
def test_accuracy(name: str, function: str) -> None:
    tier = kernels.tier(name)
    assert tier is not None
    x = samples(function)
    y = np.empty_like(x)
    args = (1.0,) if function == "elu" else ()
    tier.elementwise(function, args)(x, y)
    distance = ulps(y, exact(function, x.astype(np.float64)))
    at = int(np.argmax(distance))
    assert distance[at] <= LIMITS[function], f"{function}({x[at]!r}) = {y[at]!r}: {distance[at]:.2f} ulp"


@pytest.mark.parametrize(
    ("function", "minus", "plus"),
    [
        ("elu", -1.0, np.inf),
        ("erf", -1.0, 1.0),
        ("exp", 0.0, np.inf),
        ("gelu", np.nan, np.inf),
        ("log", np.nan, np.inf),
        ("log_sigmoid", -np.inf, 0.0),
        ("sigmoid", 0.0, 1.0),
        ("softplus", 0.0, np.inf),
        ("tanh", -1.0, 1.0),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_infinities_and_nan(name: str, function: str, minus: float, plus: float) -> None:
    tier = kernels.tier(name)
    assert tier is not None
    x = np.array([-np.inf, np.inf, np.nan] * 7, np.float32)  # in whole vectors and in the tail
    y = np.empty_like(x)
    tier.elementwise(function, (1.0,))(x, y)
    np.testing.assert_array_equal(y, np.array([minus, plus, np.nan] * 7, np.float32))


@pytest.mark.parametrize("name", TIERS)
def test_log_of_zero_and_denormals(name: str) -> None:
    tier = kernels.tier(name)
    assert tier is not None
    x = np.array([0.0, -0.0, 1e-45, 1.1754942e-38, -1e-45, 1.0], np.float32)
    y = np.empty_like(x)
    tier.elementwise("log")(x, y)
    np.testing.assert_array_equal(y[:2], [-np.inf, -np.inf])
    np.testing.assert_allclose(y[2:4], np.log(x[2:4].astype(np.float64)), rtol=1e-7)
    assert np.isnan(y[4])
    assert y[5] == 0


@pytest.mark.parametrize("function", ["tanh", "erf"])
@pytest.mark.parametrize("name", TIERS)
def test_odd_functions_keep_the_sign_of_zero(name: str, function: str) -> None:
    tier = kernels.tier(name)
    assert tier is not None
    x = np.array([0.0, -0.0], np.float32)
    y = np.empty_like(x)
    tier.elementwise(function)(x, y)
    np.testing.assert_array_equal(np.signbit(y), [False, True])
