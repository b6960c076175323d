"""join_segments: texts with the same id as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.shape_by import MOST_SHAPED
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class JoinSegmentsAttrs:
    """text: what stands between texts."""

    text: str = ""


def infer_join_segments(specs: Specs, attrs: JoinSegmentsAttrs) -> tuple[TensorSpec, ...]:
    x, ids, count = specs
    if x.dtype != "string" or not isinstance(attrs.text, str):
        raise InputError(f"join_segments needs texts and a separator; received {x} and {attrs.text!r:.40}")
    if count.rank or any(not spec.dtype.startswith(("int", "uint")) for spec in (ids, count)):
        raise InputError(f"join_segments needs whole numbers as ids and count; received {ids} and {count}")
    fits = all(None in (own, wanted) or own == wanted for own, wanted in zip(x.shape, ids.shape, strict=False))
    if not 0 < ids.rank <= x.rank or not fits:
        raise InputError(f"join_segments needs an id for each row; received {ids} for {x}")
    return (TensorSpec((None, *x.shape[ids.rank :]), "string"),)


def run_join_segments(arrays: Arrays, attrs: JoinSegmentsAttrs) -> tuple[Array, ...]:
    """bytes [*ids, ...], ids, count () -> bytes [count, ...]; a segment without texts is an empty one.

    Raises:
        InputError: there is no such segment, or too many of them.
    """
    x, ids, count = arrays
    number, rest = int(count), x.shape[ids.ndim :]
    if x.shape[: ids.ndim] != ids.shape or not 0 <= number * max(1, math.prod(rest)) <= MOST_SHAPED:
        raise InputError(f"join_segments needs an id for each row and a count; received {ids.shape} and {number}")
    if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) < number:
        raise InputError(f"ids of segments must be from 0 to {number - 1}; received {ids.min()} to {ids.max()}")
    columns = x.reshape(ids.size, math.prod(rest)).T.tolist()
    places, separator = ids.reshape(-1).tolist(), attrs.text.encode()
    joined = []
    for column in columns:
        pieces: list[list[bytes]] = [[] for _ in range(number)]
        for place, text in zip(places, column, strict=True):
            pieces[place].append(text)
        joined.append([separator.join(piece) for piece in pieces])
    return (np.array(joined, "S").reshape(len(columns), number).T.reshape(number, *rest),)


OP = Op(JoinSegmentsAttrs, infer_join_segments, run_join_segments)
