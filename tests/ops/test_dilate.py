"""dilate against loops over the real cells of each window."""

from __future__ import annotations

import numpy as np
import pytest
from ops import naive

from kmin.errors import InputError
from kmin.ops.dilate import OP, DilateAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("sizes", "window", "strides", "dilation"),
    [
        ((6, 5), (3, 3), (1, 1), (1, 1)),
        ((7, 8), (2, 3), (2, 3), (1, 1)),
        ((9, 8), (3, 2), (1, 2), (2, 3)),
        ((6,), (4,), (1,), (1,)),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_loops_agree(
    sizes: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: str,
    dtype: str,
) -> None:
    x = (RNG.normal(size=(2, *sizes, 3)) * 5 - 20).astype(dtype)  # below zero: a padded zero would win
    heights = (RNG.normal(size=(*window, 3)) * 3).astype(dtype)
    counts, places = naive.windows(sizes, window, strides, dilation, padding)
    wanted = np.full((2, *counts, 3), -1000, dtype)
    for place, tap, cell in places:
        at = (slice(None), *place)
        wanted[at] = np.maximum(wanted[at], x[(slice(None), *cell)] + heights[tap])
    attrs = DilateAttrs(strides, dilation, padding)
    (got,) = OP.run([x, heights], attrs)
    np.testing.assert_array_equal(got, wanted)
    specs = [TensorSpec(x.shape, dtype), TensorSpec(heights.shape, dtype)]
    assert OP.infer(specs, attrs) == (TensorSpec(wanted.shape, dtype),)
    assert OP.run([x[:0], heights], attrs)[0].shape == (0, *wanted.shape[1:])


def test_refusals() -> None:
    attrs = DilateAttrs((1, 1), (1, 1))
    for other in (TensorSpec((2, 2, 4)), TensorSpec((2, 2, 3), "float64"), TensorSpec((None, 2, 3))):
        with pytest.raises(InputError, match="a height for each cell"):
            OP.infer([TensorSpec((None, 5, 5, 3)), other], attrs)
    with pytest.raises(InputError, match="at least 3 cells"):
        OP.infer([TensorSpec((None, 2, 5, 3)), TensorSpec((3, 3, 3))], attrs)
