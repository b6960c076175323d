"""shape_by against NumPy with the numbers put in."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.shape_by import OP, ShapeByAttrs
from kmin.ops.tensor import TensorSpec

X = np.arange(6.0, dtype="float32").reshape(1, 6)
SPEC = TensorSpec((None, 6))
NUMBER = TensorSpec((), "int32")


@pytest.mark.parametrize(
    ("kind", "sizes", "wanted", "shape"),
    [
        ("reshape", (("at", 0), -1), X.reshape(2, 3), (None, None)),
        ("reshape", (3, ("at", 0)), X.reshape(3, 2), (3, None)),
        ("broadcast", (("at", 0), -1), np.broadcast_to(X, (2, 6)), (None, 6)),
        ("broadcast", (3, ("at", 0), 6), np.broadcast_to(X, (3, 2, 6)), (3, None, 6)),
        ("tile", (("at", 0), 2), np.tile(X, (2, 2)), (None, 12)),
        ("pad", (0, ("at", 0), 1, 0), np.pad(X, ((0, 2), (1, 0)), constant_values=5), (None, 7)),
    ],
)
def test_kinds(kind: str, sizes: tuple[int, ...], wanted: np.ndarray, shape: tuple[int | None, ...]) -> None:
    attrs = ShapeByAttrs(kind, sizes, 5)
    (got,) = OP.run([X, np.int32(2)], attrs)
    np.testing.assert_array_equal(got, wanted)
    assert (OP.infer([SPEC, NUMBER], attrs)[0].shape, got.dtype) == (shape, X.dtype)


def test_many_cells_around_few() -> None:
    x = np.zeros((1, 1, 1, 1), "float32")
    (got,) = OP.run([x, np.int32(0)], ShapeByAttrs("pad", (("at", 0), 0, 250, 250, 250, 250, 0, 0)))
    assert got.shape == (1, 501, 501, 1)
    (got,) = OP.run([x[:0], np.int32(1 << 16)], ShapeByAttrs("tile", (("at", 0), 1 << 8, 1 << 8, 1)))
    assert got.shape == (0, 256, 256, 1)


def test_refusals() -> None:
    for kind, sizes in (("reshape", (("at", 0), 4)), ("broadcast", (1, ("at", 0)))):
        with pytest.raises(InputError, match=kind):
            OP.run([X, np.int32(5)], ShapeByAttrs(kind, sizes))
    for number in (-1, 1 << 40):
        with pytest.raises(InputError, match="fit into memory"):
            OP.run([X, np.int64(number)], ShapeByAttrs("tile", (("at", 0), 1)))
    with pytest.raises(InputError, match="fit into memory"):
        OP.run([X, np.int64(1 << 31)], ShapeByAttrs("pad", (0, 0, ("at", 0), 0)))
    for kind, sizes in (("tile", (2,)), ("pad", (1, 1)), ("broadcast", (6,)), ("turn", (1, 6))):
        with pytest.raises(InputError, match="numbers for the axes"):
            OP.infer([SPEC, NUMBER], ShapeByAttrs(kind, sizes))
    with pytest.raises(InputError, match="whole numbers"):
        OP.infer([SPEC, TensorSpec(())], ShapeByAttrs("tile", (("at", 0), 1)))
