"""encode_categories against counting one number at a time."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.encode_categories import OP, EncodeCategoriesAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(19)
X = RNG.integers(-1, 6, (3, 5, 2))


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_counts(axis: int, binary: bool, weighted: bool) -> None:
    weights = RNG.uniform(0.5, 2, X.shape).astype("f4") if weighted else None
    (got,) = OP.run([X, weights], EncodeCategoriesAttrs(5, binary, axis))
    wanted = np.zeros((3, X.shape[3 - axis], 5))
    for place in np.ndindex(*X.shape):
        row = (place[0], place[2 if axis == 1 else 1])
        if 0 <= X[place] < 5:
            share = weights[place] if weights is not None else 1
            wanted[(*row, X[place])] = 1 if binary else wanted[(*row, X[place])] + share
    np.testing.assert_allclose(got, wanted, rtol=1e-6)
    assert got.dtype == np.float32


def test_shapes_and_refusals() -> None:
    spec, attrs = TensorSpec((None, None), "int32"), EncodeCategoriesAttrs(4, True, dtype="float64")
    assert OP.infer([spec, None], attrs) == (TensorSpec((None, 4), "float64"),)
    assert OP.run([np.zeros((0, 3), int), None], attrs)[0].shape == (0, 4)
    np.testing.assert_array_equal(OP.run([np.zeros((2, 0), int), None], attrs)[0], np.zeros((2, 4)))
    for bad, other in [
        (TensorSpec((None, 3)), attrs),
        (TensorSpec((None,), "int32"), attrs),
        (spec, EncodeCategoriesAttrs(0, True)),
    ]:
        with pytest.raises(InputError, match="encode_categories needs"):
            OP.infer([bad, None], other)
    with pytest.raises(InputError, match="one weight per number"):
        OP.infer([spec, TensorSpec((None,))], attrs)
    with pytest.raises(InputError, match="less than 4"):
        OP.run([np.array([[4]]), None], EncodeCategoriesAttrs(4, True, strict=True))
