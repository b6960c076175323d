"""reduce against NumPy's own float64 reductions."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops import reduce
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [(1,), (-1,), (1, 2), (2, 1), (1, -1), (1, 2, 3)])
@pytest.mark.parametrize("kind", ["max", "mean", "min", "prod", "sum"])
def test_numpy_agrees(kind: str, axes: tuple[int, ...], keepdims: bool) -> None:
    x = np.random.default_rng(2).normal(size=(2, 3, 4, 5)).astype(np.float32)
    attrs = ReduceAttrs(kind, axes, keepdims)
    (got,) = reduce.OP.run([x], attrs)
    wanted = getattr(np, kind)(x.astype("f8"), axis=axes, keepdims=keepdims)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7)
    assert reduce.OP.infer([TensorSpec(x.shape)], attrs) == (TensorSpec(wanted.shape),)
    unknown = reduce.OP.infer([TensorSpec((None, None, 4, None))], attrs)[0]
    assert unknown.rank == wanted.ndim
    (strange,) = reduce.OP.run([np.asfortranarray(x)], attrs)
    np.testing.assert_allclose(strange, got, rtol=1e-6, atol=1e-7)


def test_a_long_mean_keeps_its_digits() -> None:
    x = np.full((1, 200_000, 1), 0.1, np.float32)
    (got,) = reduce.OP.run([x], ReduceAttrs("mean", (1,)))
    assert got[0, 0] == np.float32(0.1)


def test_dtypes() -> None:
    ints = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
    (total,) = reduce.OP.run([ints], ReduceAttrs("sum", (1,)))
    assert total.dtype == np.int32
    np.testing.assert_array_equal(total, ints.sum(axis=1))
    (half,) = reduce.OP.run([np.full((1, 4000), 1.5, np.float16)], ReduceAttrs("mean", (1,)))
    assert half.dtype == np.float16
    assert half[0] == 1.5


def test_the_mean_of_integers_is_cut_towards_zero() -> None:
    most = np.iinfo(np.int32).max
    x = np.array([[7, 8, 9, 0], [-7, -8, -9, 0], [most, most, most, most]], np.int32)
    (mean,) = reduce.OP.run([x], ReduceAttrs("mean", (1,)))
    assert mean.dtype == np.int32
    assert mean.tolist() == [6, -6, most]
    (mean,) = reduce.OP.run([np.full((1, 300), 250, np.uint8)], ReduceAttrs("mean", (1,)))
    assert mean.tolist() == [250]


def test_of_no_values() -> None:
    x = np.zeros((2, 0, 3), "float32")
    assert np.isnan(reduce.OP.run([x], ReduceAttrs("mean", (1,)))[0]).all()
    assert (reduce.OP.run([x], ReduceAttrs("max", (1,), False, True))[0] == np.full((2, 3), -np.inf)).all()
    (low,) = reduce.OP.run([x.astype("int8")], ReduceAttrs("min", (1,), True, True))
    assert low.tolist() == np.full((2, 1, 3), 127).tolist()


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least one value"):
        reduce.OP.run([np.zeros((2, 0, 3))], ReduceAttrs("max", (1,)))
    with pytest.raises(InputError, match="at least one value"):
        reduce.OP.run([np.zeros((2, 0, 3), "int32")], ReduceAttrs("mean", (1,)))
    with pytest.raises(InputError, match="at least one value"):
        reduce.OP.infer([TensorSpec((None, 0, 3))], ReduceAttrs("max", (1,)))
    with pytest.raises(InputError, match="axes within 3"):
        reduce.OP.infer([TensorSpec((None, 2, 3))], ReduceAttrs("max", (3,)))
    with pytest.raises(InputError, match="numbers"):
        reduce.OP.infer([TensorSpec((None, 2, 3), "bool")], ReduceAttrs("mean", (1,)))
    with pytest.raises(InputError, match="received median"):
        reduce.OP.infer([TensorSpec((None, 2, 3))], ReduceAttrs("median", (1,)))
