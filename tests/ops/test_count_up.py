"""count_up against Python's range, and floats that add up."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.count_up import OP, CountUpAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("ends", [(0, 5, 1), (0, 0, 1), (2, 9, 3), (5, -2, -2), (3, 3, -1)])
def test_whole_numbers(ends: tuple[int, int, int]) -> None:
    (got,) = OP.run([np.int32(end) for end in ends], CountUpAttrs())
    assert (got.dtype, got.tolist()) == (np.int32, list(range(*ends)))


def test_floats_add_up() -> None:
    (got,) = OP.run([np.float32(end) for end in (0.5, 2.0, 0.1)], CountUpAttrs())
    value, wanted = np.float32(0.5), []
    for _ in range(15):
        wanted.append(value)
        value += np.float32(0.1)
    assert got.tolist() == wanted
    assert OP.infer([TensorSpec(())] * 3, CountUpAttrs()) == (TensorSpec((None,)),)


def test_refusals() -> None:
    for ends in ((0, 5, 0), (0, 5, -1), (5, 0, 1)):
        with pytest.raises(InputError, match="towards its end"):
            OP.run([np.int32(end) for end in ends], CountUpAttrs())
    with pytest.raises(InputError, match="towards its end"):
        OP.run([np.float32(end) for end in (0, np.nan, 1)], CountUpAttrs())
    with pytest.raises(InputError, match="may have"):
        OP.run([np.int64(end) for end in (0, 1 << 40, 1)], CountUpAttrs())
    for ends in ((0, 1, np.nan), (0, 1e38, 1e-38)):
        with pytest.raises(InputError, match="may have"):
            OP.run([np.float32(end) for end in ends], CountUpAttrs())
    with pytest.raises(InputError, match="one dtype"):
        OP.infer([TensorSpec(()), TensorSpec((2,)), TensorSpec(())], CountUpAttrs())
