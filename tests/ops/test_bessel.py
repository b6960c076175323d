"""Modified Bessel functions against their series and integrals, near and far."""

from __future__ import annotations

import math

import numpy as np

from kmin.ops.bessel import bessel_i0e, bessel_i1, bessel_i1e

X = np.concatenate([np.linspace(-45, 45, 901), [19.999, 20.001, 300.0]])


def scaled(x: float, order: int) -> float:
    """The mean of exp(x cos t - |x|) cos(order t) over a circle: all digits, as the function is periodic."""
    turn = np.arange(4096) * (2 * np.pi / 4096)
    return float(np.mean(np.exp(x * np.cos(turn) - abs(x)) * np.cos(order * turn)))


def test_scaled_functions() -> None:
    np.testing.assert_allclose(bessel_i0e(X), [scaled(v, 0) for v in X], rtol=1e-12)
    np.testing.assert_allclose(bessel_i1e(X), [scaled(v, 1) for v in X], rtol=1e-12, atol=1e-16)


def test_order_1() -> None:
    x = np.array([-2.0, 0.0, 0.5, 30.0])
    np.testing.assert_allclose(bessel_i1(x), [scaled(v, 1) * math.exp(abs(v)) for v in x], rtol=1e-12, atol=1e-16)
    assert bessel_i1(x.astype("f4")).dtype == np.float32
