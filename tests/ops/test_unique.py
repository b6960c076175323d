"""unique against a loop over slices."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.tensor import TensorSpec
from kmin.ops.unique import OP, UniqueAttrs

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"), [((20,), 0), ((0,), 0), ((9, 2), 0), ((2, 9), 1), ((2, 2, 8), 2), ((3, 0), 0)]
)
def test_slices(shape: tuple[int, ...], axis: int, ordered: bool) -> None:
    x = RNG.integers(0, 3, shape).astype("float32")
    y, inverse, counts, first = OP.run([x], UniqueAttrs(axis, ordered, "int64"))
    slices = [tuple(np.take(x, at, axis).ravel()) for at in range(shape[axis])]
    seen = list(dict.fromkeys(slices))
    if ordered and x.ndim == 1:
        seen.sort()
    got = [tuple(np.take(y, at, axis).ravel()) for at in range(y.shape[axis])]
    assert sorted(got) == sorted(seen)
    assert got == seen if not ordered or x.ndim == 1 else len(got) == len(seen)
    assert [got[at] for at in inverse] == slices
    assert counts.tolist() == [slices.count(item) for item in got]
    assert first.tolist() == [slices.index(item) for item in got]
    assert {part.dtype for part in (inverse, counts, first)} == {np.dtype("int64")}


def test_nan_equals_nothing() -> None:
    x = np.array([np.nan, 0.0, np.nan, -0.0], "float32")
    y, inverse, *_ = OP.run([x], UniqueAttrs())
    assert inverse.tolist() == [0, 1, 2, 1]
    assert len(y) == 3


def test_of_a_size() -> None:
    x = np.array([4, 4, 1, 7])
    cut = OP.run([x], UniqueAttrs(0, True, "int32", 2))
    assert [part.tolist() for part in cut] == [[1, 4], [1, 1, 0, 2], [1, 2], [2, 0]]
    filled = OP.run([x], UniqueAttrs(0, True, "int32", 5, -1))
    assert [part.tolist() for part in filled] == [[1, 4, 7, -1, -1], [1, 1, 0, 2], [1, 2, 1, 0, 0], [2, 0, 3, 1, 1]]
    assert OP.infer([TensorSpec((None, 2))], UniqueAttrs(0, size=5))[0] == TensorSpec((5, 2))


def test_refusals() -> None:
    with pytest.raises(InputError, match="one of the axes"):
        OP.infer([TensorSpec((None,))], UniqueAttrs(1))
