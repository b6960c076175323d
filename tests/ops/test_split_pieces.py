"""split_pieces beside Python's split."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.split_pieces import OP, PIECES, SplitPiecesAttrs
from kmin.ops.tensor import TensorSpec

TEXTS = [" a b;c ", "", "grün", ";x;"]
X = np.array([text.encode() for text in TEXTS])


def run(*attrs: object) -> list[list[object]]:
    values, there = OP.run([X], SplitPiecesAttrs(*attrs))  # type: ignore[arg-type]
    assert values.shape == there.shape
    return [row[: int(count)] for row, count in zip(values.tolist(), there.sum(1), strict=True)]


def test_pieces() -> None:
    assert run() == [text.encode().split() for text in TEXTS]
    assert run("separator", ";") == [text.encode().split(b";") for text in TEXTS]
    assert run("separator", ";", 1) == [text.encode().split(b";", 1) for text in TEXTS]
    assert run("bytes") == [[bytes([code]) for code in text.encode()] for text in TEXTS]
    assert run("characters") == [[letter.encode() for letter in text] for text in TEXTS]
    assert run("codes") == [[ord(letter) for letter in text] for text in TEXTS]


@pytest.mark.parametrize("by", PIECES)
def test_nothing(by: str) -> None:
    attrs = SplitPiecesAttrs(by, ";" if by == "separator" else "")
    assert [part.shape for part in OP.run([X[:0]], attrs)] == [(0, 1), (0, 1)]
    values, there = OP.infer([TensorSpec((None,), "string")], attrs)
    assert values == TensorSpec((None, None), "int32" if by == "codes" else "string")
    assert there == TensorSpec((None, None), "bool")


@pytest.mark.parametrize("attrs", [SplitPiecesAttrs("line"), SplitPiecesAttrs("separator"), SplitPiecesAttrs(most=2)])
def test_refused(attrs: SplitPiecesAttrs) -> None:
    with pytest.raises(InputError, match="split_pieces"):
        OP.infer([TensorSpec((None,), "string")], attrs)
