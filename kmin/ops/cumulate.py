"""cumulate: running sums and products along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CumulateAttrs:
    """axis: may be negative; kind: sum or prod; exclusive: without the value itself; reverse: from the end."""

    axis: int
    kind: str = "sum"
    exclusive: bool = False
    reverse: bool = False


def infer_cumulate(specs: Specs, attrs: CumulateAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank or x.dtype == "bool" or attrs.kind not in ("sum", "prod"):
        raise InputError(f"cumulate needs numbers, an axis of theirs, and sum or prod; received {x} and {attrs}")
    return (x,)


def run_cumulate(arrays: Arrays, attrs: CumulateAttrs) -> tuple[Array, ...]:
    """x -> same shape; floats are accumulated in float64."""
    (x,) = arrays
    y = np.flip(x, attrs.axis) if attrs.reverse else x
    wide = np.dtype(np.float64) if x.dtype.kind == "f" else x.dtype
    if attrs.exclusive:
        start = [slice(None)] * x.ndim
        start[attrs.axis] = slice(0, x.shape[attrs.axis])
        shape = list(x.shape)
        shape[attrs.axis] = 1
        y = np.concatenate([np.full(shape, 0 if attrs.kind == "sum" else 1, x.dtype), y], axis=attrs.axis)[tuple(start)]
    add = np.cumsum if attrs.kind == "sum" else np.cumprod
    y = np.asarray(add(y, axis=attrs.axis, dtype=wide))
    with np.errstate(over="ignore"):
        y = y.astype(x.dtype, copy=False)
    return (np.flip(y, attrs.axis) if attrs.reverse else y,)


OP = Op(CumulateAttrs, infer_cumulate, run_cumulate)
