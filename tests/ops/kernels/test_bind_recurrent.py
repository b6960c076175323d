"""Recurrent layers of every tier against NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from ops.kernels.against_numpy import TIERS, close, numbers, tier_named

from kmin.ops import OPS
from kmin.ops.gru import GruAttrs
from kmin.ops.kernels.bind import BINDERS
from kmin.ops.kernels.bound import Bound
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.tensor import Array, TensorSpec

CELLS = {"gru": (3, 1), "gru_reset_first": (3, 1), "lstm": (4, 2), "simple_rnn": (1, 1)}


@dataclass(frozen=True)
class Layer:
    """A recurrent layer and what it is given."""

    cell: str
    units: int
    steps: int = 9
    features: int = 4
    rows: int = 3
    masked: bool = False
    states: bool = False
    bias: bool = True
    options: tuple[tuple[str, Any], ...] = (("return_sequences", True),)

    @property
    def op(self) -> str:
        return self.cell.removesuffix("_reset_first")

    def attrs(self) -> RecurrenceAttrs:
        options = dict(self.options)
        if self.op == "gru":
            return GruAttrs(reset_after=self.cell == "gru", **options)
        return RecurrenceAttrs(**options)

    def arrays(self) -> list[Array | None]:
        gates, states = CELLS[self.cell]
        rows, steps, width = self.rows, self.steps, gates * self.units
        kernel = numbers(2, self.features, width) / np.float32(self.features**0.5)
        recurrent = numbers(3, self.units, width) / np.float32(2 * self.units**0.5)
        bias = (numbers(4, 2, width) if self.cell == "gru" else numbers(4, width)) if self.bias else None
        mask = np.random.default_rng(5).random((rows, steps)) < 0.6 if self.masked else None
        given = [numbers(6 + at, rows, self.units) if self.states else None for at in range(states)]
        return [numbers(1, rows, steps, self.features), kernel, recurrent, bias, mask, *given]


def bind(layer: Layer, name: str, arrays: Sequence[Array | None]) -> tuple[Bound, tuple[TensorSpec, ...]]:
    specs = [
        None
        if array is None
        else TensorSpec(array.shape if at in (1, 2, 3) else (None, *array.shape[1:]), str(array.dtype))
        for at, array in enumerate(arrays)
    ]
    constants = [array if at in (1, 2, 3) else None for at, array in enumerate(arrays)]
    results = OPS[layer.op].infer(specs, layer.attrs())
    bound = BINDERS[layer.op](tier_named(name), specs, constants, results[0], layer.attrs())
    assert bound is not None
    return bound, results


def run(layer: Layer, name: str, arrays: Sequence[Array | None] | None = None, threads: int = 1) -> list[Array]:
    """y and the final states by the tier's kernel."""
    arrays = layer.arrays() if arrays is None else arrays
    bound, results = bind(layer, name, arrays)
    assert arrays[0] is not None
    made = [np.full((len(arrays[0]), *(s or 0 for s in spec.shape[1:])), np.nan, np.float32) for spec in results]
    bound.kernels[0](
        *(array for array in (arrays[at] for at in bound.reads) if array is not None), *made, threads=threads
    )
    return made


def check(layer: Layer, name: str, tolerance: float = 2e-6) -> None:
    """The kernel's results are NumPy's, and the same on one thread and on two."""
    arrays = layer.arrays()
    got = run(layer, name, arrays)
    for mine, wanted in zip(got, OPS[layer.op].run(arrays, layer.attrs()), strict=True):
        close(mine, wanted, tolerance)
    for mine, other in zip(got, run(layer, name, arrays, threads=2), strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_sizes(name: str, cell: str) -> None:
    for units in (1, 7, 16, 17, 40, 128):
        for rows in (0, 1, 2, 5, 14):
            check(Layer(cell, units, rows=rows), name)
    for steps, features in ((1, 1), (2, 33), (30, 3)):
        check(Layer(cell, 20, steps, features), name)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("states", [False, True])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_masks_states_and_orders(
    name: str, cell: str, states: bool, zero: bool, sequences: bool, backwards: bool
) -> None:
    walk = {"go_backwards": backwards, "return_sequences": sequences, "zero_output_for_mask": zero}
    for masked in (False, True):
        for rows in (1, 4):
            check(Layer(cell, 19, 7, 3, rows, masked, states, True, tuple(walk.items())), name)


@pytest.mark.parametrize(
    ("kind", "args"),
    [("linear", ()), ("relu", ()), ("hard_sigmoid", (0.2, 0.5)), ("softsign", ()), ("sigmoid", ()), ("selu", ())],
)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_activations(name: str, cell: str, kind: str, args: tuple[float, ...]) -> None:
    both = {
        "activation": kind,
        "activation_args": args,
        "recurrent_activation": kind,
        "recurrent_activation_args": args,
    }
    for options in (both, {"activation": kind, "activation_args": args}):
        layer = Layer(cell, 18, 3, options=(*options.items(), ("return_sequences", True)), bias=False)
        check(layer, name, tolerance=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_long_sequences_are_projected_in_parts(name: str, cell: str) -> None:
    for backwards in (False, True):
        for rows in (1, 7):
            options = (("go_backwards", backwards), ("return_sequences", True))
            check(Layer(cell, 70, 301, 5, rows, rows == 7, options=options), name, tolerance=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_inputs_of_a_single_sample_are_projected_ahead(name: str, cell: str) -> None:
    for units, features in ((40, 3), (40, 90), (128, 128), (24, 250), (24, 260), (260, 17)):
        for backwards in (False, True):
            options = (("go_backwards", backwards), ("return_sequences", True))
            check(Layer(cell, units, 27, features, 1, options=options), name, tolerance=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_many_units_round_little(name: str, cell: str) -> None:
    layer = Layer(cell, 300, 2, 3)
    check(layer, name)
    arrays = layer.arrays()
    double = [array.astype(np.float64) if array is not None else None for array in arrays]
    exact = OPS[layer.op].run(double, layer.attrs())[0]
    plain = OPS[layer.op].run(arrays, layer.attrs())[0]
    got = run(layer, name, arrays)[0]
    assert np.max(np.abs(got - exact)) < 2 * np.max(np.abs(plain - exact)) + 1e-7


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", TIERS)
def test_a_sample_does_not_depend_on_its_batch(name: str, cell: str) -> None:
    for layer in (Layer(cell, 24, rows=15, masked=True, states=True), Layer(cell, 150, 18, 33, 8)):
        arrays = layer.arrays()
        whole = run(layer, name, arrays)
        same = np.testing.assert_array_equal if layer.units < 100 or name != "avx512" else close
        for at in range(layer.rows):
            own = [a if place in (1, 2, 3) or a is None else a[at : at + 1] for place, a in enumerate(arrays)]
            for one, every in zip(run(layer, name, own), whole, strict=True):
                same(one, every[at : at + 1])  # one sample reads other weights where they are fixed-point numbers


@pytest.mark.parametrize("name", TIERS)
def test_nan_stays_in_its_sample(name: str) -> None:
    layer = Layer("lstm", 20, rows=5)
    arrays = layer.arrays()
    assert arrays[0] is not None
    arrays[0][2, 4] = np.nan
    y = run(layer, name, arrays)[0]
    assert np.isnan(y[2, 4:]).all()
    assert np.isfinite(y[[0, 1, 3, 4]]).all()
    assert np.isfinite(y[2, :4]).all()


def test_what_numpy_keeps() -> None:
    layer = Layer("lstm", 4)
    arrays = layer.arrays()
    specs = [
        None if a is None else TensorSpec((None, *a.shape[1:]) if i == 0 else a.shape, "float32")
        for i, a in enumerate(arrays)
    ]
    tier, output = tier_named(TIERS[-1]), TensorSpec((None, 9, 4), "float32")
    constants: list[Array | None] = [None, *arrays[1:]]
    lstm = BINDERS["lstm"]
    assert lstm(tier, specs, constants, output, layer.attrs()) is not None
    assert lstm(tier, specs, constants, output, replace(layer.attrs(), activation="softmax")) is None
    assert lstm(tier, specs, [None] * 7, output, layer.attrs()) is None  # computed weights
    half = [None if spec is None else TensorSpec(spec.shape, "float16") for spec in specs]
    assert lstm(tier, half, constants, output, layer.attrs()) is None
    longer = [TensorSpec((None, None, 4), "float32"), *specs[1:]]
    assert lstm(tier, longer, constants, TensorSpec((None, None, 4), "float32"), layer.attrs()) is None
