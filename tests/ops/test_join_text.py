"""join_text beside Python's join."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.join_text import OP, JoinTextAttrs
from kmin.ops.tensor import TensorSpec

X = np.array([[b"a", b"", b"ccc"], [b"dd", b"e", b"f"]])


def test_axes() -> None:
    assert OP.run([X], JoinTextAttrs(1, False, "-"))[0].tolist() == [b"a--ccc", b"dd-e-f"]
    assert OP.run([X], JoinTextAttrs(0, True))[0].tolist() == [[b"add", b"e", b"cccf"]]
    assert OP.run([X[:, :0]], JoinTextAttrs(1))[0].tolist() == [b"", b""]
    assert OP.infer([TensorSpec((None, 3), "string")], JoinTextAttrs(1, True)) == (TensorSpec((None, 1), "string"),)


def test_refused() -> None:
    with pytest.raises(InputError, match="along an axis"):
        OP.infer([TensorSpec((None, 3), "string")], JoinTextAttrs(2))
