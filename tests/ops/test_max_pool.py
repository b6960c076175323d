"""max_pool against loops over the real cells of each window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops.max_pool import OP, MaxPoolAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize(("sizes", "window", "strides", "padding"), naive.POOLS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_loops_agree(
    sizes: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], padding: Any, dtype: str
) -> None:
    x = (np.random.default_rng(1).normal(size=(3, *sizes, 2)) - 5).astype(dtype)  # below zero: a padded zero would win
    wanted = naive.pool(x, window, strides, padding, np.max)
    attrs = MaxPoolAttrs(window, strides, padding)
    (got,) = OP.run([x], attrs)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, wanted)
    assert OP.infer([TensorSpec(x.shape, dtype)], attrs) == (TensorSpec(wanted.shape, dtype),)
    unknown = TensorSpec((None, *(None for _ in sizes), 2))
    assert OP.infer([unknown], attrs)[0].shape == unknown.shape
    assert OP.run([x[:0]], attrs)[0].shape == (0, *wanted.shape[1:])
    np.testing.assert_array_equal(OP.run([np.asfortranarray(x)], attrs)[0], got)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int64"])
def test_integer_maximum_never_takes_the_padding(dtype: str) -> None:
    x = np.zeros((1, 3, 3, 1), dtype) if dtype == "uint8" else np.full((1, 3, 3, 1), -9, dtype)
    (got,) = OP.run([x], MaxPoolAttrs((2, 2), (2, 2), "same"))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.full((1, 2, 2, 1), x[0, 0, 0, 0], dtype))


def test_infinities_survive() -> None:
    x = np.full((1, 3, 3, 1), -np.inf, np.float32)
    (got,) = OP.run([x], MaxPoolAttrs((2, 2), (2, 2), "same"))
    assert np.isneginf(got).all()


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 3 cells along spatial axis 0; received 2"):
        OP.infer([TensorSpec((None, 2, 4, 1))], MaxPoolAttrs((3, 3), (1, 1)))
    with pytest.raises(InputError, match="at least 3 cells"):
        OP.run([np.zeros((1, 2, 4, 1))], MaxPoolAttrs((3, 3), (1, 1)))
    with pytest.raises(InputError, match="2 spatial axes; received"):
        OP.infer([TensorSpec((None, 2, 4))], MaxPoolAttrs((3, 3), (1, 1)))
    with pytest.raises(InputError, match="needs numbers"):
        OP.infer([TensorSpec((None, 5, 4, 1), "bool")], MaxPoolAttrs((3, 3), (1, 1)))
