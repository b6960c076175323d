"""resize: what every interpolation keeps, and bilinear by hand (the goldens hold the rest)."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.resize import OP, RESIZE_RADIUS, ResizeAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(6).normal(size=(2, 4, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("method", sorted(RESIZE_RADIUS))
def test_keeps_constants_and_symmetry(method: str) -> None:
    attrs = ResizeAttrs((2, 3), method)
    (flat,) = OP.run([np.full((1, 3, 2, 1), 7.0)], attrs)
    np.testing.assert_allclose(flat, 7.0, rtol=1e-12)
    (there,) = OP.run([X], attrs)
    (back,) = OP.run([X[:, ::-1, ::-1]], attrs)
    np.testing.assert_allclose(back[:, ::-1, ::-1], there, rtol=1e-4, atol=1e-5)
    assert there.dtype == np.float32
    assert OP.infer([TensorSpec((None, 4, None, 3))], attrs)[0].shape == (None, 8, None, 3)
    (half,) = OP.run([X.astype(np.float16)], attrs)
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, there, atol=2e-2)


def test_bilinear_by_hand() -> None:
    x = np.array([0.0, 4.0, 8.0]).reshape(1, 3, 1, 1)
    (got,) = OP.run([x], ResizeAttrs((2, 1), "bilinear"))
    np.testing.assert_allclose(got[0, :, 0, 0], [0, 1, 3, 5, 7, 8])


def test_refusals() -> None:
    with pytest.raises(InputError, match="received cubist"):
        OP.infer([TensorSpec(X.shape)], ResizeAttrs((2, 2), "cubist"))
    with pytest.raises(InputError, match="needs floats"):
        OP.infer([TensorSpec(X.shape, "uint8")], ResizeAttrs((2, 2), "bilinear"))
