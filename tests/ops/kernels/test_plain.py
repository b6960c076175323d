"""Large dense layers of few rows, whose weights stay where they are: what packed weights give, bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, numbers, tier_named

from kmin.ops.tensor import Array

SIZES = [(1, 1), (7, 3), (90, 2100), (256, 777), (300, 40), (700, 1000), (513, 64)]


def both(name: str, x: Array, weights: Array, bias: Array | None, more: Array | None = None, **after: Any) -> Array:
    """The kernel's results on one and two threads, which must be those of packed weights."""
    from kmin.ops.kernels._plain import plain

    tier, rows, n = tier_named(name), len(x), weights.shape[1]
    kept = weights.copy()
    one, two, packed = (np.full((count, n), 7, np.float32) for count in (rows, rows, rows + 1))
    kernel = plain(tier, weights, bias, residual=more is not None, **after)
    given = [x] if more is None else [x, more]
    kernel(*given, one)
    kernel(*given, two, threads=2)
    # One row more, so that no row is read by a kernel for single ones.
    given = [np.concatenate([each, each[:1]]) if rows else np.zeros((1, each.shape[1]), np.float32) for each in given]
    with np.errstate(all="ignore"):
        tier.dense(weights, bias, residual=more is not None, **after)(*given, packed)
    np.testing.assert_array_equal(weights, kept)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, packed[:rows])
    return one


def zeroed(x: Array, kept: float) -> Array:
    return np.where(np.random.default_rng(5).random(x.shape) < kept, x, np.float32(0))


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize(("k", "n"), SIZES)
def test_as_packed_weights(name: str, rows: int, k: int, n: int) -> None:
    weights, bias = numbers(2, k, n) / np.float32(np.sqrt(k)), numbers(3, n)
    for kept in (1, 0.5, 0.1, 0):
        x = zeroed(numbers(1, rows, k), kept)
        y = both(name, x, weights, bias, low=0.0)
        exact = np.maximum(x.astype(np.float64) @ weights.astype(np.float64) + bias, 0)
        np.testing.assert_allclose(y, exact, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("n", [96, 201])
def test_what_is_done_to_sums(name: str, n: int) -> None:
    x, weights, bias, more = zeroed(numbers(1, 3, 300), 0.5), numbers(2, 300, n), numbers(3, n), numbers(4, 3, n)
    both(name, x, weights, None)
    both(name, x, weights, bias, function="tanh")
    both(name, x, weights, bias, more, low=-1.0, high=1.0)
    both(name, x, weights, None, more, function="sigmoid")


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, 1e-41, -0.0])
def test_inputs_of_any_kind(name: str, value: float) -> None:
    x, weights = zeroed(numbers(1, 2, 300), 0.3), numbers(2, 300, 150)
    x[1, 17] = value
    both(name, x, weights, numbers(3, 150))
    both(name, x[1:], weights, None)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [(0, 0), (3, 70), (299, 149)])
def test_weights_that_are_not_finite_meet_zeros(name: str, value: float, at: tuple[int, int]) -> None:
    weights = numbers(2, 300, 150)
    weights[at] = value
    y = both(name, np.zeros((1, 300), np.float32), weights, None)
    assert np.isnan(y[0, at[1]])
    assert np.count_nonzero(y) == 1


@pytest.mark.parametrize("name", TIERS)
def test_rows_of_the_result_may_lie_apart(name: str) -> None:
    from kmin.ops.kernels._plain import plain

    x, weights = numbers(1, 5, 40), numbers(2, 40, 70)
    kernel = plain(tier_named(name), weights, None)
    assert kernel.writes_apart
    assert not kernel.reads_apart
    assert kernel.columns == 70
    assert kernel.packed is None
    kernel.lay_apart(write=70)
    y = np.empty((5, 70), np.float32)
    kernel(x, y)
    np.testing.assert_allclose(y, x @ weights, rtol=1e-5, atol=1e-5)
