"""log_gamma and digamma far out, near their poles, and by what they must fulfil."""

from __future__ import annotations

import math

import numpy as np

from kmin.ops.gamma import digamma, log_gamma

X = np.concatenate([np.linspace(-9.73, 40, 4001), np.logspace(-9, 6, 200)])


def test_log_gamma() -> None:
    wanted = np.array([math.lgamma(v) for v in X])
    np.testing.assert_allclose(log_gamma(X), wanted, rtol=1e-12, atol=1e-12)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(log_gamma(np.array([0.0, -1.0, -7.0, np.inf])), np.inf)
    assert log_gamma(X.astype("f4")).dtype == np.float32


def test_digamma() -> None:
    x = np.abs(X) + 0.1
    np.testing.assert_allclose(digamma(x + 1) - digamma(x), 1 / x, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(digamma(1 - x) - digamma(x), np.pi / np.tan(np.pi * x), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(digamma(np.array([1.0])), [-0.5772156649015329], rtol=1e-14)
    with np.errstate(all="ignore"):
        assert np.isnan(digamma(np.array([0.0, -3.0]))).all()
