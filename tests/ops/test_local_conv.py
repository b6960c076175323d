"""local_conv against one window at a time."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.local_conv import OP, LocalConvAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(17)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("strides", "before"), [((1, 1), (0, 0)), ((2, 1), (1, 2))])
def test_windows(strides: tuple[int, int], before: tuple[int, int], dtype: str) -> None:
    attrs = LocalConvAttrs((5, 6), (3, 2), strides, before, (2, 4))
    x = RNG.normal(size=(3, 5, 6, 2)).astype(dtype)
    kernel = RNG.normal(size=(8, 12, 4)).astype(dtype)
    (got,) = OP.run([x, kernel], attrs)
    wanted = np.zeros((3, 2, 4, 4))
    for r, c in np.ndindex(2, 4):
        for i, j in np.ndindex(3, 2):
            row, column = r * strides[0] + i - before[0], c * strides[1] + j - before[1]
            if 0 <= row < 5 and 0 <= column < 6:
                weights = kernel[r * 4 + c].reshape(3, 2, 2, 4)[i, j].astype("f8")
                wanted[:, r, c] += x[:, row, column].astype("f8") @ weights
    tolerance = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-13}[dtype]
    np.testing.assert_allclose(got, wanted, atol=tolerance)
    assert got.dtype == dtype


def test_shapes_and_refusals() -> None:
    attrs = LocalConvAttrs((5,), (2,), (1,), (0,), (4,))
    kernel = TensorSpec((4, 6, 7))
    assert OP.infer([TensorSpec((None, 5, 3)), kernel], attrs) == (TensorSpec((None, 4, 7)),)
    assert OP.run([np.zeros((0, 5, 3)), np.zeros((4, 6, 7))], attrs)[0].shape == (0, 4, 7)
    assert OP.macs([TensorSpec((None, 5, 3)), kernel], (), attrs) == 168
    for x, k in [
        (TensorSpec((None, 6, 3)), kernel),
        (TensorSpec((None, 5, 5, 3)), kernel),
        (TensorSpec((None, 5, 2)), kernel),
        (TensorSpec((None, 5, 3), "int32"), kernel),
    ]:
        with pytest.raises(InputError, match="local_conv needs"):
            OP.infer([x, k], attrs)
    with pytest.raises(InputError, match="of the size"):
        OP.run([np.zeros((1, 6, 3)), np.zeros((4, 6, 7))], attrs)
