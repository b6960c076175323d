"""Products by halves of every tier against NumPy and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, bound_kernel, check, close, numbers, tier_named

from kmin.ops.conv import ConvAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.kernels.bind_strassen import Rows, cut, pays, strassen
from kmin.ops.kernels.bound import After
from kmin.ops.tensor import Array

# (rows, depth, columns)
SHAPES = [(1, 2, 2), (2, 4, 6), (5, 6, 10), (29, 34, 70), (57, 130, 66), (97, 256, 130), (130, 32, 300), (40, 600, 34)]


def run(name: str, x: Array, weights: Array, bias: Array | None, after: After, residual: Array | None = None) -> Array:
    """The result on one thread, which must be that on several."""
    samples, count, depth = x.shape
    rows = Rows(count, count, 0, depth, count * depth)
    made = strassen(tier_named(name), weights, bias, rows, after, residual is not None)
    sources = [x] if residual is None else [x, residual]
    one, many = (np.full((samples, count, weights.shape[1]), np.nan, np.float32) for _ in range(2))
    made(*sources, one)
    made(*sources, many, threads=3)
    np.testing.assert_array_equal(one, many)
    return one


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", TIERS)
def test_products(name: str, shape: tuple[int, int, int]) -> None:
    count, depth, columns = shape
    weights, bias = numbers(2, depth, columns) / np.float32(depth**0.5), numbers(3, columns)
    for samples in (0, 1, 3):
        x, more = numbers(1, samples, count, depth), numbers(4, samples, count, columns)
        exact = x.astype(np.float64) @ weights + bias
        close(run(name, x, weights, bias, After()), exact.astype(np.float32), 4e-6)
        close(run(name, x, weights, None, After(low=0.0)), np.maximum(exact - bias, 0).astype(np.float32), 4e-6)
        close(run(name, x, weights, bias, After(function="tanh")), np.tanh(exact).astype(np.float32), 4e-6)
        wanted = np.clip(exact + more, -1, 1).astype(np.float32)
        close(run(name, x, weights, bias, After(-1.0, 1.0), more), wanted, 4e-6)


@pytest.mark.parametrize("name", TIERS)
def test_blocks_of_a_group_go_through_its_weights_in_sets(name: str) -> None:
    from kmin.ops.kernels._strassen import strassen as bind

    tier, count = tier_named(name), 91
    blocks = -(-(count + 1) // 2 // tier.tile_rows) + 5
    x, weights, more = numbers(1, 2, count, 410), numbers(2, 410, 70) / 20, numbers(3, 2, count, 70)
    wanted = (x.astype(np.float64) @ weights + more).astype(np.float32)
    for groups in (1, 2, 3, blocks):
        result = np.full_like(wanted, np.nan)
        made = bind(tier, weights, None, count, count, 0, 410, count * 410, blocks, groups, 2, residual=True)
        made(x, more, result, threads=2)
        close(result, wanted, 4e-6)


@pytest.mark.parametrize("name", TIERS)
def test_rounding_stays_near_that_of_plain_sums(name: str) -> None:
    tier = tier_named(name)
    for depth in (256, 728):
        x, weights = np.maximum(numbers(1, 1, 112, depth), 0), numbers(2, depth, 128) / np.float32(depth**0.5)
        exact = x.astype(np.float64) @ weights
        plain = np.empty((1, 112, 128), np.float32)
        tier.dense(weights, None, 112)(x, plain)
        errors = [float(np.sqrt(np.mean((y - exact) ** 2))) for y in (run(name, x, weights, None, After()), plain)]
        assert errors[0] < 1.6 * errors[1], (depth, errors)


@pytest.mark.parametrize("name", TIERS)
def test_dense_and_convolutions_of_one_tap_are_taken_by_halves(name: str) -> None:
    x, kernel, bias = numbers(1, 2, 130, 256), numbers(2, 256, 192) / 16, numbers(3, 192)
    attrs = DenseAttrs("gelu", ())
    assert "strassen" in bound_kernel("dense", name, [x, kernel, bias], attrs).name
    check("dense", name, [x, kernel, bias], attrs, tolerance=4e-6)
    image, taps = numbers(4, 2, 21, 20, 256), kernel.reshape(1, 1, 256, 192)
    for strides in ((1, 1), (2, 2), (1, 2)):
        conv = ConvAttrs(strides, (1, 1), "valid", 1, "relu", ())
        assert "strassen" in bound_kernel("conv", name, [image, taps, bias], conv).name
        check("conv", name, [image, taps, bias], conv, tolerance=4e-6)


@pytest.mark.parametrize("name", TIERS)
def test_rows_of_results_may_lie_apart(name: str) -> None:
    from kmin.plan._runner import Program

    x, weights = numbers(1, 2, 9, 20), numbers(2, 20, 18) / 4
    made = strassen(tier_named(name), weights, None, Rows(9, 9, 0, 20, 180), After(function="tanh"), False)
    assert made.writes_apart
    made.lay_apart(write=40)
    operands = ((1, 0, 4 * 180, 0), (2, 0, 4 * 360, 4 * 7))
    program = Program([(made, operands)], [((9, 20), "float32")], [((9, 40), "float32")], 0, 1, 1e6)
    results = program.run([x])
    assert results is not None
    close(results[0][..., 7:25], np.tanh(x @ weights), 4e-6)


def test_where_halves_pay() -> None:
    def weights(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    assert pays(196, weights(512, 512), 16)
    assert pays(49, weights(1024, 1024), 16)
    assert pays(196, weights(512, 512), 8)
    assert not pays(49, weights(1024, 1024), 8)  # too many weights for so few rows of short vectors
    assert not pays(1, weights(512, 512), 16)
    assert not pays(49, weights(320, 1280), 16)  # reading the weights takes longer
    assert not pays(3136, weights(64, 256), 16)  # what is done around the products
    assert not pays(196, weights(96, 576), 16)
    assert not pays(196, weights(511, 512), 16)
    assert not pays(196, weights(672, 112), 16)  # half the columns would be padded


@pytest.mark.parametrize("name", TIERS)
def test_cuts(name: str) -> None:
    tier = tier_named(name)
    for rows in (1, 2, 49, 130, 196, 361, 3136):
        for depth, columns in ((64, 64), (512, 2048), (2048, 512)):
            blocks, groups, parts = cut(rows, depth, columns, tier)
            pairs = (rows + 1) // 2
            assert 1 <= groups <= blocks <= pairs
            assert -(-pairs // blocks) <= tier.tile_rows
            assert 1 <= parts <= -(-columns // (4 * tier.lanes))
