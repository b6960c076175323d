"""rewrite_text: what is found is replaced as RE2's GlobalReplace does it."""

from __future__ import annotations

import numpy as np
import pytest

from kmin.errors import InputError
from kmin.ops.rewrite_text import OP, RewriteTextAttrs
from kmin.ops.tensor import TensorSpec

X = np.array([[b"abxd", b"", "grün".encode()]])


def run(*attrs: object) -> list[object]:
    found: list[object] = OP.run([X], RewriteTextAttrs(*attrs))[0][0].tolist()  # type: ignore[arg-type]
    return found


def test_replaced() -> None:
    assert run("x*", ("-",)) == [b"-a-b-d-", b"-", "-g-r-ü-n-".encode()]
    assert run("x*", ("-",), False) == [b"-abxd", b"-", "-grün".encode()]
    assert run("(a)|(.)", (2, "<", 1, ">")) == [b"<a>b<>x<>d<>", b"", "g<>r<>ü<>n<>".encode()]
    assert run("ab.d") == [True, False, False]
    assert OP.run([X[:0]], RewriteTextAttrs("a", ()))[0].shape == (0, 3)
    assert OP.run([X[:0]], RewriteTextAttrs("a"))[0].dtype == bool


def test_refused() -> None:
    for attrs in (RewriteTextAttrs("("), RewriteTextAttrs("a", (1,))):
        with pytest.raises(InputError, match="rewrite_text needs"):
            OP.infer([TensorSpec((None,), "string")], attrs)
    with pytest.raises(InputError, match="UTF-8"):
        OP.run([np.array([b"\xff"])], RewriteTextAttrs("a"))
