"""adaptive_pool against one window at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.adaptive_pool import OP, AdaptivePoolAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(16)


@pytest.mark.parametrize("kind", ["max", "mean"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "sizes"),
    [((2, 8, 3), (3,)), ((2, 5, 7, 2), (2, 4)), ((1, 3, 5, 2), (5, 5)), ((2, 4, 3, 5, 1), (1, 2, 3))],
)
def test_windows(shape: tuple[int, ...], sizes: tuple[int, ...], kind: str, dtype: str) -> None:
    x = RNG.normal(size=shape).astype(dtype)
    (got,) = OP.run([x], AdaptivePoolAttrs(sizes, kind))
    wanted = np.empty((shape[0], *sizes, shape[-1]))
    for place in np.ndindex(*sizes):
        cells = tuple(
            slice(math.floor(i * size / count), math.ceil((i + 1) * size / count))
            for i, size, count in zip(place, shape[1:-1], sizes, strict=True)
        )
        window = x[(slice(None), *cells)].astype("f8")
        axes = tuple(range(1, len(shape) - 1))
        wanted[(slice(None), *place)] = window.max(axis=axes) if kind == "max" else window.mean(axis=axes)
    tolerance = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}[dtype]
    np.testing.assert_allclose(got, wanted, atol=tolerance)
    assert got.dtype == dtype


def test_shapes_and_refusals() -> None:
    attrs = AdaptivePoolAttrs((3,), "max")
    assert OP.infer([TensorSpec((None, None, 2))], attrs) == (TensorSpec((None, 3, 2)),)
    assert OP.run([np.zeros((0, 5, 2))], attrs)[0].shape == (0, 3, 2)
    for spec, bad in [
        (TensorSpec((None, 4, 4, 2)), attrs),
        (TensorSpec((None, 0, 2)), attrs),
        (TensorSpec((None, 4, 2), "int32"), attrs),
        (TensorSpec((None, 4, 2)), AdaptivePoolAttrs((3,), "sum")),
        (TensorSpec((None, 4, 2)), AdaptivePoolAttrs((0,), "max")),
    ]:
        with pytest.raises(InputError, match="adaptive_pool needs"):
            OP.infer([spec], bad)
