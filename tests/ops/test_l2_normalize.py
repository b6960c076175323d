"""l2_normalize: length one, unless there is no length."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.l2_normalize import OP, L2NormalizeAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(4).normal(size=(2, 3, 4))


@pytest.mark.parametrize("axis", [1, 2, -1])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values(axis: int, dtype: str) -> None:
    x = X.astype(dtype)
    (got,) = OP.run([x], L2NormalizeAttrs(axis, 1e-7))
    assert got.dtype == dtype
    rows, wanted = np.moveaxis(got, axis, -1), np.moveaxis(x, axis, -1)
    for place in np.ndindex(*rows.shape[:-1]):
        length = math.sqrt(sum(float(v) ** 2 for v in wanted[place]))
        np.testing.assert_allclose(rows[place], wanted[place] / length, rtol=2e-3 if dtype == "float16" else 1e-6)


def test_several_axes() -> None:
    (got,) = OP.run([X], L2NormalizeAttrs((1, 2), 1e-7))
    for row, x in zip(got, X, strict=True):
        np.testing.assert_allclose(row, x / math.sqrt(sum(float(v) ** 2 for v in x.ravel())), rtol=1e-12)


def test_short_vectors_are_not_blown_up() -> None:
    x = np.array([[0, 0], [3e-9, 4e-9]], "f4")
    np.testing.assert_allclose(OP.run([x], L2NormalizeAttrs(1, 1e-6))[0], [[0, 0], [3e-3, 4e-3]], rtol=1e-6)
    assert OP.run([X[:0]], L2NormalizeAttrs(1, 1e-6))[0].shape == (0, 3, 4)


def test_refusals() -> None:
    for spec, axis in [
        (TensorSpec((None, 3)), 2),
        (TensorSpec((None, 3)), ()),
        (TensorSpec((None, 3), "int32"), 1),
    ]:
        with pytest.raises(InputError, match="l2_normalize needs"):
            OP.infer([spec], L2NormalizeAttrs(axis, 1e-6))
