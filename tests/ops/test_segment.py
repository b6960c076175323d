"""segment: rows brought together by id."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.segment import OP, SEGMENT_KINDS, SegmentAttrs
from kmin.ops.tensor import TensorSpec

IDS = np.array([2, 0, -1, 2, 0, 2], np.int32)


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("kind", SEGMENT_KINDS)
def test_values(kind: str, dtype: str) -> None:
    x = (np.random.default_rng(0).normal(size=(6, 2)) * 5).astype(dtype)
    (got,) = OP.run([x, IDS], SegmentAttrs(kind, 4))
    (spec,) = OP.infer([TensorSpec((None, 2), dtype), TensorSpec((None,), "int32")], SegmentAttrs(kind, 4))
    assert spec == TensorSpec(got.shape, got.dtype.name)
    limits = np.finfo(dtype) if dtype == "float32" else np.iinfo(dtype)
    empty = {"max": limits.min, "min": limits.max, "prod": 1, "sum": 0}[kind]
    for number in range(4):
        rows = x[number == IDS]
        wanted = getattr(rows, kind)(axis=0) if len(rows) else np.full(2, empty)
        np.testing.assert_allclose(got[number], wanted, rtol=1e-6)


def test_told() -> None:
    """As many segments as a value says, of sorted ids only where that is asked for."""
    x, ids = np.arange(6.0, dtype=np.float32).reshape(3, 2), np.array([0, 2, 2], np.int32)
    attrs = SegmentAttrs("sum", None, True)
    (got,) = OP.run([x, ids, np.int32(4)], attrs)
    np.testing.assert_array_equal(got, [[0, 1], [0, 0], [6, 8], [0, 0]])
    specs = [TensorSpec((None, 2)), TensorSpec((None,), "int32"), TensorSpec((), "int32")]
    assert OP.infer(specs, attrs) == (TensorSpec((None, 2)),)
    for wrong in (ids[::-1], ids - 1):
        with pytest.raises(InputError, match="sorted and not negative"):
            OP.run([x, wrong, np.int32(4)], attrs)
    with pytest.raises(InputError, match="fit into memory"):
        OP.run([x, ids, np.int64(1) << 40], attrs)
    with pytest.raises(InputError, match="one whole number"):
        OP.infer([*specs[:2], TensorSpec((1,), "int32")], attrs)


def test_refusals() -> None:
    x = np.zeros((6, 2), np.float32)
    with pytest.raises(InputError, match="must be below 2; received 2"):
        OP.run([x, IDS], SegmentAttrs("sum", 2))
    with pytest.raises(InputError, match="as many ids as rows"):
        OP.run([x[:5], IDS], SegmentAttrs("sum", 3))
    for spec, ids, attrs in [
        (TensorSpec((6, 2)), TensorSpec((5,), "int32"), SegmentAttrs("sum", 3)),
        (TensorSpec((6, 2)), TensorSpec((6,), "float32"), SegmentAttrs("sum", 3)),
        (TensorSpec((6, 2)), TensorSpec((6,), "int32"), SegmentAttrs("mode", 3)),
        (TensorSpec((6, 2)), TensorSpec((6,), "int32"), SegmentAttrs("sum", 0)),
    ]:
        with pytest.raises(InputError, match="segment needs"):
            OP.infer([spec, ids], attrs)
