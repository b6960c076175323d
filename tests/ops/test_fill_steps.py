"""fill_steps: rows of one length."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.fill_steps import OP, FillStepsAttrs
from kmin.ops.tensor import TensorSpec

THERE = np.array([[True, True, False, False], [True, False, False, False]])


def test_numbers() -> None:
    x = np.arange(8).reshape(2, 4)
    assert OP.run([x, THERE], FillStepsAttrs(-1))[0].tolist() == [[0, 1], [4, -1]]
    assert OP.run([x, THERE], FillStepsAttrs(-1, 3))[0].tolist() == [[0, 1, -1], [4, -1, -1]]
    assert OP.run([x, THERE], FillStepsAttrs(-1, 1))[0].tolist() == [[0], [4]]
    deep = np.arange(16, dtype="float32").reshape(2, 4, 2)
    (got,) = OP.run([deep, THERE], FillStepsAttrs(0.5))
    assert got.dtype == np.float32
    assert got.tolist() == [[[0, 1], [2, 3]], [[8, 9], [0.5, 0.5]]]
    assert OP.run([x, THERE & False], FillStepsAttrs(0))[0].shape == (2, 0)
    spec = OP.infer([TensorSpec((None, 4, 2), "float32"), TensorSpec((None, 4), "bool")], FillStepsAttrs(0, 9))
    assert spec == (TensorSpec((None, 9, 2), "float32"),)


def test_texts() -> None:
    x = np.array([[b"a", b"b", b"", b""], [b"c", b"", b"", b""]])
    (got,) = OP.run([x, THERE], FillStepsAttrs("none", 3))
    assert got.tolist() == [[b"a", b"b", b"none"], [b"c", b"none", b"none"]]
    with pytest.raises(InputError, match="a value like them"):
        OP.infer([TensorSpec((None, 4), "string"), TensorSpec((None, 4), "bool")], FillStepsAttrs(0))
