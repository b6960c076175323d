"""take_along: against loops."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.take_along import OP, TakeAlongAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    x = np.arange(24).reshape(2, 3, 4)
    ids = np.array([[[0], [1], [-1]], [[3], [2], [0]]])
    (got,) = OP.run([x, ids], TakeAlongAttrs(-1))
    np.testing.assert_array_equal(got, [[[x[b, t, ids[b, t, 0]]] for t in range(3)] for b in range(2)])
    (got,) = OP.run([x, ids[:1]], TakeAlongAttrs(2))
    np.testing.assert_array_equal(got[1], [[x[1, t, ids[0, t, 0]]] for t in range(3)])


def test_shapes_and_refusals() -> None:
    specs = [TensorSpec((None, 3, 4)), TensorSpec((None, 3, 2), "int32")]
    assert OP.infer(specs, TakeAlongAttrs(-1)) == (TensorSpec((None, 3, 2)),)
    with pytest.raises(InputError, match="of the rank"):
        OP.infer([specs[0], TensorSpec((None, 3), "int32")], TakeAlongAttrs(1))
    with pytest.raises(InputError, match="received 4"):
        OP.run([np.zeros((2, 4), "f4"), np.array([[4], [0]])], TakeAlongAttrs(1))
