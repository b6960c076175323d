"""count_ids beside numpy.bincount, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.count_ids import OP, CountIdsAttrs
from kmin.ops.tensor import TensorSpec

RNG = np.random.default_rng(3)
IDS = RNG.integers(0, 6, size=(4, 9)).astype("int32")
WEIGHTS = RNG.normal(size=(4, 9)).astype("float32")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("count", [6, 9])
def test_rows(weighted: bool, count: int) -> None:
    attrs = CountIdsAttrs(count, dtype="float32" if weighted else "int32")
    arrays = [IDS, WEIGHTS] if weighted else [IDS]
    (got,) = OP.run(arrays, attrs)
    wanted = [np.bincount(row, WEIGHTS[i] if weighted else None, count) for i, row in enumerate(IDS)]
    np.testing.assert_allclose(got, wanted, rtol=1e-6)
    specs = [TensorSpec(array.shape, array.dtype.name) for array in arrays]
    assert OP.infer(specs, attrs) == (TensorSpec((4, None), attrs.dtype),)
    np.testing.assert_array_equal(OP.run([array[0] for array in arrays], attrs)[0], got[0])


def test_flags_and_what_is_dropped() -> None:
    attrs = CountIdsAttrs(4, drops=True, flags=True)
    (got,) = OP.run([IDS], attrs)
    assert OP.infer([TensorSpec(IDS.shape, "int32")], attrs) == (TensorSpec((4, 4), "int32"),)
    np.testing.assert_array_equal(got, [[int(at in row) for at in range(4)] for row in IDS])
    assert OP.run([IDS[:0]], CountIdsAttrs(4))[0].shape == (0, 4)
    assert OP.run([IDS[:, :0]], CountIdsAttrs(4))[0].sum() == 0


def test_refusals() -> None:
    with pytest.raises(InputError, match="fit into memory"):
        OP.run([np.array([[0, 1 << 30]])], CountIdsAttrs(4))
    with pytest.raises(InputError, match="from 0 on"):
        OP.run([-IDS], CountIdsAttrs(9, drops=True))
    with pytest.raises(InputError, match="whole numbers"):
        OP.infer([TensorSpec((None, 3))], CountIdsAttrs(4))
    with pytest.raises(InputError, match="a weight for each"):
        OP.infer([TensorSpec((None, 3), "int32"), TensorSpec((None, 2))], CountIdsAttrs(4))


def test_more_than_at_least() -> None:
    (got,) = OP.run([IDS], CountIdsAttrs(2))
    np.testing.assert_array_equal(got, [np.bincount(row, minlength=IDS.max() + 1) for row in IDS])


def test_as_many_as_the_largest_tells() -> None:
    (got,) = OP.run([np.array([[0, 3, 3], [1, 1, 0]])], CountIdsAttrs(0))
    assert got.tolist() == [[1, 0, 0, 2], [1, 2, 0, 0]]
    assert OP.run([np.zeros((2, 0), "int32")], CountIdsAttrs(0))[0].shape == (2, 0)
    assert OP.infer([TensorSpec((None, 3), "int32")], CountIdsAttrs(0))[0].shape == (None, None)
