"""put_block: a block put in its place."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.put_block import OP, PutBlockAttrs
from kmin.ops.tensor import TensorSpec

X = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize(("start", "place"), [((1, 2), (1, 2)), ((0, 0), (0, 0)), ((2, 9), (1, 2)), ((-1, 1), (0, 1))])
def test_put_block(start: tuple[int, int], place: tuple[int, int]) -> None:
    block = np.full((2, 2), 7, np.float32)
    given = [X, np.array(start, np.int32), block]
    (got,) = OP.run(given, PutBlockAttrs())
    assert OP.infer([TensorSpec(array.shape, array.dtype.name) for array in given], PutBlockAttrs()) == (
        TensorSpec((3, 4)),
    )
    wanted = X.copy()
    wanted[place[0] : place[0] + 2, place[1] : place[1] + 2] = 7
    np.testing.assert_array_equal(got, wanted)


def test_put_block_refuses_what_does_not_fit() -> None:
    starts = TensorSpec((2,), "int32")
    for places, block in [(starts, TensorSpec((4, 2))), (TensorSpec((3,), "int32"), TensorSpec((2, 2)))]:
        with pytest.raises(InputError, match="put_block needs"):
            OP.infer([TensorSpec((3, 4)), places, block], PutBlockAttrs())
    with pytest.raises(InputError, match="fits into"):
        OP.run([X, np.zeros(2, np.int32), np.zeros((4, 2), np.float32)], PutBlockAttrs())
