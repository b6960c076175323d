"""Bessel functions beside Wronski's determinants and known values."""

from __future__ import annotations

import numpy as np

from kmin.ops import bessel_falls as f
from kmin.ops import bessel_waves as b
from kmin.ops.bessel import bessel_i0e, bessel_i1e

X = np.concatenate([np.geomspace(1e-6, 1, 40), np.linspace(1, 80, 300)])


def test_both_kinds() -> None:
    j0, j1, y0, y1 = (function(X) for function in (b.bessel_j0, b.bessel_j1, b.bessel_y0, b.bessel_y1))
    np.testing.assert_allclose(j1 * y0 - j0 * y1, 2 / (np.pi * X), rtol=1e-12)
    np.testing.assert_array_equal(b.bessel_j0(-X), j0)
    np.testing.assert_array_equal(b.bessel_j1(-X), -j1)
    # Digital Library of Mathematical Functions, 10.21 and 10.75.
    assert abs(b.bessel_j0(np.array(2.404825557695773))) < 1e-15
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(b.bessel_j0(np.array([0.0, 1.0])), [1, 0.7651976865579666], rtol=1e-15)
    np.testing.assert_allclose(
        b.bessel_y0(np.array([1.0, 10.0])),
        [0.08825696421567697, 0.05567116728359939],
        rtol=1e-13,
    )


def test_modified() -> None:
    k0, k1 = f.bessel_k0e(X), f.bessel_k1e(X)
    np.testing.assert_allclose(bessel_i0e(X) * k1 + bessel_i1e(X) * k0, 1 / X, rtol=1e-12)
    np.testing.assert_allclose(f.bessel_k0(X), k0 * np.exp(-X), rtol=1e-14)
    np.testing.assert_allclose(f.bessel_k1(X), k1 * np.exp(-X), rtol=1e-14)


def test_edges() -> None:
    edges = np.array([-1.0, 0.0, np.nan], "float32")
    with np.errstate(all="ignore"):
        for function in (b.bessel_y0, b.bessel_y1):
            np.testing.assert_array_equal(function(edges), [-np.inf, -np.inf, np.nan])
        for function in (f.bessel_k0, f.bessel_k0e, f.bessel_k1, f.bessel_k1e):
            np.testing.assert_array_equal(function(edges), [np.inf, np.inf, np.nan])
            assert function(edges).dtype == np.float32
