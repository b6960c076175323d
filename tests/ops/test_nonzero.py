"""nonzero against NumPy's own places, for no axes and no values, too."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.ops.nonzero import OP, NonzeroAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (3, 0, 2), (3, 4, 2)])
def test_places(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 2, shape)
    (got,) = OP.run([x], NonzeroAttrs())
    assert (got.shape, got.dtype) == ((int(x.sum()), len(shape)), np.int64)
    assert all(x[tuple(place)] for place in got)
    assert sorted(map(tuple, got.tolist())) == list(map(tuple, got.tolist()))
    assert OP.infer([TensorSpec(shape)], NonzeroAttrs()) == (TensorSpec((None, len(shape)), "int64"),)
