"""Compiled ops of every tier against the NumPy ops they stand in for."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, TOLERANCE, check, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.activation import ACTIVATIONS, ActivationAttrs
from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_transpose import ConvTransposeAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.depthwise_conv import DepthwiseConvAttrs
from kmin.ops.kernels.bind import BINDERS, FUNCTIONS, run_bound
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.softmax import SoftmaxAttrs
from kmin.ops.tensor import Array

# Arguments of activations that take some.
ARGUMENTS: dict[str, tuple[float, ...]] = {
    "bounded_relu": (0.1, -0.5, 2.0),
    "celu": (1.3,),
    "elu": (0.7,),
    "hard_shrink": (0.5,),
    "hard_sigmoid": (0.2, 0.5),
    "leaky_relu": (0.2,),
    "shifted_relu": (0.25, 0.5),
    "soft_shrink": (0.5,),
    "squareplus": (4.0,),
    "threshold": (0.5, -7.0),
}
NATIVE = (*FUNCTIONS, "softmax", "log_softmax")
LOOSE = {
    "gelu": 2e-6,  # NumPy's erfc is within 2e-7, its exp(-x^2) within 30 ulp
    "log_softmax": 2e-6,  # sums in another order
    "squareplus": 2e-6,  # cancels below zero in both
    "tanh_shrink": 2e-6,  # cancels near zero in both
}


def dense_arrays(rows: int, k: int, n: int, bias: bool = True) -> list[Array | None]:
    return [numbers(1, rows, k), numbers(2, k, n) / np.float32(max(k, 1)) ** 0.5, numbers(3, n) if bias else None]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 7, 13, 14, 15, 29, 50])
@pytest.mark.parametrize(("k", "n"), [(1, 1), (3, 5), (10, 16), (17, 33), (64, 31), (5, 64), (8, 129), (33, 300)])
@pytest.mark.parametrize("name", TIERS)
def test_dense(name: str, rows: int, k: int, n: int) -> None:
    arrays = dense_arrays(rows, k, n)
    close(run_bound("dense", tier_named(name), arrays, DenseAttrs()), OPS["dense"].run(arrays, DenseAttrs())[0])


@pytest.mark.parametrize("rows", [5, 49, 100, 230])
@pytest.mark.parametrize("n", [8, 9, 24, 25, 40, 96, 112])
@pytest.mark.parametrize("name", TIERS)
def test_dense_of_few_columns(name: str, n: int, rows: int) -> None:
    for k in (17, 300, 700):
        check("dense", name, dense_arrays(rows, k, n), DenseAttrs("relu"))
        check("dense", name, dense_arrays(rows, k, n), DenseAttrs("silu"))


@pytest.mark.parametrize("rows", [90, 230, 460, 700, 900, 1130])
@pytest.mark.parametrize(("k", "n"), [(130, 1100), (70, 1024), (300, 520)])
@pytest.mark.parametrize("name", TIERS)
def test_dense_of_many_rows(name: str, k: int, n: int, rows: int) -> None:
    """Rows are cut into one block, into some that halve, and into some that do not."""
    check("dense", name, dense_arrays(rows, k, n), DenseAttrs())


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 14, 30])
@pytest.mark.parametrize("k", [255, 256, 257, 512, 700])
@pytest.mark.parametrize("name", TIERS)
def test_dense_of_long_rows(name: str, k: int, rows: int) -> None:
    for n in (7, 70):
        arrays = dense_arrays(rows, k, n)
        close(run_bound("dense", tier_named(name), arrays, DenseAttrs()), OPS["dense"].run(arrays, DenseAttrs())[0])


@pytest.mark.parametrize("k", [200, 256, 257, 700])
@pytest.mark.parametrize("name", TIERS)
def test_dense_rows_have_the_same_bits_among_many(name: str, k: int) -> None:
    for n in (7, 24, 40):
        x, *rest = dense_arrays(100, k, n)
        assert x is not None
        whole = run_bound("dense", tier_named(name), [x, *rest], DenseAttrs("relu"))
        assert whole is not None
        for first in (0, 41, 95):
            few = run_bound("dense", tier_named(name), [x[first : first + 5], *rest], DenseAttrs("relu"))
            np.testing.assert_array_equal(few, whole[first : first + 5])


@pytest.mark.parametrize("function", ["gelu", "silu", "tanh"])
@pytest.mark.parametrize("name", TIERS)
def test_functions_of_many_rows_are_those_of_few(name: str, function: str) -> None:
    """Of whole panels and of the last, narrower one."""
    for k, n in ((300, 40), (150, 32), (20, 29), (400, 5)):
        x, kernel, bias = numbers(1, 100, k), numbers(2, k, n) / np.float32(k**0.5), numbers(3, n)
        whole = run_bound("dense", tier_named(name), [x, kernel, bias], DenseAttrs(function))
        assert whole is not None
        check("dense", name, [x, kernel, bias], DenseAttrs(function), tolerance=3e-6)
        for first in (0, 41, 95):
            few = run_bound("dense", tier_named(name), [x[first : first + 5], kernel, bias], DenseAttrs(function))
            np.testing.assert_array_equal(few, whole[first : first + 5])


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("name", TIERS)
def test_long_sums_keep_their_digits(name: str, rows: int) -> None:
    x, kernel, _ = dense_arrays(rows, 8192, 32)
    assert x is not None
    assert kernel is not None
    x = np.abs(x)
    exact = x.astype(np.float64) @ kernel.astype(np.float64)
    got = run_bound("dense", tier_named(name), [x, kernel, None], DenseAttrs())
    error = np.sqrt(np.mean((got - exact) ** 2)) / np.abs(exact).max()
    assert error < 3e-7  # one accumulator over all 8192 products gives 1e-6 and more


@pytest.mark.parametrize("kind", NATIVE)
@pytest.mark.parametrize("name", TIERS)
def test_dense_with_activation(name: str, kind: str) -> None:
    attrs = DenseAttrs(kind, ARGUMENTS.get(kind, ()))
    for bias in (True, False):
        arrays = dense_arrays(19, 12, 37, bias)
        wanted = OPS["dense"].run(arrays, attrs)[0]
        close(run_bound("dense", tier_named(name), arrays, attrs), wanted, 2 * LOOSE.get(kind, TOLERANCE))


@pytest.mark.parametrize("name", TIERS)
def test_dense_over_the_last_of_many_axes(name: str) -> None:
    _, kernel, bias = dense_arrays(1, 6, 11)
    arrays = [numbers(4, 3, 2, 5, 6), kernel, bias]
    close(
        run_bound("dense", tier_named(name), arrays, DenseAttrs("relu")),
        OPS["dense"].run(arrays, DenseAttrs("relu"))[0],
    )


@pytest.mark.parametrize("name", TIERS)
def test_dense_of_strided_arrays(name: str) -> None:
    x = numbers(1, 24, 14)[::2, 1::2]
    kernel = np.asfortranarray(numbers(2, 7, 9))
    bias = numbers(3, 18)[::2]
    close(
        run_bound("dense", tier_named(name), [x, kernel, bias], DenseAttrs()),
        OPS["dense"].run([x, kernel, bias], DenseAttrs())[0],
    )


@pytest.mark.parametrize(
    ("k", "n"), [(70, 1), (70, 8), (70, 40), (70, 150), (300, 20), (600, 40), (1100, 10), (1024, 3), (1900, 33)]
)
@pytest.mark.parametrize("name", TIERS)
def test_a_row_does_not_depend_on_the_rows_beside_it(name: str, k: int, n: int) -> None:
    tier = tier_named(name)
    x, kernel, bias = dense_arrays(45, k, n)
    assert x is not None
    whole = run_bound("dense", tier, [x, kernel, bias], DenseAttrs("tanh"))
    assert whole is not None
    for rows in (1, 2, 3, 4, 9, 16, 31):
        part = run_bound("dense", tier, [x[:rows], kernel, bias], DenseAttrs("tanh"))
        np.testing.assert_array_equal(part, whole[:rows])


@pytest.mark.parametrize("name", TIERS)
def test_dense_writes_nothing_past_its_result(name: str) -> None:
    tier = tier_named(name)
    for rows, n in ((1, 5), (2, 33), (3, 130), (15, 17), (14, 31)):
        x, kernel, bias = dense_arrays(rows, 9, n)
        assert x is not None
        assert kernel is not None
        space = np.full(rows * n + 64, 7, np.float32)
        tier.dense(kernel, bias, function="tanh")(x, space[: rows * n].reshape(rows, n))
        np.testing.assert_array_equal(space[rows * n :], np.full(64, 7, np.float32))


@pytest.mark.parametrize("name", TIERS)
def test_a_kernel_refuses_arrays_it_was_not_bound_to(name: str) -> None:
    kernel = tier_named(name).elementwise("tanh", per_sample=4)
    for x, y in (((2, 5), (2, 4)), ((2, 4), (2, 5)), ((2, 4), (3, 4))):
        with pytest.raises(ValueError, match="tanh turns 4 values per sample into 4"):
            kernel(np.zeros(x, np.float32), np.zeros(y, np.float32))
    with pytest.raises(ValueError, match="C-contiguous arrays of float32"):
        kernel(np.zeros((2, 4), np.float32), np.zeros((2, 4)))


@pytest.mark.parametrize("name", TIERS)
def test_dense_hands_on_nan_and_infinity(name: str) -> None:
    x, kernel, bias = dense_arrays(20, 6, 10)
    assert x is not None
    x[3, 2], x[11, 0] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        wanted = OPS["dense"].run([x, kernel, bias], DenseAttrs("relu"))[0]
    close(run_bound("dense", tier_named(name), [x, kernel, bias], DenseAttrs("relu")), wanted)


@pytest.mark.parametrize("kind", NATIVE)
@pytest.mark.parametrize("name", TIERS)
def test_activation(name: str, kind: str) -> None:
    attrs = ActivationAttrs(kind, ARGUMENTS.get(kind, ()))
    special = np.array([0, -0.0, 1, -1, 0.5, -0.5, 3, -3, 88, -88, 1e-40, -1e-40, 1e4, -1e4], np.float32)
    for shape in ((0, 4), (1, 1), (3, 5), (2, 3, 33), (7, 64)):
        x = numbers(5, *shape) * 3
        x.reshape(-1)[: special.size] = special[: x.size]
        wanted = OPS["activation"].run([x], attrs)[0]
        close(run_bound("activation", tier_named(name), [x], attrs), wanted, LOOSE.get(kind, TOLERANCE))


@pytest.mark.parametrize("kind", NATIVE)
@pytest.mark.parametrize("name", TIERS)
def test_activation_of_nan_and_infinity(name: str, kind: str) -> None:
    attrs = ActivationAttrs(kind, ARGUMENTS.get(kind, ()))
    x = np.array([[np.nan, 1.0], [np.inf, 0.5], [-np.inf, -0.5]] * 6, np.float32)
    with np.errstate(all="ignore"):
        wanted = OPS["activation"].run([x], attrs)[0]
        got = run_bound("activation", tier_named(name), [x], attrs)
    assert got is not None
    np.testing.assert_allclose(got, wanted, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (2, 7), (3, 16), (4, 2, 33), (2, 100)])
@pytest.mark.parametrize("name", TIERS)
def test_softmax(name: str, shape: tuple[int, ...]) -> None:
    x = numbers(6, *shape) * 20
    attrs = SoftmaxAttrs((-1,))
    close(run_bound("softmax", tier_named(name), [x], attrs), OPS["softmax"].run([x], attrs)[0])


@pytest.mark.parametrize("kind", ["softmax", "log_softmax"])
@pytest.mark.parametrize("classes", [1, 2, 3, 10, 23, 24, 25])
@pytest.mark.parametrize("name", TIERS)
def test_softmax_of_many_short_rows(name: str, classes: int, kind: str) -> None:
    x = numbers(6, 3, 7, 9, classes) * 20
    x[0, 1, 2] = np.nan
    x[0, 1, 3, 0] = np.inf
    x[1, :2, :, 0] = -np.inf
    attrs = ActivationAttrs(kind)
    with np.errstate(invalid="ignore"):
        wanted = OPS["activation"].run([x], attrs)[0]
    got = run_bound("activation", tier_named(name), [x], attrs)
    assert got is not None
    np.testing.assert_allclose(got, wanted, rtol=5e-6, atol=1e-6)


@pytest.mark.parametrize("kind", ["softmax", "log_softmax"])
@pytest.mark.parametrize("name", TIERS)
def test_windows_whose_results_go_through_softmax(name: str, kind: str) -> None:
    x, kernel, bias = numbers(1, 2, 9, 11, 8), numbers(2, 3, 3, 8, 5) / 9, numbers(3, 5)
    check("conv", name, [x, kernel, bias], ConvAttrs((1, 1), (1, 1), "same", activation=kind))
    check("conv", name, [x, kernel[:1, :1], bias], ConvAttrs((1, 1), (1, 1), activation=kind))
    check("conv", name, [x, kernel[:, :, :4, :4], None], ConvAttrs((2, 1), (1, 1), groups=2, activation=kind))
    check("conv_transpose", name, [x, kernel.swapaxes(2, 3), bias], ConvTransposeAttrs((2, 2), (1, 1), activation=kind))
    check("depthwise_conv", name, [x, kernel[..., :1], None], DepthwiseConvAttrs((1, 1), (1, 1), activation=kind))


@pytest.mark.parametrize("name", TIERS)
def test_softmax_of_a_long_row_with_one_large_value(name: str) -> None:
    x = numbers(6, 2, 25000)
    x[:, 7] = 20
    wanted = np.exp(x - 20.0, dtype=np.float64)
    wanted /= wanted.sum(axis=1, keepdims=True)
    got = run_bound("softmax", tier_named(name), [x], SoftmaxAttrs((-1,)))
    assert got is not None
    np.testing.assert_allclose(got, wanted, rtol=5e-7)


@pytest.mark.parametrize("name", TIERS)
def test_what_has_no_kernel_is_left_to_numpy(name: str) -> None:
    tier = tier_named(name)
    x, kernel, bias = dense_arrays(2, 3, 4)
    assert x is not None
    double = [x.astype(np.float64), kernel, bias]
    assert run_bound("dense", tier, double, DenseAttrs()) is None
    assert run_bound("dense", tier, [x.astype(np.float16), kernel, bias], DenseAttrs()) is None
    assert run_bound("activation", tier, [x], ActivationAttrs("sparsemax")) is None
    assert run_bound("softmax", tier, [x[:, None]], SoftmaxAttrs((1,))) is None


@pytest.mark.parametrize("name", TIERS)
def test_reshape_is_free(name: str) -> None:
    x = numbers(7, 4, 6)
    got = run_bound("reshape", tier_named(name), [x], ReshapeAttrs((("x", 0), 2, -1)))
    assert got is not None
    np.testing.assert_array_equal(got, x.reshape(4, 2, 3))


def test_tables_name_what_exists() -> None:
    assert BINDERS.keys() <= OPS.keys()
    assert FUNCTIONS.keys() <= ACTIVATIONS.keys()
    for kind, (_, arguments) in FUNCTIONS.items():
        taken = len(inspect.signature(ACTIVATIONS[kind]).parameters) - 1
        assert len(inspect.signature(arguments).parameters) == taken == len(ARGUMENTS.get(kind, ())), kind
