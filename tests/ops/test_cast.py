"""cast: another dtype, the same values."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.ops.cast import OP, CastAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"])
def test_values(dtype: str) -> None:
    x = np.array([[0.0, 1.9], [2.5, 100.0]])
    (got,) = OP.run([x], CastAttrs(dtype))
    assert OP.infer([TensorSpec((None, 2), "float64")], CastAttrs(dtype)) == (TensorSpec((None, 2), got.dtype.name),)
    assert got.dtype == dtype
    wanted = {"b": [[False, True], [True, True]], "u": [[0, 1], [2, 100]], "i": [[0, 1], [2, 100]], "f": x}
    np.testing.assert_allclose(got, wanted[got.dtype.kind], rtol=1e-3 if dtype == "float16" else 1e-7)


def test_integers_lose_their_fraction_towards_zero() -> None:
    np.testing.assert_array_equal(OP.run([np.array([-1.9, -0.5, 2.7])], CastAttrs("int32"))[0], [-1, 0, 2])
