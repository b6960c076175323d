"""pad against numpy.pad."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.pad import OP, PadAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(6).normal(size=(2, 4, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("value", [0.0, -2.5])
def test_constant_padding(value: float) -> None:
    pads = ((0, 0), (1, 2), (0, 3), (0, 0))
    (got,) = OP.run([X[:, ::-1]], PadAttrs(pads, value))
    np.testing.assert_array_equal(got, np.pad(X[:, ::-1], pads, constant_values=value))
    assert got.dtype == np.float32
    assert OP.infer([TensorSpec((None, None, 5, 3))], PadAttrs(pads))[0].shape == (None, None, 8, 3)


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
def test_edge_padding(mode: str) -> None:
    pads = ((0, 0), (1, 2), (0, 3), (0, 0))
    (got,) = OP.run([X], PadAttrs(pads, mode=mode))
    np.testing.assert_array_equal(got[0, 0, 0], X[0, 1 if mode == "reflect" else 0, 0])
    assert got.shape == (2, 7, 8, 3)


def test_refusals() -> None:
    with pytest.raises(InputError, match="no negative"):
        OP.infer([TensorSpec(X.shape)], PadAttrs(((0, 0), (-1, 0), (0, 0), (0, 0))))
    with pytest.raises(InputError, match="received wrap"):
        OP.infer([TensorSpec((None, 3))], PadAttrs(((0, 0), (1, 0)), mode="wrap"))
