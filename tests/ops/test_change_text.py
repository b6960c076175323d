"""change_text beside Python's bytes and texts."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.change_text import OP, ChangeTextAttrs
from kmin.ops.tensor import TensorSpec

TEXTS = ["Ab c", "", "  \tÄöÜ 12\n", "日本語 x", "ab"]
X = np.array([text.encode() for text in TEXTS]).reshape(5, 1)
Y = np.array([b"ab", b"", b"x", b"yy", b"ab"]).reshape(5, 1)


def run(kind: str, *arrays: np.ndarray, text: str = "") -> list[object]:
    attrs = ChangeTextAttrs(kind, text)
    (got,) = OP.run(list(arrays), attrs)
    (spec,) = OP.infer([TensorSpec((None, 1), "string")] * len(arrays), attrs)
    assert spec.shape == (None, 1)
    assert spec.dtype == ("string" if got.dtype.kind == "S" else got.dtype.name)
    found: list[object] = got[:, 0].tolist()
    return found


def test_one_text() -> None:
    assert run("lower", X) == [text.encode().lower() for text in TEXTS]
    assert run("upper", X) == [text.encode().upper() for text in TEXTS]
    assert run("strip", X) == [text.encode().strip() for text in TEXTS]
    assert run("bytes", X) == [len(text.encode()) for text in TEXTS]
    assert run("characters", X) == [len(text) for text in TEXTS]
    assert run("equal", X, text="ab") == [False, False, False, False, True]


def test_two_texts() -> None:
    assert run("equal", X, Y) == [False, True, False, False, True]
    pairs = zip(TEXTS, Y[:, 0].tolist(), strict=True)
    assert run("join", X, Y, text="-") == [a.encode() + b"-" + b for a, b in pairs]
    assert OP.run([X[:0]], ChangeTextAttrs("lower"))[0].shape == (0, 1)


def test_refusals() -> None:
    text = TensorSpec((None, 2), "string")
    for specs, kind, reason in (
        ([TensorSpec((None, 2))], "lower", "needs texts"),
        ([text, text], "lower", "needs texts"),
        ([text], "turn", "needs texts"),
        ([text, TensorSpec((None,), "string")], "join", "one rank"),
        ([text, TensorSpec((None, 3), "string")], "join", "do not meet"),
    ):
        with pytest.raises(InputError, match=reason):
            OP.infer(specs, ChangeTextAttrs(kind))


def test_all_letters() -> None:
    assert run("lower_all", X) == [text.lower().encode() for text in TEXTS]
    assert run("upper_all", X) == [text.upper().encode() for text in TEXTS]
    with pytest.raises(InputError, match="must be UTF-8"):
        OP.run([np.array([b"\xff"])], ChangeTextAttrs("lower_all"))


def test_cleaned() -> None:
    broken = np.array([b"a\xffb", b"\xe2\x82", "\ufffd".encode(), b"\xf0\x9f\xef\xbf\xbd", b""])
    wanted = ["a?b", "?", "\ufffd", "?\ufffd", ""]
    assert OP.run([broken], ChangeTextAttrs("clean", "?"))[0].tolist() == [text.encode() for text in wanted]
    assert OP.run([broken], ChangeTextAttrs("clean", ""))[0].tolist() == [t.replace("?", "").encode() for t in wanted]
