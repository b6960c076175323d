"""LSTM layers over images of every tier against NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.conv_lstm import ConvLstmAttrs
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound
from kmin.ops.tensor import Array, TensorSpec

OP = OPS["conv_lstm"]
WEIGHTS = (1, 2, 3)


@dataclass(frozen=True)
class Layer:
    """Such a layer and what it is given."""

    image: tuple[int, ...] = (5, 6)
    window: tuple[int, ...] = (3, 3)
    channels: int = 2
    filters: int = 5
    steps: int = 4
    rows: int = 2
    masked: bool = False
    states: tuple[bool, bool] = (False, False)
    bias: bool = True
    options: tuple[tuple[str, Any], ...] = ()

    def attrs(self) -> ConvLstmAttrs:
        ones = (1,) * len(self.window)
        return ConvLstmAttrs(**{"strides": ones, "dilation": ones, "padding": "same", **dict(self.options)})

    def arrays(self) -> list[Array | None]:
        width, taps = 4 * self.filters, int(np.prod(self.window))
        kernel = numbers(2, *self.window, self.channels, width) / np.float32((taps * self.channels) ** 0.5)
        recurrent = numbers(3, *self.window, self.filters, width) / np.float32(2 * (taps * self.filters) ** 0.5)
        x = numbers(1, self.rows, self.steps, *self.image, self.channels)
        bias = numbers(4, width) if self.bias else None
        mask = np.random.default_rng(5).random((self.rows, self.steps)) < 0.5 if self.masked else None
        specs = [TensorSpec(array.shape, "float32") for array in (x, kernel, recurrent)]
        state = OP.infer([*specs, None, None], self.attrs())[1].shape
        given = [numbers(6 + at, *(s or 0 for s in state)) if self.states[at] else None for at in range(2)]
        return [x, kernel, recurrent, bias, mask, *given]


def bind(layer: Layer, name: str, arrays: Sequence[Array | None]) -> tuple[Bound | None, tuple[TensorSpec, ...]]:
    specs = [
        None
        if array is None
        else TensorSpec(array.shape if at in WEIGHTS else (None, *array.shape[1:]), str(array.dtype))
        for at, array in enumerate(arrays)
    ]
    constants = [array if at in WEIGHTS else None for at, array in enumerate(arrays)]
    results = OP.infer(specs, layer.attrs())
    return BINDERS["conv_lstm"](tier_named(name), specs, constants, results[0], layer.attrs()), results


def run(layer: Layer, name: str, arrays: Sequence[Array | None], threads: int = 1) -> list[Array]:
    """y and the last states by the tier's kernel."""
    bound, results = bind(layer, name, arrays)
    assert bound is not None
    made = [np.full((layer.rows, *(s or 0 for s in spec.shape[1:])), np.nan, np.float32) for spec in results]
    sources = [array for array in (arrays[at] for at in bound.reads) if array is not None]
    bound.kernels[0](*sources, *made, threads=threads)
    return made


def check(layer: Layer, name: str, tolerance: float = 3e-6) -> None:
    """The kernel's results are NumPy's in float64, and the same on one thread and on two."""
    arrays = layer.arrays()
    wide = [array if array is None or array.dtype == bool else array.astype(np.float64) for array in arrays]
    got = run(layer, name, arrays)
    for mine, wanted in zip(got, OP.run(wide, layer.attrs()), strict=True):
        close(mine, wanted.astype(np.float32), tolerance)
    for mine, other in zip(got, run(layer, name, arrays, threads=2), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("name", TIERS)
def test_sizes(name: str) -> None:
    for channels, filters in ((1, 1), (3, 7), (1, 16), (17, 20), (16, 33)):
        for rows in (0, 1, 3):
            check(Layer(channels=channels, filters=filters, rows=rows), name)
    for image in ((1, 1), (1, 9), (13, 2), (24, 21)):
        for steps in (1, 2, 9):
            check(Layer(image=image, filters=16, steps=steps, rows=1), name)


@pytest.mark.parametrize("name", TIERS)
def test_axes(name: str) -> None:
    check(Layer(image=(9,), window=(3,), filters=18), name)
    check(Layer(image=(9,), window=(4,), filters=3), name)
    check(Layer(image=(40,), window=(1,), filters=3, channels=5), name)
    check(Layer(image=(12, 11), window=(1, 1), filters=8), name)
    check(Layer(image=(12, 11), window=(5, 5), filters=8), name)
    check(Layer(image=(12, 11), window=(2, 4), filters=8), name)
    for filters in (3, 17):
        check(Layer(image=(3, 4, 5), window=(3, 2, 3), filters=filters), name)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("name", TIERS)
def test_strides_and_dilation(name: str, padding: str) -> None:
    for filters in (4, 16):
        check(Layer((9, 8), filters=filters, options=(("strides", (2, 3)), ("padding", padding))), name)
        check(Layer((9, 8), filters=filters, options=(("dilation", (2, 2)), ("padding", padding))), name)
        check(Layer((9, 8), filters=filters, options=(("padding", padding),)), name)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", TIERS)
def test_masks_states_and_orders(name: str, masked: bool, sequences: bool, backwards: bool) -> None:
    walk = {"go_backwards": backwards, "return_sequences": sequences}
    for states in ((False, False), (True, True), (True, False), (False, True)):
        for rows in (1, 6):
            layer = Layer(filters=9, rows=rows, masked=masked, states=states, options=tuple(walk.items()))
            check(layer, name)
    check(Layer((18, 18), filters=16, steps=30, masked=masked, options=tuple(walk.items())), name)


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", TIERS)
def test_no_step_is_seen(name: str, sequences: bool) -> None:
    for states in ((False, False), (True, True)):
        layer = Layer(masked=True, states=states, options=(("return_sequences", sequences),))
        arrays = layer.arrays()
        arrays[4] = np.zeros((layer.rows, layer.steps), bool)
        for mine, wanted in zip(run(layer, name, arrays), OP.run(arrays, layer.attrs()), strict=True):
            np.testing.assert_array_equal(mine, wanted)


@pytest.mark.parametrize(
    ("kind", "args"),
    [("linear", ()), ("relu", ()), ("hard_sigmoid", (0.2, 0.5)), ("softsign", ()), ("sigmoid", ()), ("selu", ())],
)
@pytest.mark.parametrize("name", TIERS)
def test_activations(name: str, kind: str, args: tuple[float, ...]) -> None:
    state = (("activation", kind), ("activation_args", args))
    gate = (("recurrent_activation", kind), ("recurrent_activation_args", args))
    for options in (state, gate, (*state, *gate)):
        check(Layer(filters=6, bias=False, options=options), name, tolerance=1e-5)


@pytest.mark.parametrize("name", TIERS)
def test_what_numpy_runs(name: str) -> None:
    """Functions over an axis, numbers in other types, and weights that zeros cannot be left out with."""
    softmax = Layer(options=(("activation", "softmax"),))
    assert bind(softmax, name, softmax.arrays())[0] is None
    layer = Layer()
    arrays = layer.arrays()
    assert bind(layer, name, [None if a is None else a.astype(np.float64) for a in arrays])[0] is None
    assert arrays[2] is not None
    arrays[2][0, 0, 0, 0] = np.inf
    assert bind(layer, name, arrays)[0] is None
