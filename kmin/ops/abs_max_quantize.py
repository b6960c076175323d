"""abs_max_quantize: values as whole steps of a scale that the largest of them sets (`keras.quantizers`, 3.15)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class AbsMaxQuantizeAttrs:
    """axes: that share a scale; low, high: range of the steps; epsilon: added to the largest magnitude."""

    axes: tuple[int, ...]
    low: int = -127
    high: int = 127
    epsilon: float = 1e-7


def infer_abs_max_quantize(specs: Specs, attrs: AbsMaxQuantizeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if np.dtype(x.dtype).kind != "f" or not all(0 <= axis < x.rank for axis in attrs.axes):
        raise InputError(f"abs_max_quantize needs floats and axes of them; received {x} and {attrs.axes}")
    scale = tuple(1 if axis in attrs.axes else size for axis, size in enumerate(x.shape))
    return x, TensorSpec(scale, x.dtype)


def run_abs_max_quantize(arrays: Arrays, attrs: AbsMaxQuantizeAttrs) -> tuple[Array, ...]:
    """x -> steps (whole numbers in x's dtype), steps per unit (the reduced axes are 1 long)."""
    (x,) = arrays
    largest = np.abs(x).max(axis=attrs.axes, keepdims=True, initial=0)
    scale = x.dtype.type(attrs.high) / (largest + x.dtype.type(attrs.epsilon))
    return np.clip(np.rint(x * scale), attrs.low, attrs.high), scale


OP = Op(AbsMaxQuantizeAttrs, infer_abs_max_quantize, run_abs_max_quantize)
