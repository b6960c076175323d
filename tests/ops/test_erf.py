"""erf and erfc against Python's math module."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.ops.erf import erf, erfc_positive

X = np.concatenate([np.linspace(-7, 7, 28001), np.logspace(-30, 1.3, 2001), [0.46875, np.nextafter(0.46875, 1), 1e4]])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2.5e-7), ("float64", 4e-16)])
def test_erf(dtype: str, tolerance: float) -> None:
    x = X.astype(dtype)
    wanted = np.array([math.erf(v) for v in x.astype("f8")])
    got = erf(x)
    assert got.dtype == x.dtype
    assert np.abs(got.astype("f8") - wanted).max() <= tolerance
    some = wanted != 0
    assert np.abs(got.astype("f8")[some] / wanted[some] - 1).max() <= 2 * tolerance


@pytest.mark.parametrize(("dtype", "far", "relative"), [("float32", 9.0, 8e-6), ("float64", 25.0, 1e-7)])
def test_erfc_keeps_its_digits_far_out(dtype: str, far: float, relative: float) -> None:
    y = np.linspace(0, far, 5001).astype(dtype)
    wanted = np.array([math.erfc(v) for v in y.astype("f8")])
    got = erfc_positive(y).astype("f8")
    assert np.abs(got / wanted - 1).max() <= relative
    near = y < 1
    assert np.abs(got / wanted - 1)[near].max() <= (5e-7 if dtype == "float32" else 5e-15)


def test_ends() -> None:
    for dtype in ("float32", "float64"):
        x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0], dtype)
        np.testing.assert_array_equal(erf(x), [1, -1, np.nan, 0, 0])
        assert np.signbit(erf(x)[4])
        np.testing.assert_array_equal(erfc_positive(np.array([0, 30, np.inf], dtype)), [1, 0, 0])
