"""attention_band against the condition for one pair of places."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.attention_band import OP, AttentionBandAttrs
from kmin.ops.tensor import TensorSpec


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("window", [None, 1, 2, 9])
@pytest.mark.parametrize(("queries", "keys"), [(3, 5), (5, 3), (1, 1), (0, 2)])
def test_pairs(causal: bool, window: int | None, queries: int, keys: int) -> None:
    arrays = [np.zeros((2, queries, 4)), np.zeros((2, 7, keys))]
    (got,) = OP.run(arrays, AttentionBandAttrs(causal, window, (1, 2)))
    assert got.shape == (1, queries, keys)
    assert got.dtype == bool
    for t in range(queries):
        for s in range(keys):
            wanted = (not causal or s <= t) and (window is None or abs(t - s) < window)
            assert got[0, t, s] == wanted


def test_specs() -> None:
    query, key = TensorSpec((None, None, 4)), TensorSpec((None, 6, 4))
    assert OP.infer([query, key], AttentionBandAttrs(True)) == (TensorSpec((1, None, 6), "bool"),)
    with pytest.raises(InputError, match="after the batch"):
        OP.infer([query, key], AttentionBandAttrs(True, None, (1, 3)))
