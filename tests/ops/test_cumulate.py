"""cumulate: against loops."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.cumulate import OP, CumulateAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("kind", ["sum", "prod"])
@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_values(kind: str, exclusive: bool, reverse: bool, dtype: str) -> None:
    x = np.array([[1, 2, 3, 4], [5, -6, 7, 2]], dtype)
    (got,) = OP.run([x], CumulateAttrs(-1, kind, exclusive, reverse))
    wanted = np.zeros_like(x)
    for row in range(2):
        values = x[row, ::-1] if reverse else x[row]
        running = []
        for i in range(4):
            part = values[: i if exclusive else i + 1]
            running.append(part.sum() if kind == "sum" else part.prod())
        wanted[row] = running[::-1] if reverse else running
    np.testing.assert_array_equal(got, wanted)
    assert got.dtype == dtype


def test_empty_and_refused() -> None:
    assert OP.run([np.zeros((2, 0), "f4")], CumulateAttrs(1, "sum", True))[0].shape == (2, 0)
    with pytest.raises(InputError, match="needs numbers"):
        OP.infer([TensorSpec((None,), "bool")], CumulateAttrs(0))
