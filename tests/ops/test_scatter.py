"""scatter: values put in their places."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.scatter import OP, SCATTER_KINDS, ScatterAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)


def specs(*arrays: np.ndarray) -> list[TensorSpec]:
    return [TensorSpec(array.shape, array.dtype.name) for array in arrays]


@pytest.mark.parametrize("kind", SCATTER_KINDS)
@pytest.mark.parametrize("depth", [1, 2])
def test_scatter(kind: str, depth: int) -> None:
    places = np.array([[2, 1], [0, 3], [2, 1]], np.int32)[:, :depth]
    values = np.array([0.5, -2.0, 3.0], np.float32) if depth == 2 else X[::-1] * 2
    (got,) = OP.run([X, places, values], ScatterAttrs(kind))
    assert OP.infer(specs(X, places, values), ScatterAttrs(kind)) == (TensorSpec((3, 4)),)
    wanted = X.copy()
    for place, value in zip(places, values, strict=True):
        at, old = tuple(place), wanted[tuple(place)]
        wanted[at] = {
            "add": old + value,
            "max": np.maximum(old, value),
            "min": np.minimum(old, value),
            "mul": old * value,
            "replace": value,
        }[kind]
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_scatter_refuses_places_outside() -> None:
    for bad in ([[3, 0]], [[0, -1]]):
        with pytest.raises(InputError, match="must lie in"):
            OP.run([X, np.array(bad), np.ones(1, np.float32)], ScatterAttrs("add"))
    for places, values, kind in [
        (TensorSpec((2, 3), "int32"), TensorSpec((2,)), "add"),
        (TensorSpec((2, 2), "int32"), TensorSpec((3,)), "add"),
        (TensorSpec((2, 2), "float32"), TensorSpec((2,)), "add"),
        (TensorSpec((2, 2), "int32"), TensorSpec((2,)), "mean"),
    ]:
        with pytest.raises(InputError, match="scatter"):
            OP.infer([TensorSpec((3, 4)), places, values], ScatterAttrs(kind))
