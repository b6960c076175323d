"""crop against slices."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.crop import OP, CropAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(6).normal(size=(2, 4, 5, 3)).astype(np.float32)


def test_slices_agree() -> None:
    attrs = CropAttrs(((0, 0), (1, 0), (2, 2), (0, 0)))
    (got,) = OP.run([X], attrs)
    np.testing.assert_array_equal(got, X[:, 1:, 2:3])
    assert OP.infer([TensorSpec(X.shape)], attrs) == (TensorSpec((2, 3, 1, 3)),)
    assert OP.infer([TensorSpec((None, None, 5, 3))], attrs)[0].shape == (None, None, 1, 3)
    assert OP.run([X[:0]], attrs)[0].shape == (0, 3, 1, 3)


def test_refusals() -> None:
    with pytest.raises(InputError, match="leaves nothing"):
        OP.infer([TensorSpec(X.shape)], CropAttrs(((0, 0), (2, 2), (0, 0), (0, 0))))
    with pytest.raises(InputError, match="leaves nothing"):
        OP.run([X], CropAttrs(((0, 0), (3, 2), (0, 0), (0, 0))))
