"""slice_at against Python's slices."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.slice_at import OP, SliceAtAttrs
from kmin.ops.tensor import TensorSpec

X = np.arange(24).reshape(4, 6)


def test_ends() -> None:
    attrs = SliceAtAttrs(((None, None, None), (("at", 0), ("at", 1), ("at", 2))))
    for ends in ((1, 5, 2), (0, 99, 1), (-2, 6, 1), (5, 0, -1), (3, 3, 1)):
        (got,) = OP.run([X, *map(np.int32, ends)], attrs)
        np.testing.assert_array_equal(got, X[:, slice(*ends)])
    number = TensorSpec((), "int32")
    assert OP.infer([TensorSpec((None, 6)), number, number, number], attrs) == (TensorSpec((None, None)),)
    assert OP.infer([TensorSpec((None, 6)), number], SliceAtAttrs(((None, ("at", 0), None), (1, 3, None)))) == (
        TensorSpec((None, 2)),
    )


def test_refusals() -> None:
    exact = SliceAtAttrs(((("at", 0), ("at", 1), None),), True)
    for ends in ((-1, 2), (0, 5), (3, 2)):
        with pytest.raises(InputError, match="within an axis of 4"):
            OP.run([X, *map(np.int32, ends)], exact)
    with pytest.raises(InputError, match="must not be 0"):
        OP.run([X, np.int32(0)], SliceAtAttrs(((None, None, ("at", 0)),)))
    with pytest.raises(InputError, match="whole numbers"):
        OP.infer([TensorSpec((None, 6)), TensorSpec(())], SliceAtAttrs(((("at", 0), None, None),)))
