"""The shared dtype and shape of operands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes, promote_dtypes


def test_floats_beat_integers_and_width_beats_order() -> None:
    assert promote_dtypes(("int64", "float16", "bool")) == "float16"
    assert promote_dtypes(("float32", "float16")) == promote_dtypes(("float16", "float32")) == "float32"
    assert promote_dtypes(("bool", "uint8")) == "uint8"
    assert promote_dtypes(("bool",)) == "bool"


@given(st.lists(st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4), min_size=1, max_size=3))
def test_known_shapes_broadcast_as_in_numpy(shapes: list[list[int]]) -> None:
    try:
        wanted = np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        with pytest.raises(InputError):
            broadcast_shapes([tuple(shape) for shape in shapes])
    else:
        assert broadcast_shapes([tuple(shape) for shape in shapes]) == wanted
