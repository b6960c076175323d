"""softmax and its relatives against sums over Python floats."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.softmax import OP, SoftmaxAttrs, log_softmax_along, softmax_along, sparsemax_last
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(3).normal(size=(2, 3, 4)).astype(np.float32) * 3


def naive(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    result = np.empty(x.shape)
    axes = tuple(axis % x.ndim for axis in axes)
    for index in itertools.product(*map(range, x.shape)):
        group = [
            other
            for other in itertools.product(*map(range, x.shape))
            if all(a == b for axis, (a, b) in enumerate(zip(index, other, strict=True)) if axis not in axes)
        ]
        highest = max(float(x[other]) for other in group)
        result[index] = math.exp(x[index] - highest) / sum(math.exp(x[other] - highest) for other in group)
    return result


@pytest.mark.parametrize("axes", [(-1,), (1,), (1, 2), (-2, -1)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_along(axes: tuple[int, ...], dtype: str) -> None:
    x = X.astype(dtype)
    (got,) = OP.run([x], SoftmaxAttrs(axes))
    assert got.dtype == x.dtype
    np.testing.assert_allclose(got, naive(x, axes), atol={"float16": 1e-3, "float32": 2e-7, "float64": 1e-15}[dtype])


def test_large_values_neither_overflow_nor_vanish() -> None:
    x = np.array([[1e4, -1e4, 1e4], [-1e4, -1e4, -1e4]], np.float32)
    np.testing.assert_allclose(softmax_along(x, (-1,)), [[0.5, 0, 0.5], [1 / 3] * 3], rtol=1e-6)
    np.testing.assert_allclose(
        log_softmax_along(x, (-1,))[0], [math.log(0.5), math.log(0.5) - 2e4, math.log(0.5)], rtol=1e-6
    )


def test_infinite_rows_are_nan_as_in_tensorflow() -> None:
    (got,) = OP.run([np.array([[-np.inf, -np.inf], [-np.inf, 0]], np.float32)], SoftmaxAttrs((-1,)))
    np.testing.assert_array_equal(got, [[np.nan, np.nan], [0, 1]])


def test_sparsemax_is_keras_own() -> None:
    # One value in the support: the true projection. Two: Keras 3.15 adds up 0.3 and 0.3 + 0.2.
    np.testing.assert_allclose(sparsemax_last(np.array([[3.0, 0.0]], np.float32)), [[1, 0]])
    np.testing.assert_allclose(sparsemax_last(np.array([[0.3, 0.2]])), [[0.3 - (0.8 - 1) / 2, 0.2 - (0.8 - 1) / 2]])


def test_empty_batch_and_refusals() -> None:
    assert OP.run([X[:0]], SoftmaxAttrs((1, 2)))[0].shape == (0, 3, 4)
    assert sparsemax_last(X[:0]).shape == (0, 3, 4)
    for axes, spec in [
        ((2,), TensorSpec((None, 3))),
        ((), TensorSpec((None, 3))),
        ((1,), TensorSpec((None, 3), "int32")),
    ]:
        with pytest.raises(InputError):
            OP.infer([spec], SoftmaxAttrs(axes))
