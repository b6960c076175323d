"""split_text: texts made uniform, cut into words or letters, joined to n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# What TextVectorization of Keras 2 and 3 strips: all of ASCII's punctuation.
PUNCTUATION = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
ALL_BYTES = bytes(range(256))
STANDARDS = ("lower", "lower_and_strip_punctuation", "none", "strip_punctuation")
SPLITS = ("character", "none", "whitespace")


@dataclass(frozen=True)
class SplitTextAttrs:
    """What to do with the texts.

    Attributes:
        standardize: one of STANDARDS; only ASCII letters have a lower case here, as in TensorFlow.
        split: one of SPLITS; characters are those of UTF-8.
        ngrams: how many pieces are joined (by a space) into one, for each number in turn; empty for no joining.
        length: pieces per text, shorter texts filled with empty pieces; None for as many as the longest text has.
    """

    standardize: str = "none"
    split: str = "whitespace"
    ngrams: tuple[int, ...] = ()
    length: int | None = None


def infer_split_text(specs: Specs, attrs: SplitTextAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.standardize not in STANDARDS or attrs.split not in SPLITS or any(n < 1 for n in attrs.ngrams):
        raise InputError(f"split_text does not know {attrs}")
    whole = attrs.split == "none"
    if x.dtype != "string" or x.rank not in (1, 2) or (x.rank == 2 and not whole and x.shape[1] != 1):
        raise InputError(f"split_text needs one text per row; received {x}")
    if whole and not attrs.ngrams and attrs.length is None:
        return (x,)
    if whole and x.rank != 2:
        raise InputError(f"split_text needs pieces to join or to fill up; received {x}")
    return (TensorSpec((x.shape[0], attrs.length), "string"),)


def joined_pieces(pieces: Sequence[bytes], ngrams: tuple[int, ...]) -> list[bytes]:
    """All runs of so many neighbouring pieces."""
    return [b" ".join(pieces[at : at + n]) for n in ngrams for at in range(len(pieces) - n + 1)]


def run_split_text(arrays: Arrays, attrs: SplitTextAttrs) -> tuple[Array, ...]:
    """x, bytes [B] or [B, N] -> bytes [B, pieces], or the shape of x when nothing is split, joined or filled up."""
    (x,) = arrays
    if "lower" in attrs.standardize:
        x = np.char.lower(x)
    if "strip" in attrs.standardize:
        x = np.char.translate(x, ALL_BYTES, PUNCTUATION)  # type: ignore[call-overload]
    x = x.astype("S")
    if attrs.split == "none" and not attrs.ngrams and attrs.length is None:
        return (x,)
    rows: list[list[bytes]]
    if attrs.split == "none":
        rows = x.tolist()
    elif attrs.split == "whitespace":
        rows = [text.split() for text in x.reshape(-1).tolist()]
    else:
        rows = [[c.encode() for c in text.decode("utf-8", "replace")] for text in x.reshape(-1).tolist()]
    if attrs.ngrams:
        rows = [joined_pieces(pieces, attrs.ngrams) for pieces in rows]
    length = attrs.length if attrs.length is not None else max(map(len, rows), default=0)
    filled = [pieces[:length] + [b""] * (length - len(pieces)) for pieces in rows]
    return (np.array(filled, "S").reshape(len(rows), length),)


OP = Op(SplitTextAttrs, infer_split_text, run_split_text)
