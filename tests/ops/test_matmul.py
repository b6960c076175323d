"""matmul: against a loop."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.matmul import OP, MatmulAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_values(left: bool, right: bool, dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y = (rng.integers(-3, 4, size=shape).astype(dtype) for shape in ((2, 1, 3, 4), (5, 4, 2)))
    wanted = np.zeros((2, 5, 3, 2))
    for index in np.ndindex(2, 5, 3, 2):
        b, c, i, j = index
        wanted[index] = sum(float(x[b, 0, i, k]) * float(y[c, k, j]) for k in range(4))
    a = np.swapaxes(x, -1, -2) if left else x
    b = np.swapaxes(y, -1, -2) if right else y
    (got,) = OP.run([a, b], MatmulAttrs(left, right))
    np.testing.assert_array_equal(got, wanted)
    assert got.dtype == dtype


def test_shapes_and_refusals() -> None:
    specs = [TensorSpec((None, None, 4)), TensorSpec((None, 3, 4))]
    assert OP.infer(specs, MatmulAttrs(False, True)) == (TensorSpec((None, None, 3)),)
    assert OP.macs([TensorSpec((None, 2, 4)), specs[1]], [TensorSpec((None, 2, 3))], MatmulAttrs(False, True)) == 24
    with pytest.raises(InputError, match="as many columns as rows"):
        OP.infer(specs, MatmulAttrs())
    with pytest.raises(InputError, match="needs matrices"):
        OP.infer([TensorSpec((None,)), specs[1]], MatmulAttrs())
