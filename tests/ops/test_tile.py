"""tile: a, b, a, b."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.tile import OP, TileAttrs


def test_values() -> None:
    (got,) = OP.run([np.array([[1, 2]], "i4")], TileAttrs((2, 2)))
    np.testing.assert_array_equal(got, [[1, 2, 1, 2], [1, 2, 1, 2]])
    assert OP.infer([TensorSpec((None, 3, None))], TileAttrs((1, 2, 3)))[0].shape == (None, 6, None)
    with pytest.raises(InputError, match="a count for each axis"):
        OP.infer([TensorSpec((None, 3))], TileAttrs((1,)))
