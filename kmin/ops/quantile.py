"""quantile: a value that a part of the others lies below, over axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

QUANTILE_METHODS = ("higher", "linear", "lower", "midpoint", "nearest")


@dataclass(frozen=True)
class QuantileAttrs:
    """part: 0 to 1; axes: reduced ones; method: between two values; skips: nan does not count (else it wins)."""

    part: float
    axes: tuple[int, ...]
    method: str = "linear"
    keepdims: bool = False
    skips: bool = False


def infer_quantile(specs: Specs, attrs: QuantileAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    good = np.dtype(x.dtype).kind == "f" and all(0 <= axis < x.rank for axis in attrs.axes)
    if not good or not 0 <= attrs.part <= 1 or attrs.method not in QUANTILE_METHODS:
        raise InputError(f"quantile needs floats, axes of them, a part and a method; received {x} and {attrs}")
    kept = tuple(
        1 if axis in attrs.axes else size
        for axis, size in enumerate(x.shape)
        if attrs.keepdims or axis not in attrs.axes
    )
    return (TensorSpec(kept, x.dtype),)


def run_quantile(arrays: Arrays, attrs: QuantileAttrs) -> tuple[Array, ...]:
    """x -> the quantile, interpolated in x's dtype; nan where there is nothing to choose from."""
    (x,) = arrays
    others = [axis for axis in range(x.ndim) if axis not in attrs.axes]
    y = np.sort(x.transpose(*others, *attrs.axes).reshape(*(x.shape[axis] for axis in others), -1), axis=-1)
    missing = np.isnan(y).sum(axis=-1, keepdims=True)  # sorted to the end
    count = y.shape[-1] - missing if attrs.skips else np.full_like(missing, y.shape[-1])
    exact = np.maximum(count - 1, 0) * attrs.part
    low, high = np.floor(exact).astype(np.int64), np.ceil(exact).astype(np.int64)
    if y.shape[-1] == 0:
        result = np.full((*y.shape[:-1], 1), np.nan, x.dtype)
    elif attrs.method in ("lower", "higher", "nearest"):
        place = {"lower": low, "higher": high, "nearest": np.rint(exact).astype(np.int64)}[attrs.method]
        result = np.take_along_axis(y, place, -1)
    else:
        below = np.maximum(high - 1, 0) if attrs.method == "linear" else low
        above = np.minimum(below + 1, np.maximum(count - 1, 0)) if attrs.method == "linear" else high
        weight = (above - exact).astype(x.dtype) if attrs.method == "linear" else np.full(exact.shape, 0.5, x.dtype)
        result = np.take_along_axis(y, above, -1) * (1 - weight) + np.take_along_axis(y, below, -1) * weight
    gone = (missing == y.shape[-1]) if attrs.skips else missing > 0
    result = np.where(gone, x.dtype.type(np.nan), result)[..., 0]
    return (np.expand_dims(result, attrs.axes) if attrs.keepdims else result,)


OP = Op(QuantileAttrs, infer_quantile, run_quantile)
