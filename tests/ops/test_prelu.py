"""prelu: own slopes and shared ones."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.prelu import OP, PreluAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(4).normal(size=(2, 3, 4))


@pytest.mark.parametrize("shape", [(3, 4), (1, 4), (3, 1), (1, 1)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values(shape: tuple[int, int], dtype: str) -> None:
    x, alpha = X.astype(dtype), np.random.default_rng(1).normal(size=shape).astype(dtype)
    (got,) = OP.run([x, alpha], PreluAttrs())
    assert got.dtype == dtype
    for place in np.ndindex(*x.shape):
        slope = alpha[tuple(min(at, size - 1) for at, size in zip(place[1:], shape, strict=True))]
        assert got[place] == (x[place] if x[place] > 0 else x[place] * slope)
    assert OP.infer([TensorSpec((None, 3, 4), dtype), TensorSpec(shape, dtype)], PreluAttrs())[0].shape == (None, 3, 4)


def test_unknown_and_empty() -> None:
    spec = TensorSpec((None, None, 4))
    assert OP.infer([spec, TensorSpec((1, 4))], PreluAttrs()) == (spec,)
    assert OP.run([X[:0], np.ones((3, 4))], PreluAttrs())[0].shape == (0, 3, 4)
    for shape in [(4,), (2, 4), (1, 3, 4)]:
        with pytest.raises(InputError):
            OP.infer([TensorSpec((None, 3, 4)), TensorSpec(shape)], PreluAttrs())
