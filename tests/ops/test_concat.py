"""concat against numpy.concatenate and Keras' dtype rule."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.concat import OP, ConcatAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("axis", [-1, 1, 2, -2])
def test_values(axis: int) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 3, 4)).astype("f4")
    shape = [2, 3, 4]
    shape[axis] = 2
    y = np.asfortranarray(rng.normal(size=shape).astype("f4"))
    (got,) = OP.run([x, y, x[:, ::-1]], ConcatAttrs(axis))
    np.testing.assert_array_equal(got, np.concatenate([x, y, x[:, ::-1]], axis))
    specs = [TensorSpec(a.shape) for a in (x, y, x)]
    assert OP.infer(specs, ConcatAttrs(axis))[0].shape == got.shape


def test_dtypes_and_empty_batches() -> None:
    (got,) = OP.run([np.ones((0, 2), "i4"), np.ones((0, 3), "f2")], ConcatAttrs(1))
    assert got.shape == (0, 5)
    assert got.dtype == np.float16
    (spec,) = OP.infer([TensorSpec((None, 2), "int32"), TensorSpec((None, 3), "float16")], ConcatAttrs(1))
    assert spec == TensorSpec((None, 5), "float16")


def test_unknown_sizes() -> None:
    specs = [TensorSpec((None, None, 4)), TensorSpec((None, 3, 4))]
    assert OP.infer(specs, ConcatAttrs(1))[0].shape == (None, None, 4)
    assert OP.infer(specs, ConcatAttrs(2))[0].shape == (None, 3, 8)


@pytest.mark.parametrize(
    ("shapes", "axis"), [(((None, 3), (None, 4, 1)), 1), (((None, 3, 2), (None, 4, 2)), 2), (((None, 3),), 2)]
)
def test_refusals(shapes: tuple, axis: int) -> None:
    with pytest.raises(InputError, match="concat along axis"):
        OP.infer([TensorSpec(shape) for shape in shapes], ConcatAttrs(axis))
