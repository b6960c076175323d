"""cut_text: a part of each text, by the place where it begins and its length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CutTextAttrs:
    """characters: places count characters of UTF-8, not bytes."""

    characters: bool = False


def infer_cut_text(specs: Specs, attrs: CutTextAttrs) -> tuple[TensorSpec, ...]:
    x, start, length = specs
    if x.dtype != "string" or any(np.dtype(part.dtype).kind not in "iu" for part in (start, length)):
        raise InputError(f"cut_text needs texts, places and lengths; received {x}, {start} and {length}")
    if any(part.rank and part.shape != x.shape for part in (start, length)):
        raise InputError(f"cut_text needs one place, or one for each text; received {x}, {start} and {length}")
    return (x,)


def run_cut_text(arrays: Arrays, attrs: CutTextAttrs) -> tuple[Array, ...]:
    """UTF-8 bytes, starts (negative: from the end), lengths -> bytes; a part ends with its text.

    A negative length is that of all bytes that follow, but no characters (Substr of TensorFlow 2.15).

    Raises:
        InputError: a part begins outside of its text, as TensorFlow refuses it.
    """
    x, start, length = arrays
    texts = x.reshape(-1).tolist()
    starts, lengths = (np.broadcast_to(part, x.shape).reshape(-1).tolist() for part in (start, length))
    found = []
    for text, at, count in zip(texts, starts, lengths, strict=True):
        whole = text.decode("utf-8", "surrogateescape") if attrs.characters else text
        if not -len(whole) <= at <= len(whole):
            raise InputError(f"a part cannot begin at {at} of {text[:40]!r}")
        begin = at if at >= 0 else at + len(whole)
        endless = count < 0 and not attrs.characters
        part = whole[begin:] if endless else whole[begin : begin + max(count, 0)]
        found.append(part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part)
    return (np.array(found, "S").reshape(x.shape),)


OP = Op(CutTextAttrs, infer_cut_text, run_cut_text)
