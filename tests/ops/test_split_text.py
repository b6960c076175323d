"""split_text: examples by hand; the goldens compare with Keras."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.split_text import OP, SplitTextAttrs
from kmin.ops.tensor import TensorSpec


def split(texts: list[bytes], *settings: object, **options: object) -> list[list[bytes]]:
    attrs = SplitTextAttrs(*settings, **options)
    (got,) = OP.run([np.array(texts, "S")], attrs)
    (spec,) = OP.infer([TensorSpec((None,), "string")], attrs)
    assert spec.rank == got.ndim
    return got.tolist()


def test_words() -> None:
    assert split([b" The  Cat!\n", b"a"]) == [[b"The", b"Cat!"], [b"a", b""]]
    assert split([b"The-Cat!"], "lower_and_strip_punctuation") == [[b"thecat"]]
    assert split([b"a b c"], length=2) == [[b"a", b"b"]]
    assert split([b""]) == [[]]
    assert split(["\u00c4B".encode()], "lower") == [["\u00c4b".encode()]]


def test_characters() -> None:
    assert split(["a\u00e9".encode(), b"\xff"], "none", "character") == [
        [b"a", "\u00e9".encode()],
        [b"\xef\xbf\xbd", b""],
    ]


def test_ngrams() -> None:
    assert split([b"a b c"], ngrams=(1, 2)) == [[b"a", b"b", b"c", b"a b", b"b c"]]
    assert split([b"a"], ngrams=(2,)) == [[]]


def test_nothing_split() -> None:
    assert split([b"a b!"], "strip_punctuation", "none") == [b"a b"]


def test_refusals() -> None:
    text = TensorSpec((None, 2), "string")
    with pytest.raises(InputError, match="one text per row"):
        OP.infer([text], SplitTextAttrs())
    with pytest.raises(InputError, match="pieces to join"):
        OP.infer([TensorSpec((None,), "string")], SplitTextAttrs(split="none", length=3))
    with pytest.raises(InputError, match="does not know"):
        OP.infer([text], SplitTextAttrs(split="lines"))
