"""Recurrent layers of one sample whose recurrent weights are read as fixed-point numbers, where the tier has them."""

from __future__ import annotations

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, tier_named
from ops.kernels.test_bind_recurrent import CELLS, Layer, bind, check, run

from kmin.ops import OPS
from kmin.ops.tensor import Array

SEQUENCES = (("return_sequences", True),)
BACKWARDS = (("go_backwards", True), ("return_sequences", True))
UNITS = {"gru": (112, 150, 250), "gru_reset_first": (190, 330), "lstm": (96, 104, 150, 250), "simple_rnn": (256, 330)}


def with_recurrent(layer: Layer, recurrent: Array) -> list[Array | None]:
    arrays = layer.arrays()
    arrays[2] = recurrent.astype(np.float32)
    return arrays


def rms(error: Array) -> float:
    return float(np.sqrt(np.mean(np.square(error))))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_sizes(name: str, cell: str) -> None:
    for units in UNITS[cell]:
        for features in (1, 40, 290):
            for options in (SEQUENCES, BACKWARDS):
                check(Layer(cell, units, 19, features, 1, options=options), name)
        check(Layer(cell, units, 8, 3, 1, masked=True, states=True), name)
        check(Layer(cell, units, 8, 3, 1, options=(*SEQUENCES, ("activation", "relu"))), name, 1e-5)


@pytest.mark.parametrize("kind", ["laplace", "normal", "orthogonal", "uniform"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_error_is_that_of_float32(name: str, cell: str, kind: str) -> None:
    layer, rng = Layer(cell, 256, 40, 8, 1), np.random.default_rng(5)
    width = CELLS[cell][0] * 256
    if kind == "orthogonal":
        weights = np.concatenate([np.linalg.qr(rng.normal(size=(256, 256)))[0] for _ in range(width // 256)], axis=1)
    elif kind == "uniform":
        weights = rng.uniform(-1, 1, (256, width)) / 16
    else:
        weights = getattr(rng, kind)(size=(256, width)) / 16
    arrays = with_recurrent(layer, 0.7 * weights)
    double = [array.astype(np.float64) if array is not None else None for array in arrays]
    exact = OPS[layer.op].run(double, layer.attrs())[0]
    plain = OPS[layer.op].run(arrays, layer.attrs())[0]
    assert rms(run(layer, name, arrays)[0] - exact) <= 1.5 * rms(plain - exact) + 2e-8


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_columns_with_one_large_weight(name: str, cell: str) -> None:
    layer = Layer(cell, 256, 9, 8, 1)
    weights = layer.arrays()[2]
    assert weights is not None
    weights = weights / 8
    weights[3, 70] = weights[200, 255] = 30
    arrays = with_recurrent(layer, weights)
    got = run(layer, name, arrays)
    for mine, other, wanted in zip(
        got, run(layer, name, arrays, 2), OPS[layer.op].run(arrays, layer.attrs()), strict=True
    ):
        close(mine, wanted, 1e-5)
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("value", [1e30, -1e30, np.nan])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_sums_that_are_not_finite(name: str, cell: str, value: float) -> None:
    layer = Layer(cell, 256, 2, 3, 1, states=True)
    arrays = layer.arrays()
    state = arrays[5]
    assert state is not None
    state[0, 17] = value
    with np.errstate(all="ignore"):
        wanted = OPS[layer.op].run(arrays, layer.attrs())
    got = run(layer, name, arrays)
    for mine, other, plain in zip(got, run(layer, name, arrays, 2), wanted, strict=True):
        np.testing.assert_array_equal(np.isfinite(mine), np.isfinite(plain))
        np.testing.assert_allclose(mine, plain, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("cell", CELLS)
def test_which_weights_are_fixed(cell: str) -> None:
    can = cell in ("gru_reset_first", "lstm")
    for name in TIERS:
        for units, fits in ((512, can), (32, False), (1100, False)):
            layer = Layer(cell, units, 2, 3, 1)
            plain = bind(layer, name, with_recurrent(layer, np.eye(units, CELLS[cell][0] * units)))[0]
            drawn = bind(layer, name, layer.arrays())[0]
            more = drawn.kernels[0].constant_bytes > plain.kernels[0].constant_bytes
            assert more == (fits and name == "avx512")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_numbers_are_taken_apart_alike_on_every_processor(
    name: str, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [Layer(cell, units, 19, features, 1, options=SEQUENCES) for units in UNITS[cell] for features in (1, 40)]
    own = [run(layer, name)[0] for layer in layers]
    monkeypatch.setattr(tier_named(name), "funnel", False)
    for layer, before in zip(layers, own, strict=True):
        np.testing.assert_array_equal(run(layer, name)[0], before)
        check(layer, name)
