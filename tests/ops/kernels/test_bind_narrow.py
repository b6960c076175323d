"""Narrow dense layers in one kernel, on every tier, against NumPy's and, bit for bit, against one kernel for each."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import GUARD, TIERS, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.dense import DenseAttrs
from kmin.ops.kernels.bind_narrow import MOST_LAYERS, MOST_WIDTH, Layer, bind_narrow, gains, narrow_layer
from kmin.ops.kernels.bound import after_of
from kmin.ops.tensor import Array, TensorSpec

LAYERS: dict[str, tuple[int, tuple[tuple[int, str], ...]]] = {
    "decreasing": (64, ((33, "relu"), (17, "silu"), (9, "relu6"), (5, "linear"), (3, "gelu"), (2, "selu"))),
    "most": (
        2,
        (
            (64, "tanh"),
            (1, "sigmoid"),
            (64, "linear"),
            (7, "relu"),
            (6, "tanh"),
            (16, "relu"),
            (32, "relu"),
            (64, "mish"),
        ),
    ),
    "one_in_one_out": (1, ((12, "relu"), (1, "linear"))),
    "smallest": (10, ((10, "relu"), (20, "tanh"), (10, "sigmoid"), (1, "linear"))),
}
ROWS = (0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 48, 64, 65, 100, 999)


def made(case: str, rows_per_sample: int = 1) -> list[Layer]:
    k, rows = LAYERS[case]
    layers = []
    for number, (n, kind) in enumerate(rows):
        after = after_of(kind, ())
        assert after is not None
        weights = numbers(number, k, n) / np.float32(k) ** np.float32(0.5)
        layers.append(Layer(weights, numbers(9 + number, n) if number % 3 else None, after, rows_per_sample))
        k = n
    return layers


def by_ops(case: str, layers: list[Layer], x: Array) -> Array:
    for layer, (_, kind) in zip(layers, LAYERS[case][1], strict=True):
        (x,) = OPS["dense"].run([x, layer.weights, layer.bias], DenseAttrs(kind))
    return x


@pytest.mark.parametrize("case", LAYERS)
@pytest.mark.parametrize("name", TIERS)
def test_layers_are_those_of_numpy(case: str, name: str) -> None:
    layers, tier = made(case), tier_named(name)
    (kernel,) = bind_narrow(tier, layers).kernels
    x = numbers(5, max(ROWS), LAYERS[case][0])
    n = layers[-1].weights.shape[1]
    one_by_one = x
    for weights, bias, (low, high, function, args), _ in layers:
        one_by_one, given = np.empty((len(x), weights.shape[1]), np.float32), one_by_one
        tier.dense(weights, bias, 1, low, high, function, args)(given, one_by_one)
    for rows in ROWS:
        for threads in (1, 2):
            space = np.full(rows * n + 2 * GUARD, 7, np.float32)
            y = space[GUARD : GUARD + rows * n].reshape(rows, n)
            kernel(x[:rows], y, threads=threads)
            np.testing.assert_array_equal(space[:GUARD], 7)
            np.testing.assert_array_equal(space[GUARD + rows * n :], 7)
            np.testing.assert_array_equal(y, one_by_one[:rows])
    close(y, by_ops(case, layers, x))
    exact = by_ops(
        case, [layer._replace(weights=layer.weights.astype(np.float64)) for layer in layers], x.astype(np.float64)
    )
    close(y, exact.astype(np.float32))


@pytest.mark.parametrize("name", TIERS)
def test_samples_may_have_several_rows(name: str) -> None:
    layers = made("smallest", 3)
    (kernel,) = bind_narrow(tier_named(name), layers).kernels
    x = numbers(5, 21, 3, 10)
    y = np.empty((21, 3, 1), np.float32)
    kernel(x, y)
    close(y, by_ops("smallest", layers, x))


@pytest.mark.parametrize("name", TIERS)
def test_infinity_and_nan_stay_in_their_rows(name: str) -> None:
    layers = made("smallest")
    (kernel,) = bind_narrow(tier_named(name), layers).kernels
    x = numbers(5, 40, 10)
    x[3, 2], x[20, 0], x[37, 9] = np.nan, np.inf, -np.inf
    y = np.empty((40, 1), np.float32)
    kernel(x, y)
    with np.errstate(all="ignore"):
        wanted = by_ops("smallest", layers, x)
    np.testing.assert_array_equal(np.isnan(y), np.isnan(wanted))
    close(y[~np.isnan(y)], wanted[~np.isnan(wanted)])


def test_too_many_layers_are_refused() -> None:
    layers = made("most")
    with pytest.raises(ValueError, match=f"at most {MOST_LAYERS} layers of at most {MOST_WIDTH} values"):
        bind_narrow(tier_named(TIERS[0]), [*layers, *layers])


def test_what_is_a_narrow_layer() -> None:
    def found(k: int, n: int, kind: str = "relu", constant: bool = True) -> bool:
        weights = np.zeros((k, n), np.float32)
        specs = (TensorSpec((None, k), "float32"), TensorSpec((k, n), "float32"), None)
        constants = (None, weights if constant else None, None)
        return narrow_layer("dense", specs, constants, TensorSpec((None, n), "float32"), DenseAttrs(kind)) is not None

    assert found(64, 64)
    assert not found(65, 4)
    assert not found(4, 65)
    assert not found(4, 4, "softmax")
    assert not found(4, 4, constant=False)
    assert narrow_layer("conv", (), (), TensorSpec((None, 4), "float32"), None) is None


def test_whole_vectors_gain_nothing() -> None:
    square = Layer(np.zeros((32, 32), np.float32), None, after_of("relu", ()), 1)  # type: ignore[arg-type]
    assert not gains([square, square], 16)
    assert gains(made("smallest"), 16)
