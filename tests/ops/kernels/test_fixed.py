"""Dense layers of single rows whose weights are read as fixed-point numbers, where the tier has them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, numbers, tier_named

from kmin.ops.dense import DenseAttrs
from kmin.ops.tensor import Array

DRAWS: dict[str, Callable[[np.random.Generator, int, int], Array]] = {
    "laplace": lambda rng, k, n: rng.laplace(size=(k, n)),
    "normal": lambda rng, k, n: rng.normal(size=(k, n)),
    "uniform": lambda rng, k, n: rng.uniform(-1, 1, (k, n)),
}
SIZES = [(128, 128), (300, 200), (512, 64), (784, 130), (1031, 192)]


def single(name: str, x: Array, weights: Array, bias: Array | None = None) -> tuple[Array, Array, bool]:
    """A row by the kernel of single rows and by that of several, and whether the first has numbers of its own."""
    tier, n = tier_named(name), weights.shape[1]
    one, two = tier.dense(weights, bias), tier.dense(weights, bias, 2)
    y, both = np.full((1, n), 7, np.float32), np.full((1, 2 * n), 7, np.float32)
    one(x, y)
    two(np.concatenate([x, x], axis=1), both)
    return y, both[:, :n], one.constant_bytes > two.constant_bytes


def weights_of(kind: str, k: int, n: int) -> Array:
    return (DRAWS[kind](np.random.default_rng(k), k, n) / np.sqrt(k)).astype(np.float32)


def rms(error: Array) -> float:
    return float(np.sqrt(np.mean(np.square(error))))


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("k", "n"), SIZES)
def test_as_numpy(name: str, k: int, n: int) -> None:
    arrays = [numbers(1, 1, k), weights_of("uniform", k, n), numbers(3, n)]
    check("dense", name, arrays, DenseAttrs("relu"))
    check("dense", name, arrays, DenseAttrs("tanh"))


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 29])
@pytest.mark.parametrize(("k", "n"), [(512, 480), (300, 150), (1000, 352), (700, 500)])
def test_rows_that_are_taken_apart(name: str, rows: int, k: int, n: int) -> None:
    check("dense", name, [numbers(1, rows, k), weights_of("uniform", k, n), numbers(3, n)], DenseAttrs("linear"))


@pytest.mark.parametrize("name", TIERS)
def test_something_is_added(name: str) -> None:
    x, weights, more = numbers(1, 1, 300), weights_of("uniform", 300, 150), numbers(4, 1, 150)
    y = np.empty((1, 150), np.float32)
    tier_named(name).dense(weights, None, residual=True)(x, more, y)
    np.testing.assert_allclose(y, single(name, x, weights)[0] + more, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("kind", DRAWS)
@pytest.mark.parametrize("kept", [1.0, 0.5])
@pytest.mark.parametrize(("k", "n"), SIZES)
def test_error_is_that_of_a_chain_of_sums(name: str, kind: str, kept: float, k: int, n: int) -> None:
    rng = np.random.default_rng(7)
    weights = weights_of(kind, k, n)
    got, chain = [], []
    for _ in range(5):
        x = (rng.normal(size=(1, k)) * (rng.random(k) < kept)).astype(np.float32)
        exact = x.astype(np.float64) @ weights.astype(np.float64)
        got.append(single(name, x, weights)[0] - exact)
        chain.append(np.add.accumulate(x[0, :, None] * weights, axis=0, dtype=np.float32)[-1] - exact)
    assert rms(np.array(got)) <= 1.5 * rms(np.array(chain))


@pytest.mark.parametrize("name", TIERS)
def test_columns_with_one_large_weight_keep_their_weights(name: str) -> None:
    weights = weights_of("normal", 256, 192)
    weights[3, 70] = 1000
    y, plain, _ = single(name, numbers(5, 1, 256), weights)
    np.testing.assert_array_equal(y[:, 64:128], plain[:, 64:128])


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("value", [1e30, -3e38, np.inf, -np.inf, np.nan])
def test_sums_that_are_not_finite(name: str, value: float) -> None:
    x = numbers(6, 1, 256)
    x[0, 17] = value
    y, plain, _ = single(name, x, weights_of("normal", 256, 128))
    np.testing.assert_array_equal(y, plain)


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("value", [0.0, 1e-30, -1e-41, 3e38, np.inf, np.nan])
def test_weights_of_any_size(name: str, value: float) -> None:
    weights = weights_of("normal", 256, 128)
    weights[:, 5] = value
    weights[:, 100] *= 0
    x = numbers(8, 1, 256)
    with np.errstate(all="ignore"):
        y, plain, _ = single(name, x, weights)
    np.testing.assert_array_equal(np.isfinite(y), np.isfinite(plain))
    np.testing.assert_allclose(y, plain, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(y[:, 100], 0)


def test_which_weights_are_fixed() -> None:
    for name in TIERS:
        for k, n, fits in ((256, 128, True), (64, 64, False), (2048, 1024, False), (1024, 63, False)):
            has = single(name, numbers(9, 1, k), weights_of("normal", k, n))[2]
            assert has == (fits and name == "avx512")
        heavy = weights_of("normal", 256, 128)
        heavy[0] = 100
        assert not single(name, numbers(9, 1, 256), heavy)[2]


@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize(("k", "n"), SIZES)
def test_numbers_are_taken_apart_alike_on_every_processor(
    name: str, k: int, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, weights = numbers(1, 1, k), weights_of("normal", k, n)
    own = single(name, x, weights)[0]
    monkeypatch.setattr(tier_named(name), "funnel", False)
    np.testing.assert_array_equal(single(name, x, weights)[0], own)
    check("dense", name, [x, weights, numbers(3, n)], DenseAttrs("relu"))
