"""group_norm against sums over Python floats."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.group_norm import OP, GroupNormAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(9)
X = RNG.normal(size=(2, 3, 4, 6)) * 3 + 1


def naive(x: np.ndarray, axis: int, groups: int, epsilon: float, mask: np.ndarray | None = None) -> np.ndarray:
    """Each sample and group on its own, one value after the other."""
    result = np.empty(x.shape)
    inner = x.shape[axis] // groups
    for n in range(len(x)):
        for group in range(groups):
            places = [p for p in np.ndindex(*x.shape[1:]) if p[axis - 1] // inner == group]
            counted = [float(x[(n, *p)]) for p in places if mask is None or mask[(n, *p)]]
            mean = sum(counted) / len(counted)
            deviation = (sum((value - mean) ** 2 for value in counted) / len(counted) + epsilon) ** 0.5
            for p in places:
                result[(n, *p)] = (float(x[(n, *p)]) - mean) / deviation
    return result


@pytest.mark.parametrize(("axis", "groups"), [(3, 2), (3, 1), (3, 6), (1, 3), (2, 2)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_formula(axis: int, groups: int, dtype: str) -> None:
    x = X.astype(dtype)
    gamma, beta = (RNG.normal(size=x.shape[axis]).astype("f4") for _ in range(2))
    shape = [size if at == axis else 1 for at, size in enumerate(x.shape)]
    (got,) = OP.run([x, gamma, beta, None], GroupNormAttrs(axis, groups, 1e-2))
    wanted = naive(x, axis, groups, 1e-2) * gamma.reshape(shape) + beta.reshape(shape)
    tolerance = {"float16": 8e-3, "float32": 3e-6, "float64": 1e-13}[dtype]
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    assert got.dtype == x.dtype


def test_only_unmasked_values_make_the_moments() -> None:
    mask = RNG.random(X.shape) < 0.6
    (got,) = OP.run([X, None, None, mask], GroupNormAttrs(3, 2, 1e-3))
    np.testing.assert_allclose(got, naive(X, 3, 2, 1e-3, mask), rtol=1e-12, atol=1e-12)


def test_shapes() -> None:
    spec = TensorSpec((None, None, 4), "float16")
    assert OP.infer([spec, TensorSpec((4,)), None, None], GroupNormAttrs(2, 2, 1e-3)) == (spec,)
    assert OP.run([X[:0], None, None, None], GroupNormAttrs(3, 2, 1e-3))[0].shape == (0, 3, 4, 6)
    assert OP.macs([TensorSpec((None, 3, 4))], (), GroupNormAttrs(2, 2, 1e-3)) == 24


def test_refusals() -> None:
    x = TensorSpec((None, 3, 4))
    for axis, groups in [(0, 1), (3, 1), (2, 3), (2, 0)]:
        with pytest.raises(InputError, match="group_norm needs"):
            OP.infer([x, None, None, None], GroupNormAttrs(axis, groups, 1e-3))
    with pytest.raises(InputError, match="needs 4 weights"):
        OP.infer([x, TensorSpec((3,)), None, None], GroupNormAttrs(2, 2, 1e-3))
    with pytest.raises(InputError, match="mask of the same rank"):
        OP.infer([x, None, None, TensorSpec((None, 3), "bool")], GroupNormAttrs(2, 2, 1e-3))
