"""take: against loops."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.take import OP, TakeAttrs
from kmin.ops.tensor import TensorSpec

X = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)


def test_values() -> None:
    ids = np.array([[0, -1], [2, 1]])
    (got,) = OP.run([X, ids], TakeAttrs(2))
    assert got.shape == (2, 3, 2, 2, 5)
    for i in range(2):
        for j in range(2):
            np.testing.assert_array_equal(got[:, :, i, j], X[:, :, ids[i, j]])


def test_batch_axes() -> None:
    ids = np.array([[0, 1, 2], [3, 3, 0]])
    (got,) = OP.run([X, ids], TakeAttrs(2, False, 1))
    assert got.shape == (2, 3, 3, 5)
    for row in range(2):
        np.testing.assert_array_equal(got[row], X[row][:, ids[row]])
    (got,) = OP.run([X, np.array([[0, 1, 2], [2, 1, 0]])], TakeAttrs(2, False, 2))
    assert got.shape == (2, 3, 5)
    np.testing.assert_array_equal(got[1, 0], X[1, 0, 2])


def test_shapes_and_refusals() -> None:
    specs = [TensorSpec((None, 3, 4)), TensorSpec((None, 7), "int32")]
    assert OP.infer(specs, TakeAttrs(1, False, 1))[0].shape == (None, 7, 4)
    with pytest.raises(InputError, match="integer ids"):
        OP.infer([specs[0], specs[0]], TakeAttrs(1))
    with pytest.raises(InputError, match=r"must be in \[0, 4\); received -1"):
        OP.run([X, np.array([-1])], TakeAttrs(2, False))
    with pytest.raises(InputError, match="received 4"):
        OP.run([X, np.array([4])], TakeAttrs(2))
