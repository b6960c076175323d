"""reshape: sizes, rests and copies, with unknown and empty axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.reshape import OP, ReshapeAttrs
from kmin.ops.tensor import TensorSpec

BATCH = ("x", 0)
ROWS: list[tuple[tuple[int | None, ...], tuple[Any, ...], tuple[int | None, ...]]] = [
    ((None, 3, 4), (BATCH, -1), (None, 12)),
    ((None, 3, 4), (BATCH, 2, -1), (None, 2, 6)),
    ((None, 3, 4), (BATCH, 6, 2), (None, 6, 2)),
    ((None,), (BATCH, -1), (None, 1)),
    ((None,), (BATCH, 1, 1), (None, 1, 1)),
    ((None, None, 4), (BATCH, -1), (None, None)),
    ((None, None, 4), (BATCH, -1, 2), (None, None, 2)),
    ((None, None, 4), (BATCH, ("x", 1), 2, 2), (None, None, 2, 2)),
    ((None, 5, 4), (-1, ("x", 2)), (None, 4)),
    ((None, None, 6, 3), (-1, ("x", 2), ("x", 3)), (None, 6, 3)),
    ((2, 3, 4), (-1,), (24,)),
    ((2, 3, 4), (4, ("x", 1), -1), (4, 3, 2)),
]


@pytest.mark.parametrize(("shape", "target", "wanted"), ROWS)
def test_infer_and_run_agree(shape: tuple, target: tuple, wanted: tuple) -> None:
    assert OP.infer([TensorSpec(shape, "int8")], ReshapeAttrs(target)) == (TensorSpec(wanted, "int8"),)
    for batch in (1, 2, 5):
        real = [batch if axis == 0 and size is None else 4 if size is None else size for axis, size in enumerate(shape)]
        x = np.arange(np.prod(real)).reshape(real)
        (got,) = OP.run([x], ReshapeAttrs(target))
        np.testing.assert_array_equal(got.ravel(), x.ravel())
        assert len(got.shape) == len(wanted)
        assert all(w is None or w == g for w, g in zip(wanted, got.shape, strict=True))


@pytest.mark.parametrize(("shape", "target", "wanted"), [row for row in ROWS if row[0][0] is None])
def test_empty_batches(shape: tuple, target: tuple, wanted: tuple) -> None:
    real = [0 if axis == 0 else 4 if size is None else size for axis, size in enumerate(shape)]
    (got,) = OP.run([np.zeros(real)], ReshapeAttrs(target))
    assert got.size == 0
    assert all(w is None or w == g for w, g in zip(wanted[1:], got.shape[1:], strict=True))


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_merge_and_part_again(batch: int) -> None:
    x = np.arange(batch * 20).reshape(batch, 4, 5)
    (merged,) = OP.run([x], ReshapeAttrs((-1, ("x", 2))))
    assert merged.shape == (batch * 4, 5)
    (parted,) = OP.run([merged, x], ReshapeAttrs((("like", 0), ("like", 1), 5)))
    np.testing.assert_array_equal(parted, x)
    specs = [TensorSpec((None, 5)), TensorSpec((None, None, 9))]
    assert OP.infer(specs, ReshapeAttrs((("like", 0), ("like", 1), 5)))[0].shape == (None, None, 5)


def test_strided_input() -> None:
    x = np.arange(24).reshape(2, 3, 4).transpose(0, 2, 1)
    np.testing.assert_array_equal(OP.run([x], ReshapeAttrs((BATCH, -1)))[0], [list(row.ravel()) for row in x])


@pytest.mark.parametrize("target", [(BATCH, 5), (BATCH, 5, -1), (BATCH, 13)])
def test_refusals(target: tuple) -> None:
    with pytest.raises(InputError, match="reshape of"):
        OP.infer([TensorSpec((None, 3, 4))], ReshapeAttrs(target))
    with pytest.raises(InputError, match="reshape of"):
        OP.run([np.zeros((2, 3, 4))], ReshapeAttrs(target))
