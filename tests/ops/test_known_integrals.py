"""Integrals with names beside their derivatives and known values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kmin.ops import known_integrals as k

X = np.linspace(0.02, 9, 400)
STEP = 1e-4


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (k.dawson, lambda x: 1 - 2 * x * k.dawson(x)),
        (k.exponential_integral, lambda x: np.exp(x) / x),
        (k.fresnel_cosine, lambda x: np.cos(np.pi / 2 * x * x)),
        (k.fresnel_sine, lambda x: np.sin(np.pi / 2 * x * x)),
        (k.spence, lambda x: np.log(x) / (1 - x + (x == 1))),
    ],
)
def test_slopes(function: Callable[..., np.ndarray], slope: Callable[..., np.ndarray]) -> None:
    far = (function(X + 2 * STEP) - function(X - 2 * STEP)) / (4 * STEP)
    near = (function(X + STEP) - function(X - STEP)) / (2 * STEP)
    np.testing.assert_allclose((4 * near - far) / 3, slope(X), rtol=2e-7, atol=1e-9)


def test_values() -> None:
    np.testing.assert_allclose(
        k.spence(np.array([0.0, 0.5, 2.0])),
        [np.pi**2 / 6, np.pi**2 / 12 - np.log(2) ** 2 / 2, -(np.pi**2) / 12],
        rtol=1e-15,
    )
    np.testing.assert_allclose(k.exponential_integral(np.array(1.0)), 1.8951178163559368, rtol=1e-15)
    np.testing.assert_allclose(k.dawson(np.array([1.0, 100.0])), [0.5380795069127684, 0.00500025003750938], rtol=1e-13)
    np.testing.assert_allclose(k.fresnel_cosine(np.array([1.0, 1e9])), [0.7798934003768228, 0.5], rtol=1e-8)
    np.testing.assert_array_equal(k.fresnel_sine(-X), -k.fresnel_sine(X))
    np.testing.assert_array_equal(k.dawson(-X), -k.dawson(X))


def test_edges() -> None:
    edges = np.array([-1.0, 0.0, np.nan], "float32")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(k.exponential_integral(edges), [np.nan, -np.inf, np.nan])
        np.testing.assert_array_equal(np.isnan(k.spence(edges)), [True, False, True])
        for function in (k.fresnel_cosine, k.fresnel_sine):
            np.testing.assert_array_equal(function(np.array([np.inf, -np.inf, np.nan])), [0.5, -0.5, np.nan])
    assert k.spence(edges[1:2]).dtype == np.float32
