"""arg_max_pool: max_pool's values, and places at which they stand, the first of equal ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops.arg_max_pool import OP, ArgMaxPoolAttrs
from kmin.ops.tensor import TensorSpec

POOLS = [row for row in naive.POOLS if isinstance(row[3], str)]


@pytest.mark.parametrize(("sizes", "window", "strides", "padding"), POOLS)
@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("samples", [False, True])
def test_loops_agree(
    sizes: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], padding: Any, dtype: str, samples: bool
) -> None:
    x = np.random.default_rng(1).integers(-9, -5, size=(3, *sizes, 2)).astype(dtype)
    attrs = ArgMaxPoolAttrs(window, strides, padding, samples)
    values, places = OP.run([x], attrs)
    np.testing.assert_array_equal(values, naive.pool(x, window, strides, padding, np.max))
    flat = np.arange(x.size).reshape(x.shape)
    _, cells = naive.windows(sizes, window, strides, (1,) * len(sizes), padding)
    first = np.full(places.shape, x.size)
    for place, _, cell in cells:
        at, here = (slice(None), *place), (slice(None), *cell)
        first[at] = np.minimum(first[at], np.where(x[here] == values[at], flat[here], x.size))
    start = 0 if samples else np.arange(3).reshape(-1, *(1,) * (x.ndim - 1)) * x[0].size
    np.testing.assert_array_equal(places, first - start)
    found = OP.infer([TensorSpec(x.shape, dtype)], attrs)
    assert found == (TensorSpec(values.shape, dtype), TensorSpec(values.shape, "int64"))
    assert OP.run([x[:0]], attrs)[1].shape == (0, *values.shape[1:])


def test_refusals() -> None:
    with pytest.raises(InputError, match="2 spatial axes"):
        OP.infer([TensorSpec((None, 4, 3))], ArgMaxPoolAttrs((2, 2), (2, 2)))
