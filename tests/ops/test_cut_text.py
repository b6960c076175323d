"""cut_text beside Python's slices."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.cut_text import OP, CutTextAttrs
from kmin.ops.tensor import TensorSpec

TEXTS = ["grün", "日本語", "abcde"]
X = np.array([text.encode() for text in TEXTS])


def run(start: object, count: object, characters: bool) -> list[bytes]:
    found: list[bytes] = OP.run([X, np.asarray(start), np.asarray(count)], CutTextAttrs(characters))[0].tolist()
    return found


def test_places() -> None:
    assert run(1, 2, True) == [text[1:3].encode() for text in TEXTS]
    assert run(-2, 9, True) == [text[-2:].encode() for text in TEXTS]
    whole = [text.encode() for text in TEXTS]
    assert run([1, 3, 5], [1, 6, 2], False) == [whole[0][1:2], whole[1][3:9], whole[2][5:7]]
    assert run(0, 0, False) == [b"", b"", b""]
    assert run(1, -1, False) == [text[1:] for text in whole]
    assert run(1, -1, True) == [b"", b"", b""]


def test_outside() -> None:
    with pytest.raises(InputError, match="cannot begin at 4"):
        run(4, 1, True)
    with pytest.raises(InputError, match="needs one place"):
        OP.infer([TensorSpec((None, 3), "string"), TensorSpec((3,), "int32"), TensorSpec((), "int32")], CutTextAttrs())
    with pytest.raises(InputError, match="needs texts"):
        OP.infer([TensorSpec((3,), "int32"), TensorSpec((), "int32"), TensorSpec((), "int32")], CutTextAttrs())
