"""layer_norm against sums over Python floats."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.layer_norm import OP, LayerNormAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(8)
X = RNG.normal(size=(2, 3, 4, 5)) * 3 + 1


def naive(x: np.ndarray, axes: tuple[int, ...], epsilon: float, center: bool) -> np.ndarray:
    """Each sample's group of values on its own."""
    x = x.astype("f8")
    result = np.empty(x.shape)
    fixed = [axis for axis in range(x.ndim) if axis not in axes]
    for place in np.ndindex(*[x.shape[axis] for axis in fixed]):
        index: list = [slice(None)] * x.ndim
        for axis, at in zip(fixed, place, strict=True):
            index[axis] = at
        group = x[tuple(index)]
        mean = sum(group.ravel()) / group.size
        deviation = (sum((value - mean) ** 2 for value in group.ravel()) / group.size + epsilon) ** 0.5
        result[tuple(index)] = (group - (mean if center else 0)) / deviation
    return result


@pytest.mark.parametrize("axes", [(3,), (1,), (2, 3), (1, 3), (1, 2, 3)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_formula(axes: tuple[int, ...], dtype: str) -> None:
    x = X.astype(dtype)
    sizes = [X.shape[axis] for axis in axes]
    gamma, beta = (RNG.normal(size=sizes).astype("f4") for _ in range(2))
    broadcast = [X.shape[axis] if axis in axes else 1 for axis in range(4)]
    (got,) = OP.run([x, gamma, beta], LayerNormAttrs(axes, 1e-2))
    wanted = naive(x, axes, 1e-2, True) * gamma.reshape(broadcast) + beta.reshape(broadcast)
    tolerance = {"float16": 4e-3, "float32": 3e-6, "float64": 1e-13}[dtype]
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    assert got.dtype == x.dtype


def test_without_weights_and_without_centre() -> None:
    x = X.astype("f4")
    for center in (True, False):
        (got,) = OP.run([x, None, None], LayerNormAttrs((3,), 1e-3, center))
        np.testing.assert_allclose(got, naive(x, (3,), 1e-3, center), rtol=1e-5, atol=1e-6)


def test_a_far_mean_and_a_constant_row() -> None:
    x = (1e4 + RNG.normal(size=(4, 64))).astype("f4")
    (got,) = OP.run([x, None, None], LayerNormAttrs((1,), 1e-3))
    np.testing.assert_allclose(got, naive(x, (1,), 1e-3, True), atol=2e-3)
    (got,) = OP.run([np.full((1, 8), 3, "f4"), None, None], LayerNormAttrs((1,), 1e-3))
    np.testing.assert_array_equal(got, np.zeros((1, 8)))


def test_shapes() -> None:
    spec = TensorSpec((None, None, 5), "float16")
    assert OP.infer([spec, TensorSpec((5,)), None], LayerNormAttrs((2,), 1e-3)) == (spec,)
    assert OP.run([X[:0], None, None], LayerNormAttrs((1, 2), 1e-3))[0].shape == (0, 3, 4, 5)
    strided = X.astype("f4")[:, ::-1, ::2]
    (got,) = OP.run([strided, None, None], LayerNormAttrs((3,), 1e-3))
    np.testing.assert_array_equal(got, OP.run([strided.copy(), None, None], LayerNormAttrs((3,), 1e-3))[0])


@pytest.mark.parametrize("axes", [(), (0,), (2, 1), (1, 1), (3,), (-1,)])
def test_refuses_axes(axes: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="increasing axes"):
        OP.infer([TensorSpec((None, 4, 5)), None, None], LayerNormAttrs(axes, 1e-3))


def test_refuses_weights_of_another_size() -> None:
    with pytest.raises(InputError, match="needs 5 weights"):
        OP.infer([TensorSpec((None, 5)), TensorSpec((4,)), None], LayerNormAttrs((1,), 1e-3))
