"""split_by: pieces of an axis, of sizes that only a run can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class SplitByAttrs:
    """axis: which is cut; count: of pieces, all alike unless sizes are given."""

    axis: int
    count: int


def infer_split_by(specs: Specs, attrs: SplitByAttrs) -> tuple[TensorSpec, ...]:
    x, *sizes = specs
    if not 0 <= attrs.axis < x.rank or attrs.count < 1 or len(sizes) > 1:
        raise InputError(f"split_by needs an axis of {x} and a number of pieces; received {attrs}")
    if any(row.shape != (attrs.count,) or not row.dtype.startswith(("int", "uint")) for row in sizes):
        raise InputError(f"split_by needs {attrs.count} whole numbers as sizes; received {sizes[0]}")
    piece = TensorSpec((*x.shape[: attrs.axis], None, *x.shape[attrs.axis + 1 :]), x.dtype)
    return (piece,) * attrs.count


def run_split_by(arrays: Arrays, attrs: SplitByAttrs) -> tuple[Array, ...]:
    """x, optionally sizes [count] of which one may be -1 (whatever is left) -> count views of x.

    Raises:
        InputError: the sizes do not make up the axis.
    """
    x, *rows = arrays
    total = x.shape[attrs.axis]
    if rows:
        sizes = rows[0].astype(np.int64)
        if np.count_nonzero(sizes == -1) == 1:
            sizes = np.where(sizes == -1, total - sizes.sum() - 1, sizes)
    else:
        sizes = np.full(attrs.count, total // attrs.count)
    if sizes.min() < 0 or int(sizes.sum()) != total:
        raise InputError(f"an axis of {total} cannot be cut into {attrs.count} pieces of {sizes.tolist()}")
    stops = np.cumsum(sizes)
    lead = (slice(None),) * attrs.axis
    cuts = ((*lead, slice(start, stop)) for start, stop in zip((stops - sizes).tolist(), stops.tolist(), strict=True))
    return tuple(x[cut] for cut in cuts)


OP = Op(SplitByAttrs, infer_split_by, run_split_by)
