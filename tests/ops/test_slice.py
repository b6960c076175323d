"""slice: Python's own slices."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.slice import OP, SliceAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize(
    "cut", [(None, None, None), (1, 3, None), (-2, None, None), (None, -1, 2), (None, None, -1), (4, 0, -2), (9, 12, 1)]
)
def test_values(cut: tuple[int | None, int | None, int | None]) -> None:
    x = np.arange(60).reshape(2, 5, 6)
    attrs = SliceAttrs(((None, None, None), cut))
    (got,) = OP.run([x], attrs)
    np.testing.assert_array_equal(got, x[:, np.array(range(5)[slice(*cut)], int)])
    assert OP.infer([TensorSpec((None, 5, 6))], attrs)[0].shape[1:] == got.shape[1:]


def test_open_sizes_stay_open() -> None:
    assert OP.infer([TensorSpec((None, None))], SliceAttrs(((None, None, None), (1, 3, None))))[0].shape == (None, None)
    with pytest.raises(InputError, match="at most 1 cuts"):
        OP.infer([TensorSpec((None,))], SliceAttrs(((None, None, None), (1, 3, None))))
