"""simple_rnn, gru and lstm against a loop over samples and steps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ops.naive_recurrence import recurrence

from kmin.ops import OPS
from kmin.ops.gru import GruAttrs
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.tensor import TensorSpec

GATES = {"simple_rnn": 1, "gru": 3, "lstm": 4}
STATES = {"simple_rnn": 1, "gru": 1, "lstm": 2}
KINDS = ["simple_rnn", "gru", "gru_before", "lstm"]
MASKS = ["none", "right", "left", "holes", "never", "always"]


def problem(kind, batch, steps, features, units, mask, bias=True, states=True, dtype="f4", **options):
    """Op name, arrays and attrs."""
    name = kind.removesuffix("_before")
    rng = np.random.default_rng(1000 * batch + 10 * steps + units)
    gates = GATES[name]
    attrs = GruAttrs(reset_after=kind == "gru", **options) if name == "gru" else RecurrenceAttrs(**options)
    shape = (2, 3 * units) if kind == "gru" else (gates * units,)
    masks = {
        "none": None,
        "right": np.arange(steps) < np.arange(1, batch + 1)[:, None],
        "left": np.arange(steps) >= np.arange(1, batch + 1)[:, None],
        "holes": rng.random((batch, steps)) < 0.5,
        "never": np.zeros((batch, steps), bool),
        "always": np.ones((batch, steps), bool),
    }
    arrays = [
        rng.normal(size=(batch, steps, features)).astype(dtype),
        rng.normal(size=(features, gates * units)).astype(dtype),
        (rng.normal(size=(units, gates * units)) / np.sqrt(max(1, units))).astype(dtype),
        rng.normal(size=shape).astype(dtype) if bias else None,
        masks[mask],
        *(rng.normal(size=(batch, units)).astype(dtype) if states else None for _ in range(STATES[name])),
    ]
    return name, arrays, attrs


def check(name, arrays, attrs, tolerance):
    copies = [None if a is None else a.copy() for a in arrays]
    got = OPS[name].run(arrays, attrs)
    wanted = recurrence(name, arrays, attrs)
    assert len(got) == len(wanted)
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.shape == theirs.shape
        assert mine.dtype == arrays[0].dtype
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)
    for before, after in zip(copies, arrays, strict=True):
        np.testing.assert_array_equal(before, after)  # inputs stay as they were
    specs = [None if a is None else TensorSpec((None, *a.shape[1:]), a.dtype.name) for a in arrays]
    specs[1:4] = [None if a is None else TensorSpec(a.shape, a.dtype.name) for a in arrays[1:4]]
    for spec, array in zip(OPS[name].infer(specs, attrs), got, strict=True):
        assert spec.shape == (None, *array.shape[1:])
        assert spec.dtype == array.dtype.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", MASKS)
def test_masks_and_order(kind: str, mask: str) -> None:
    for backwards, sequences, zero, states in itertools.product([False, True], repeat=4):
        options = {"go_backwards": backwards, "return_sequences": sequences, "zero_output_for_mask": zero}
        check(*problem(kind, 4, 5, 3, 2, mask, states=states, **options), 1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("batch", "steps", "units"), [(0, 3, 2), (3, 0, 2), (1, 1, 1), (2, 1, 7), (5, 17, 33)])
def test_sizes(kind: str, batch: int, steps: int, units: int) -> None:
    for sequences in (False, True):
        check(*problem(kind, batch, steps, 3, units, "none", return_sequences=sequences), 1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("activation", "gate"), [("relu", "sigmoid"), ("linear", "tanh"), ("tanh", "relu")])
def test_activations(kind: str, activation: str, gate: str) -> None:
    options = {"activation": activation, "recurrent_activation": gate}
    check(*problem(kind, 3, 4, 2, 3, "holes", return_sequences=True, **options), 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_no_bias(kind: str) -> None:
    check(*problem(kind, 3, 4, 2, 3, "none", bias=False), 1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("f8", 1e-13), ("f2", 2e-3)])
def test_dtypes(kind: str, dtype: str, tolerance: float) -> None:
    check(*problem(kind, 3, 6, 4, 5, "right", dtype=dtype, return_sequences=True), tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_strided_inputs(kind: str) -> None:
    name, arrays, attrs = problem(kind, 4, 6, 3, 2, "holes", return_sequences=True)
    wanted = OPS[name].run(arrays, attrs)
    strided = [None if a is None else np.asfortranarray(a) for a in arrays]
    strided[0] = np.repeat(arrays[0], 2, axis=1)[:, ::2]
    for mine, theirs in zip(OPS[name].run(strided, attrs), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_saturated_gates_stay_finite(kind: str) -> None:
    name, arrays, attrs = problem(kind, 2, 4, 3, 2, "none")
    arrays[0] = arrays[0] * np.float32(1e6)
    with np.errstate(all="raise"):
        assert all(np.isfinite(array).all() for array in OPS[name].run(arrays, attrs))
