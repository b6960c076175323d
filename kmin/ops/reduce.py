"""reduce: mean, sum, max, min or product over some axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

REDUCTIONS: tuple[str, ...] = ("max", "mean", "min", "prod", "sum")


@dataclass(frozen=True)
class ReduceAttrs:
    """What becomes of some axes.

    Attributes:
        kind: one of REDUCTIONS.
        axes: those reduced; negative counts from the end.
        keepdims: keep them with size 1.
        empty: whether there is a largest of no values, the lowest one (and a smallest, the highest one), as in
            TensorFlow; in Keras 3 there is not.
    """

    kind: str
    axes: tuple[int, ...]
    keepdims: bool = False
    empty: bool = False


def reduce_axes(rank: int, attrs: ReduceAttrs) -> tuple[int, ...]:
    """The reduced axes, sorted and counted from the front."""
    axes = tuple(sorted({axis + rank if axis < 0 else axis for axis in attrs.axes}))
    if any(not 0 <= axis < rank for axis in axes):
        raise InputError(f"reduce needs axes within {rank}; received {attrs.axes}")
    return axes


def infer_reduce(specs: Specs, attrs: ReduceAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.kind not in REDUCTIONS:
        raise InputError(f"reduce knows {', '.join(REDUCTIONS)}; received {attrs.kind}")
    if not x.dtype.startswith(("float", "int", "uint", "unknown")):
        raise InputError(f"reduce {attrs.kind} needs numbers; received {x}")
    axes = reduce_axes(x.rank, attrs)
    if any(x.shape[axis] == 0 for axis in axes) and attrs.kind not in ("sum", "prod"):
        raise InputError(f"reduce {attrs.kind} needs at least one value; received {x}")
    kept = [1 if axis in axes else size for axis, size in enumerate(x.shape) if attrs.keepdims or axis not in axes]
    return (TensorSpec(tuple(kept), x.dtype),)


def run_reduce(arrays: Arrays, attrs: ReduceAttrs) -> tuple[Array, ...]:
    """Sums and means are accumulated in float64, so that a long axis loses nothing.

    The mean of integers is TensorFlow's: an integer, cut towards 0. The mean of no floats is NaN.
    """
    (x,) = arrays
    axes = reduce_axes(x.ndim, attrs)
    values = math.prod(x.shape[axis] for axis in axes)
    refused = x.dtype.kind != "f" if attrs.kind == "mean" else attrs.kind in ("max", "min") and not attrs.empty
    if values == 0 and refused:
        raise InputError(f"reduce {attrs.kind} needs at least one value; received shape {x.shape}")
    if attrs.kind in ("max", "min"):
        pick = np.max if attrs.kind == "max" else np.min
        options = {} if values else {"initial": lowest_value(x.dtype, attrs.kind == "min")}
        return (np.asarray(pick(x, axis=axes, keepdims=attrs.keepdims, **options)),)
    wide = np.dtype(np.float64) if x.dtype.kind == "f" else x.dtype
    if attrs.kind == "mean" and x.dtype.kind != "f":
        wide = np.dtype(np.int64 if x.dtype.kind == "i" else np.uint64)
    if attrs.kind == "prod":
        y = np.prod(x, axis=axes, keepdims=attrs.keepdims, dtype=wide)
    else:
        y = np.sum(x, axis=axes, keepdims=attrs.keepdims, dtype=wide)
    if attrs.kind == "mean":
        with np.errstate(invalid="ignore"):
            y = np.true_divide(y, values) if wide.kind == "f" else _quotient(y, values)
    return (np.asarray(y).astype(x.dtype, copy=False),)


def lowest_value(dtype: np.dtype[Any], highest: bool) -> Any:
    """The lowest number of a dtype, or the highest one."""
    if dtype.kind == "f":
        return np.inf if highest else -np.inf
    return np.iinfo(dtype).max if highest else np.iinfo(dtype).min


def _quotient(total: Array, values: int) -> Array:
    """Integers by a number, cut towards 0."""
    down = np.floor_divide(total, values)
    return down + ((np.remainder(total, values) != 0) & (down < 0))


OP = Op(ReduceAttrs, infer_reduce, run_reduce)
