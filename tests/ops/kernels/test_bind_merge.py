"""Arithmetic, concatenation, batch normalisation and reductions of every tier against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, check, close, numbers, tier_named

from kmin.ops.batch_norm import BatchNormAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.kernels.bind import run_bound
from kmin.ops.kernels.bind_merge import BINARY_KERNELS, REDUCE_KERNELS, spread
from kmin.ops.reduce import ReduceAttrs

Shape = tuple[int, ...]


@pytest.mark.parametrize("kind", BINARY_KERNELS)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((1,), (1,)),
        ((7,), (7,)),
        ((3, 5, 17), (3, 5, 17)),
        ((3, 5, 17), (1, 1, 17)),
        ((1, 1, 33), (4, 4, 33)),
        ((4, 6, 3), (4, 6, 1)),
        ((4, 1, 1), (4, 6, 3)),
        ((4, 6, 3), (1, 6, 1)),
        ((4, 6, 3), (1, 1, 1)),
    ],
)
@pytest.mark.parametrize("name", TIERS)
def test_binary_of_two_tensors(name: str, left: Shape, right: Shape, kind: str) -> None:
    for rows in (0, 1, 3):
        check("binary", name, [numbers(1, rows, *left), numbers(2, rows, *right)], BinaryAttrs(kind), data=2)


@pytest.mark.parametrize("kind", BINARY_KERNELS)
@pytest.mark.parametrize("constant", [(), (1,), (17,), (1, 17), (5, 1), (3, 5, 17), (1, 1, 1, 17), (1, 3, 5, 17)])
@pytest.mark.parametrize("name", TIERS)
def test_binary_with_a_constant(name: str, constant: Shape, kind: str) -> None:
    x, c = numbers(1, 3, 3, 5, 17), np.asarray(numbers(2, *constant))
    wanted = check("binary", name, [x, c], BinaryAttrs(kind))
    if kind == "subtract":  # operands the other way round
        tier = tier_named(name)
        from kmin.ops.kernels.bind_merge import bind_binary
        from kmin.ops.tensor import TensorSpec

        spec = TensorSpec((None, 3, 5, 17))
        bound = bind_binary(tier, [TensorSpec(constant), spec], [c, None], spec, BinaryAttrs(kind))
        assert bound is not None
        y = np.empty_like(x)
        bound.kernels[0](x, y)
        np.testing.assert_array_equal(y, -wanted)


@pytest.mark.parametrize("kind", ["maximum", "minimum"])
@pytest.mark.parametrize("name", TIERS)
def test_extremes_hand_on_nan(name: str, kind: str) -> None:
    left, right = numbers(1, 2, 37), numbers(2, 2, 37)
    left[0, 3] = right[1, 36] = np.nan
    got = check("binary", name, [left, right], BinaryAttrs(kind), data=2)
    assert np.isnan(got).sum() == 2


@pytest.mark.parametrize("name", TIERS)
def test_what_binary_leaves_to_numpy(name: str) -> None:
    tier = tier_named(name)
    x = numbers(1, 2, 4, 5)
    assert run_bound("binary", tier, [x, numbers(2, 2, 1, 5)], BinaryAttrs("power"), 2) is None
    assert run_bound("binary", tier, [numbers(1, 2, 4, 1), numbers(2, 2, 1, 5)], BinaryAttrs("add"), 2) is None
    assert run_bound("binary", tier, [x, x.astype(np.float64)], BinaryAttrs("add"), 2) is None
    assert run_bound("binary", tier, [x, np.ones(5, np.float64)], BinaryAttrs("add")) is None
    assert run_bound("binary", tier, [x, numbers(2, 2, 4, 5)], BinaryAttrs("add")) is None  # a constant per row


def test_spread() -> None:
    assert spread((17,), (3, 5, 17)) == (15, 17, 1)
    assert spread((5, 1), (3, 5, 17)) == (3, 5, 17)
    assert spread((3, 1, 17), (3, 5, 17)) is None
    assert spread((1, 1, 1), (3, 5, 17)) == (255, 1, 1)
    assert spread((2, 17), (17,)) is None


@pytest.mark.parametrize("sizes", [(1,), (3, 5), (17, 1, 16), (2, 3, 4, 5, 6, 7)])
@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("name", TIERS)
def test_concat(name: str, axis: int, sizes: Shape) -> None:
    for rows in (0, 1, 3):
        shapes = [[rows, 2, 3, 4] for _ in sizes]
        for shape, size in zip(shapes, sizes, strict=True):
            shape[axis] = size
        arrays = [numbers(at, *shape) for at, shape in enumerate(shapes)]
        check("concat", name, arrays, ConcatAttrs(axis), data=len(arrays))


@pytest.mark.parametrize("name", TIERS)
def test_concat_of_too_many_or_of_constants_is_left_to_numpy(name: str) -> None:
    tier = tier_named(name)
    arrays = [numbers(at, 2, 3) for at in range(15)]
    assert run_bound("concat", tier, arrays, ConcatAttrs(-1), data=15) is None
    assert run_bound("concat", tier, arrays[:2], ConcatAttrs(-1)) is None
    with pytest.raises(ValueError, match="at most 14 arrays; received 15"):
        tier.concat(1, [3] * 15)


@pytest.mark.parametrize("channels", [1, 3, 16, 17, 33])
@pytest.mark.parametrize("name", TIERS)
def test_batch_norm(name: str, channels: int) -> None:
    mean, variance = numbers(2, channels), numbers(3, channels) ** 2
    for rows in (0, 1, 3):
        for gamma, beta in ((numbers(4, channels), numbers(5, channels)), (None, None)):
            x = numbers(1, rows, 3, 2, channels)
            check("batch_norm", name, [x, gamma, beta, mean, variance], BatchNormAttrs(-1, 1e-3))
    arrays = [numbers(1, 2, channels, 3), None, None, mean, variance]
    assert run_bound("batch_norm", tier_named(name), arrays, BatchNormAttrs(1, 1e-3)) is None


@pytest.mark.parametrize("kind", REDUCE_KERNELS)
@pytest.mark.parametrize("channels", [2, 7, 16, 33])
@pytest.mark.parametrize("name", TIERS)
def test_reduce(name: str, channels: int, kind: str) -> None:
    for rows in (0, 1, 3):
        for shape, axes in (((4, 5), (1, 2)), ((9, 8), (-2,)), ((65, 2), (1,)), ((1, 1), (1, 2))):
            for keepdims in (False, True):
                check("reduce", name, [numbers(1, rows, *shape, channels)], ReduceAttrs(kind, axes, keepdims))


@pytest.mark.parametrize("name", TIERS)
def test_a_long_mean_rounds_little(name: str) -> None:
    x = np.abs(numbers(1, 1, 50_000, 3)) + np.float32(1)
    got = run_bound("reduce", tier_named(name), [x], ReduceAttrs("mean", (1,)))
    close(got, np.mean(x, axis=1, dtype=np.float64).astype(np.float32), 3e-6)  # two levels of float32 sums


@pytest.mark.parametrize("name", TIERS)
def test_what_reduce_leaves_to_numpy(name: str) -> None:
    x = numbers(1, 2, 4, 5)
    for attrs in (ReduceAttrs("mean", (0,)), ReduceAttrs("mean", (2,)), ReduceAttrs("prod", (1,))):
        assert run_bound("reduce", tier_named(name), [x], attrs) is None
