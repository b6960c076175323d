"""batch_norm against the formula in float64."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.batch_norm import OP, BatchNormAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(5)
X = RNG.normal(size=(2, 3, 4, 5))


def weights(size: int, dtype: str) -> list[np.ndarray]:
    gamma, beta, mean = (RNG.normal(size=size).astype(dtype) for _ in range(3))
    return [gamma, beta, mean, RNG.uniform(0.1, 2, size).astype(dtype)]


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -2])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("have", [(True, True), (True, False), (False, True), (False, False)])
def test_formula(axis: int, dtype: str, have: tuple[bool, bool]) -> None:
    x = X.astype(dtype)
    gamma, beta, mean, variance = weights(X.shape[axis], "float64" if dtype == "float64" else "float32")
    given = [gamma if have[0] else None, beta if have[1] else None, mean, variance]
    (got,) = OP.run([x, *given], BatchNormAttrs(axis, 1e-3))
    moved = np.moveaxis(x.astype("f8"), axis, -1)
    wanted = (moved - mean) / np.sqrt(variance.astype("f8") + 1e-3)
    wanted = wanted * (gamma if have[0] else 1) + (beta if have[1] else 0)
    assert got.dtype == x.dtype
    tolerance = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(np.moveaxis(got, axis, -1), wanted, rtol=tolerance, atol=tolerance)


def test_a_far_mean_costs_no_digits() -> None:
    x = (1e5 + RNG.normal(size=(50, 3))).astype("f4")
    mean, variance = np.full(3, 1e5, "f4"), np.ones(3, "f4")
    (got,) = OP.run([x, None, None, mean, variance], BatchNormAttrs(-1, 1e-3))
    np.testing.assert_allclose(got, (x.astype("f8") - 1e5) / np.sqrt(1.001), rtol=1e-6)


def test_shapes() -> None:
    vector = TensorSpec((5,))
    spec = TensorSpec((None, None, 5), "float16")
    assert OP.infer([spec, vector, None, vector, vector], BatchNormAttrs(-1, 1e-3)) == (spec,)
    assert OP.macs([TensorSpec((None, 4, 5))], [], BatchNormAttrs(-1, 1e-3)) == 20
    assert OP.macs([spec], [], BatchNormAttrs(-1, 1e-3)) is None
    given = weights(5, "float32")
    strided = X.astype("f4").transpose(0, 2, 1, 3)[:, ::2]
    (got,) = OP.run([strided, *given], BatchNormAttrs(3, 0.1))
    np.testing.assert_array_equal(got, OP.run([strided.copy(), *given], BatchNormAttrs(3, 0.1))[0])
    assert OP.run([strided[:0], *given], BatchNormAttrs(3, 0.1))[0].shape == (0, 2, 3, 5)


@pytest.mark.parametrize(("axis", "size"), [(0, 5), (3, 5), (-4, 5), (1, 5)])
def test_refusals(axis: int, size: int) -> None:
    vector = TensorSpec((size,))
    with pytest.raises(InputError, match="batch_norm needs"):
        OP.infer([TensorSpec((None, 4, 5)), None, None, vector, vector], BatchNormAttrs(axis, 1e-3))
    with pytest.raises(InputError, match="one size"):
        OP.infer([TensorSpec((None, 5)), TensorSpec((4,)), None, vector, vector], BatchNormAttrs(-1, 1e-3))
