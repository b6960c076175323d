"""join_segments: texts brought together by id."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.join_segments import OP, JoinSegmentsAttrs
from kmin.ops.tensor import TensorSpec

X = np.array([[b"a", b"bb"], [b"c", b""], [b"", b"d"]])
SPEC, WHOLE = TensorSpec((3, 2), "string"), TensorSpec((), "int32")


def test_rows() -> None:
    (got,) = OP.run([X, np.array([2, 0, 2]), np.int32(4)], JoinSegmentsAttrs("-"))
    assert got.tolist() == [[b"c", b""], [b"", b""], [b"a-", b"bb-d"], [b"", b""]]
    (spec,) = OP.infer([SPEC, TensorSpec((None,), "int64"), WHOLE], JoinSegmentsAttrs("-"))
    assert spec == TensorSpec((None, 2), "string")


def test_all_values() -> None:
    (got,) = OP.run([X, np.array([[0, 1], [1, 1], [0, 0]]), np.int64(2)], JoinSegmentsAttrs())
    assert got.tolist() == [b"ad", b"bbc"]
    assert OP.run([X[:0], np.zeros((0, 2), "int32"), np.int32(2)], JoinSegmentsAttrs())[0].tolist() == [b"", b""]


@pytest.mark.parametrize("ids", [[0, 1, 2], [0, -1, 1]])
def test_no_such_segment(ids: list[int]) -> None:
    with pytest.raises(InputError, match="must be from 0 to 1"):
        OP.run([X, np.array(ids), np.int32(2)], JoinSegmentsAttrs())


def test_refusals() -> None:
    ids = TensorSpec((3,), "int32")
    for specs in (
        [TensorSpec((3,)), ids, WHOLE],
        [SPEC, TensorSpec((3,)), WHOLE],
        [SPEC, TensorSpec((2,), "int32"), WHOLE],
    ):
        with pytest.raises(InputError, match="join_segments needs"):
            OP.infer(specs, JoinSegmentsAttrs())
    with pytest.raises(InputError, match="an id for each row and a count"):
        OP.run([X, np.array([0, 0, 0]), np.int64(1) << 40], JoinSegmentsAttrs())
