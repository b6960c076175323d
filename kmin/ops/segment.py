"""segment: rows with the same id brought together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

SEGMENT_KINDS = ("max", "min", "prod", "sum")


@dataclass(frozen=True)
class SegmentAttrs:
    """kind: max, min, prod or sum; count: of segments."""

    kind: str
    count: int


def infer_segment(specs: Specs, attrs: SegmentAttrs) -> tuple[TensorSpec, ...]:
    x, ids = specs
    if attrs.kind not in SEGMENT_KINDS or attrs.count < 1:
        raise InputError(f"segment needs a kind of {', '.join(SEGMENT_KINDS)} and segments; received {attrs}")
    if ids.rank != 1 or x.rank < 1 or not ids.dtype.startswith(("int", "uint")) or x.dtype in ("bool", "string"):
        raise InputError(f"segment needs numbers and an id for each row of them; received {x} and {ids}")
    if None not in (x.shape[0], ids.shape[0]) and x.shape[0] != ids.shape[0]:
        raise InputError(f"segment needs as many ids as rows; received {ids} for {x}")
    return (TensorSpec((attrs.count, *x.shape[1:]), x.dtype),)


def run_segment(arrays: Arrays, attrs: SegmentAttrs) -> tuple[Array, ...]:
    """x [n, ...], ids [n] -> [count, ...]; rows with negative ids count nowhere.

    A segment without rows is 0 as a sum, 1 as a product, and the least (largest) number of the dtype as a maximum
    (minimum). Source: tf.math.unsorted_segment_*, TensorFlow 2.21.
    """
    x, ids = arrays
    if len(x) != len(ids):
        raise InputError(f"segment needs as many ids as rows; received {len(ids)} for {len(x)}")
    if ids.size and int(ids.max()) >= attrs.count:
        raise InputError(f"ids of segments must be below {attrs.count}; received {int(ids.max())}")
    limits = np.finfo(x.dtype) if x.dtype.kind == "f" else np.iinfo(x.dtype)
    update, first = {
        "max": (np.maximum, limits.min),
        "min": (np.minimum, limits.max),
        "prod": (np.multiply, 1),
        "sum": (np.add, 0),
    }[attrs.kind]
    result = np.full((attrs.count, *x.shape[1:]), first, x.dtype)
    kept = ids >= 0
    update.at(result, ids[kept], x[kept])
    return (result,)


OP = Op(SegmentAttrs, infer_segment, run_segment)
