"""hash_cross against numbers that TensorFlow 2.21 gave."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.hash_cross import OP, HashCrossAttrs
from kmin.ops.tensor import TensorSpec


def test_values() -> None:
    letters, numbers = np.array([[b"A"], [b"B"]]), np.array([[101], [102]])
    assert OP.run([letters, numbers], HashCrossAttrs(1_000_000))[0].tolist() == [[794891], [409576]]
    whole = OP.run([letters, numbers.astype(np.int32)], HashCrossAttrs(2**63 - 1))[0]
    assert whole.tolist() == [[1126068114334019084], [7874245087545633769]]


def test_refusals() -> None:
    text = TensorSpec((None, 1), "string")
    for specs in ([text], [text, TensorSpec((None, 1))]):
        with pytest.raises(InputError, match="needs two strings or integers"):
            OP.infer(specs, HashCrossAttrs(3))
    with pytest.raises(InputError, match="do not broadcast"):
        OP.infer([TensorSpec((None, 2), "string"), TensorSpec((None, 3), "string")], HashCrossAttrs(3))
