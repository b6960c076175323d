"""conv_lstm against one cell at a time, and against lstm where a cell is all there is."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.conv_lstm import OP, ConvLstmAttrs
from kmin.ops.lstm import OP as LSTM
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(15)


def weights(window: tuple[int, ...], channels: int, filters: int) -> list[np.ndarray]:
    return [
        RNG.normal(size=(*window, channels, 4 * filters)) * 0.5,
        RNG.normal(size=(*window, filters, 4 * filters)) * 0.5,
        RNG.normal(size=4 * filters),
    ]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def convolved(x: np.ndarray, kernel: np.ndarray, before: int) -> np.ndarray:
    """x [n, c] with `kernel` [w, c, f], one output cell at a time; cells outside count as 0."""
    return np.array(
        [
            sum(x[i + j - before] @ kernel[j] for j in range(len(kernel)) if 0 <= i + j - before < len(x))
            for i in range(len(x))
        ]
    )


def naive(x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, order: list[int]) -> np.ndarray:
    """One sample [T, n, C], padding `same` with a window of 3: every step's output."""
    filters = recurrent.shape[1]
    h, c = np.zeros((x.shape[1], filters)), np.zeros((x.shape[1], filters))
    result = []
    for t in order:
        z = convolved(x[t], kernel, 1) + convolved(h, recurrent, 1) + bias
        i, f, g, o = (z[:, k * filters : (k + 1) * filters] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        result.append(h)
    return np.array(result)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_one_axis(backwards: bool, dtype: str) -> None:
    x, parts = RNG.normal(size=(2, 4, 5, 3)).astype(dtype), [w.astype(dtype) for w in weights((3,), 3, 2)]
    attrs = ConvLstmAttrs((1,), (1,), "same", go_backwards=backwards, return_sequences=True)
    y, h, c = OP.run([x, *parts, None, None, None], attrs)
    wide = [part.astype("f8") for part in parts]
    order = list(reversed(range(4))) if backwards else list(range(4))
    tolerance = {"float16": 3e-3, "float32": 2e-6, "float64": 1e-13}[dtype]
    for n in range(2):
        np.testing.assert_allclose(y[n], naive(x[n].astype("f8"), *wide, order), atol=tolerance)
    np.testing.assert_array_equal(y[:, -1], h)
    assert {y.dtype.name, h.dtype.name, c.dtype.name} == {dtype}
    (last, *_) = OP.run([x, *parts, None, None, None], ConvLstmAttrs((1,), (1,), "same", go_backwards=backwards))
    np.testing.assert_array_equal(last, h)


def test_one_cell_is_an_lstm_with_states_and_mask() -> None:
    x, parts = RNG.normal(size=(3, 4, 1, 1, 5)), weights((1, 1), 5, 2)
    states = [RNG.normal(size=(3, 1, 1, 2)) for _ in range(2)]
    mask = RNG.random((3, 4)) < 0.6
    got = OP.run([x, *parts, mask, *states], ConvLstmAttrs((1, 1), (1, 1), return_sequences=True))
    flat = [parts[0][0, 0], parts[1][0, 0], parts[2]]
    attrs = RecurrenceAttrs(return_sequences=True)
    wanted = LSTM.run([x[:, :, 0, 0], *flat, mask, *(s[:, 0, 0] for s in states)], attrs)
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine.reshape(theirs.shape), theirs, atol=1e-14)


def test_shapes() -> None:
    kernel, recurrent = TensorSpec((3, 3, 2, 8)), TensorSpec((3, 3, 2, 8))
    attrs = ConvLstmAttrs((2, 1), (1, 1), return_sequences=True)
    specs = [TensorSpec((None, None, 7, None, 2)), kernel, recurrent, None, None, None, None]
    y, h, c = OP.infer(specs, attrs)
    assert y.shape == (None, None, 3, None, 2)
    assert h.shape == c.shape == (None, 3, None, 2)
    assert OP.macs(specs, (y, h, c), attrs) is None
    parts = weights((3, 3), 2, 2)
    y, h, _ = OP.run([np.zeros((2, 0, 7, 6, 2)), *parts, None, None, None], attrs)
    assert y.shape == (2, 0, 3, 4, 2)
    np.testing.assert_array_equal(h, np.zeros((2, 3, 4, 2)))
    assert OP.run([np.zeros((0, 2, 7, 6, 2)), *parts, None, None, None], attrs)[0].shape == (0, 2, 3, 4, 2)


@pytest.mark.parametrize(
    ("at", "shape", "message"),
    [
        (0, (None, 4, 7, 2), "needs floats of shape"),
        (1, (3, 3, 2, 6), "4 x 2"),
        (4, (None,), "mask"),
        (5, (None, 2), "state"),
    ],
)
def test_refusals(at: int, shape: tuple[int | None, ...], message: str) -> None:
    kernel = TensorSpec((3, 3, 2, 8))
    specs = [TensorSpec((None, 4, 7, 7, 2)), kernel, kernel, None, None, None, None]
    specs[at] = TensorSpec(shape)
    with pytest.raises(InputError, match=message):
        OP.infer(specs, ConvLstmAttrs((1, 1), (1, 1)))
