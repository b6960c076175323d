"""avg_pool against loops over the real cells of each window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops.avg_pool import OP, AvgPoolAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize(("sizes", "window", "strides", "padding"), naive.POOLS)
def test_loops_agree(sizes: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], padding: Any) -> None:
    x = np.random.default_rng(1).normal(size=(3, *sizes, 2)) - 5
    wanted = naive.pool(x, window, strides, padding, np.mean)
    attrs = AvgPoolAttrs(window, strides, padding)
    (got,) = OP.run([x], attrs)
    np.testing.assert_allclose(got, wanted, rtol=1e-13)
    assert OP.infer([TensorSpec(x.shape, "float64")], attrs) == (TensorSpec(wanted.shape, "float64"),)
    unknown = TensorSpec((None, *(None for _ in sizes), 2))
    assert OP.infer([unknown], attrs)[0].shape == unknown.shape
    assert OP.run([x[:0]], attrs)[0].shape == (0, *wanted.shape[1:])
    np.testing.assert_array_equal(OP.run([np.asfortranarray(x)], attrs)[0], got)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 1e-3), ("float32", 1e-5)])
def test_dtypes(dtype: str, tolerance: float) -> None:
    x = np.random.default_rng(1).normal(size=(2, 5, 6, 3)).astype(dtype)
    attrs = AvgPoolAttrs((2, 2), (2, 2), "same")
    (got,) = OP.run([x], attrs)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, OP.run([x.astype("f8")], attrs)[0], rtol=tolerance, atol=tolerance)


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 3 cells"):
        OP.run([np.zeros((1, 2, 4, 1))], AvgPoolAttrs((3, 3), (1, 1)))
    with pytest.raises(InputError, match="floating"):
        OP.infer([TensorSpec((None, 5, 4, 1), "int32")], AvgPoolAttrs((3, 3), (1, 1)))


def test_windows_of_padding_alone_are_refused() -> None:
    """No Keras pads so far: the mean of no cells is nothing."""
    spec = TensorSpec((None, 5, 4, 1), "float32")
    OP.infer([spec], AvgPoolAttrs((2, 3), (1, 1), ((1, 1), (2, 2))))
    with pytest.raises(InputError, match="paddings smaller than its window"):
        OP.infer([spec], AvgPoolAttrs((2, 3), (1, 1), ((1, 1), (0, 3))))
