"""gather: rows by id, and ids that are none."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.gather import OP, GatherAttrs
from kmin.ops.tensor import TensorSpec

TABLE = np.arange(12, dtype="f4").reshape(4, 3)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_rows(dtype: str) -> None:
    ids = np.array([[3, 0], [1, 1]], dtype)
    (got,) = OP.run([TABLE, ids], GatherAttrs())
    assert got.shape == (2, 2, 3)
    for place in np.ndindex(2, 2):
        np.testing.assert_array_equal(got[place], TABLE[int(ids[place])])
    (spec,) = OP.infer([TensorSpec(TABLE.shape, "float16"), TensorSpec((None, None), dtype)], GatherAttrs())
    assert spec == TensorSpec((None, None, 3), "float16")


def test_wrap_counts_from_the_end() -> None:
    (got,) = OP.run([TABLE, np.array([-1, -4])], GatherAttrs(wrap=True))
    np.testing.assert_array_equal(got, TABLE[[3, 0]])


@pytest.mark.parametrize(("wrap", "wrong"), [(False, -1), (False, 4), (True, -5), (True, 4)])
def test_refuses_ids_outside_the_table(wrap: bool, wrong: int) -> None:
    with pytest.raises(InputError, match=f"layer 'words': ids must be in .*; received {wrong}"):
        OP.run([TABLE, np.array([0, wrong, 1])], GatherAttrs(wrap, "layer 'words'"))


def test_empty_and_floating_ids() -> None:
    assert OP.run([TABLE, np.zeros((0, 5), "i4")], GatherAttrs())[0].shape == (0, 5, 3)
    with pytest.raises(InputError, match="integer ids"):
        OP.infer([TensorSpec((4, 3)), TensorSpec((None, 5))], GatherAttrs())
