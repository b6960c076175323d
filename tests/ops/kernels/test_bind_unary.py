"""Elementwise mathematics of every tier against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, numbers, tier_named

from kmin.ops.kernels.bind import run_bound
from kmin.ops.kernels.bind_unary import UNARY_KERNELS
from kmin.ops.unary import UNARIES, UnaryAttrs


@pytest.mark.parametrize("kind", UNARY_KERNELS)
@pytest.mark.parametrize("name", TIERS)
def test_unary(name: str, kind: str) -> None:
    for shape in ((0, 4), (1, 1), (3, 5), (2, 3, 33), (7, 64)):
        x = numbers(5, *shape) * 3
        check("unary", name, [np.abs(x) if kind in ("log", "rsqrt", "sqrt") else x], UnaryAttrs(kind))


@pytest.mark.parametrize("kind", UNARY_KERNELS)
@pytest.mark.parametrize("name", TIERS)
def test_unary_of_zeros_infinities_and_nan(name: str, kind: str) -> None:
    x = np.array([[0.0, -0.0, np.inf, -np.inf, np.nan, -1.0]] * 6, np.float32)
    got = run_bound("unary", tier_named(name), [x], UnaryAttrs(kind))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(got, UNARIES[kind](x), rtol=2e-6)


@pytest.mark.parametrize("name", TIERS)
def test_what_is_left_to_numpy(name: str) -> None:
    x = numbers(1, 2, 5)
    assert run_bound("unary", tier_named(name), [x], UnaryAttrs("sin")) is None
    assert run_bound("unary", tier_named(name), [x.astype(np.float64)], UnaryAttrs("exp")) is None
