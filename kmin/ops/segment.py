"""segment: rows with the same id brought together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.shape_by import MOST_SHAPED
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

SEGMENT_KINDS = ("max", "min", "prod", "sum")


@dataclass(frozen=True)
class SegmentAttrs:
    """What becomes of the rows.

    Attributes:
        kind: max, min, prod or sum.
        count: of segments; None when it is given as a value.
        ordered: whether ids must be sorted, none of them negative.
    """

    kind: str
    count: int | None
    ordered: bool = False


def infer_segment(specs: Specs, attrs: SegmentAttrs) -> tuple[TensorSpec, ...]:
    x, ids, *told = specs
    count = attrs.count
    if attrs.kind not in SEGMENT_KINDS or (count is not None and count < 1) or len(told) != (count is None):
        raise InputError(f"segment needs a kind of {', '.join(SEGMENT_KINDS)} and segments; received {attrs}")
    if ids.rank != 1 or x.rank < 1 or not ids.dtype.startswith(("int", "uint")) or x.dtype in ("bool", "string"):
        raise InputError(f"segment needs numbers and an id for each row of them; received {x} and {ids}")
    if any(number.rank or not number.dtype.startswith(("int", "uint")) for number in told):
        raise InputError(f"segment needs one whole number as the count; received {told[0]}")
    if None not in (x.shape[0], ids.shape[0]) and x.shape[0] != ids.shape[0]:
        raise InputError(f"segment needs as many ids as rows; received {ids} for {x}")
    return (TensorSpec((count, *x.shape[1:]), x.dtype),)


def run_segment(arrays: Arrays, attrs: SegmentAttrs) -> tuple[Array, ...]:
    """x [n, ...], ids [n], count () if the file does not tell it -> [count, ...]; rows with negative ids count nowhere.

    A segment without rows is 0 as a sum, 1 as a product, and the least (largest) number of the dtype as a maximum
    (minimum). Source: tf.math.unsorted_segment_*, TensorFlow 2.21.
    """
    x, ids, *told = arrays
    count = attrs.count if attrs.count is not None else int(told[0])
    if len(x) != len(ids):
        raise InputError(f"segment needs as many ids as rows; received {len(ids)} for {len(x)}")
    if ids.size and int(ids.max()) >= count:
        raise InputError(f"ids of segments must be below {count}; received {int(ids.max())}")
    if attrs.ordered and ids.size and (ids[0] < 0 or (np.diff(ids) < 0).any()):
        raise InputError("ids of segments must be sorted and not negative")
    if not 0 <= count * max(1, x[:1].size) <= MOST_SHAPED:
        raise InputError(f"segments must be from 0 on and fit into memory; received {count}")
    limits = np.finfo(x.dtype) if x.dtype.kind == "f" else np.iinfo(x.dtype)
    update, first = {
        "max": (np.maximum, limits.min),
        "min": (np.minimum, limits.max),
        "prod": (np.multiply, 1),
        "sum": (np.add, 0),
    }[attrs.kind]
    result = np.full((count, *x.shape[1:]), first, x.dtype)
    kept = ids >= 0
    update.at(result, ids[kept], x[kept])
    return (result,)


OP = Op(SegmentAttrs, infer_segment, run_segment)
