"""roll: round and round."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.roll import OP, RollAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("shift", [0, 1, -1, 7])
def test_values(shift: int) -> None:
    x = np.arange(10).reshape(2, 5)
    (got,) = OP.run([x], RollAttrs(shift, 1))
    np.testing.assert_array_equal(got, [[row[(i - shift) % 5] for i in range(5)] for row in x])


def test_refusals() -> None:
    with pytest.raises(InputError, match="an axis"):
        OP.infer([TensorSpec((None, 2))], RollAttrs(1, 2))
