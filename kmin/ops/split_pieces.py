"""split_pieces: texts cut into as many pieces as each has, side by side, and which pieces are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

PIECES = ("bytes", "characters", "codes", "separator", "whitespace")


@dataclass(frozen=True)
class SplitPiecesAttrs:
    """Where to cut.

    Attributes:
        by: one of PIECES; characters are those of UTF-8, codes their numbers.
        text: the separator; between two of them stands an empty piece.
        most: cuts per text; -1 for any number.
    """

    by: str = "whitespace"
    text: str = ""
    most: int = -1


def infer_split_pieces(specs: Specs, attrs: SplitPiecesAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.by not in PIECES or (attrs.by == "separator") != bool(attrs.text):
        raise InputError(f"split_pieces cuts by {', '.join(PIECES)}, the separator being no empty text; got {attrs}")
    if x.dtype != "string" or x.rank != 1 or (attrs.most >= 0 and attrs.by != "separator"):
        raise InputError(f"split_pieces needs a row of texts, and a number of cuts by separator alone; received {x}")
    shape = (x.shape[0], None)
    return TensorSpec(shape, "int32" if attrs.by == "codes" else "string"), TensorSpec(shape, "bool")


def run_split_pieces(arrays: Arrays, attrs: SplitPiecesAttrs) -> tuple[Array, ...]:
    """bytes [N] -> bytes (or int32) [N, pieces of the text that has most, at least 1], bool of the same shape."""
    (x,) = arrays
    rows = [pieces_of(text, attrs) for text in x.tolist()]
    counts = np.array([len(pieces) for pieces in rows], int)
    there = np.arange(counts.max(initial=1)) < counts[:, None]
    flat = [piece for pieces in rows for piece in pieces]
    values = np.array(flat, "int32" if attrs.by == "codes" else "S")
    result = np.zeros(there.shape, values.dtype)
    result[there] = values
    return result, there


def pieces_of(text: bytes, attrs: SplitPiecesAttrs) -> list[bytes] | list[int]:
    """The pieces of one text."""
    if attrs.by == "whitespace":
        return text.split()
    if attrs.by == "separator":
        return text.split(attrs.text.encode(), attrs.most)
    if attrs.by == "bytes":
        return [text[at : at + 1] for at in range(len(text))]
    letters = text.decode("utf-8", "replace")
    return [ord(letter) for letter in letters] if attrs.by == "codes" else [letter.encode() for letter in letters]


OP = Op(SplitPiecesAttrs, infer_split_pieces, run_split_pieces)
