"""fourier: against sums of sines and cosines written out, there and back."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.fourier import OP, FourierAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(4)


def test_fft_is_the_sum_it_is() -> None:
    real, imaginary = RNG.normal(size=(2, 3, 5))
    angles = -2j * np.pi * np.outer(np.arange(5), np.arange(5)) / 5
    wanted = (real + 1j * imaginary) @ np.exp(angles)
    got = OP.run([real, imaginary], FourierAttrs("fft"))
    np.testing.assert_allclose(got[0] + 1j * got[1], wanted)


@pytest.mark.parametrize("axes", [1, 2])
def test_there_and_back(axes: int) -> None:
    pair = list(RNG.normal(size=(2, 3, 4, 6)).astype("float32"))
    back = OP.run(OP.run(pair, FourierAttrs("fft", axes)), FourierAttrs("ifft", axes))
    np.testing.assert_allclose(back, pair, atol=1e-6)
    assert back[0].dtype == np.float32


@pytest.mark.parametrize("length", [None, 8, 5])
def test_reals(length: int | None) -> None:
    x = RNG.normal(size=(2, 8))
    pair = OP.run([x], FourierAttrs("rfft", length=length))
    spec = OP.infer([TensorSpec((None, 8), "float64")], FourierAttrs("rfft", length=length))[0]
    assert spec.shape == (None, pair[0].shape[1])
    (back,) = OP.run(pair, FourierAttrs("irfft", length=length))
    np.testing.assert_allclose(back, x[:, : length or 8])
    (out,) = OP.infer([TensorSpec(p.shape, "float64") for p in pair], FourierAttrs("irfft", length=length))
    assert out.shape == back.shape


def test_refusals() -> None:
    with pytest.raises(InputError, match="needs 2 tensors of floats"):
        OP.infer([TensorSpec((None, 4))], FourierAttrs("fft"))
    with pytest.raises(InputError, match="needs 1 tensors of floats"):
        OP.infer([TensorSpec((None, 4), "int32")], FourierAttrs("rfft"))
