"""stft against the definition of the transform, one frequency at a time."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import stft
from kmin.ops.stft import OP, StftAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(4)


def naive(x: np.ndarray, window: np.ndarray, stride: int) -> np.ndarray:
    size = len(window)
    starts = range(0, len(x) - size + 1, stride)
    wave = [np.exp(-2j * np.pi * k * np.arange(size) / size) for k in range(size // 2 + 1)]
    return np.array([[np.sum(x[s : s + size] * window * w) for w in wave] for s in starts])


@pytest.mark.parametrize(("length", "size", "stride"), [(20, 8, 3), (8, 8, 1), (21, 5, 7), (6, 1, 2)])
@pytest.mark.parametrize("chunk", [1, 1 << 24])
def test_values(length: int, size: int, stride: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stft, "STFT_CHUNK_VALUES", chunk)
    x, window = RNG.normal(size=(2, 3, length)), RNG.normal(size=size)
    real, imaginary = OP.run([x, window], StftAttrs(stride))
    specs = OP.infer([TensorSpec(x.shape, "float64"), TensorSpec(window.shape, "float64")], StftAttrs(stride))
    assert specs == (TensorSpec(real.shape, "float64"),) * 2
    for place in np.ndindex(2, 3):
        np.testing.assert_allclose(real[place] + 1j * imaginary[place], naive(x[place], window, stride), atol=1e-12)


@pytest.mark.parametrize(("rows", "length"), [(0, 9), (2, 3)])
def test_nothing_to_transform(rows: int, length: int) -> None:
    real, _ = OP.run([np.zeros((rows, length), "f4"), np.ones(4, "f4")], StftAttrs(2))
    assert real.shape == (rows, 0 if length < 4 else 3, 3)


def test_refusals() -> None:
    window = TensorSpec((4,))
    for x, attrs in ((TensorSpec((None, 9), "int32"), StftAttrs(1)), (TensorSpec((None, 9)), StftAttrs(0))):
        with pytest.raises(InputError, match="stft needs floats"):
            OP.infer([x, window], attrs)


def test_macs() -> None:
    specs = [TensorSpec((None, 12)), TensorSpec((4,))]
    outputs = OP.infer(specs, StftAttrs(4))
    assert OP.macs(specs, outputs, StftAttrs(4)) == 3 * 4 * 2
    assert OP.macs(specs, [TensorSpec((None, None, 3))] * 2, StftAttrs(4)) is None
