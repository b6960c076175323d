"""rms_norm: values divided by the root of their mean square over some axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class RmsNormAttrs:
    """axes: positive, what the mean is taken over; epsilon: added to the mean square."""

    axes: tuple[int, ...]
    epsilon: float


def infer_rms_norm(specs: Specs, attrs: RmsNormAttrs) -> tuple[TensorSpec, ...]:
    x, scale = specs
    if not attrs.axes or any(not 0 < axis < x.rank for axis in attrs.axes) or not x.dtype.startswith("float"):
        raise InputError(f"rms_norm needs floats and axes after the batch; received {x} and {attrs.axes}")
    shape = x.shape if scale is None else broadcast_shapes((x.shape, scale.shape))
    return (TensorSpec(shape, x.dtype),)


def run_rms_norm(arrays: Arrays, attrs: RmsNormAttrs) -> tuple[Array, ...]:
    """x, scale | None (broadcasts to x) -> x / sqrt(mean(x^2) + epsilon) * scale."""
    x, scale = arrays
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    square = np.mean(np.square(work), axis=attrs.axes, keepdims=True)
    y = work / np.sqrt(square + work.dtype.type(attrs.epsilon))
    if scale is not None:
        y = y * scale.astype(work.dtype, copy=False)
    return (y.astype(x.dtype, copy=False),)


def macs_rms_norm(specs: Specs, outputs: Specs, attrs: RmsNormAttrs) -> int | None:
    size = sample_size(specs[0])
    return None if size is None else 2 * size


OP = Op(RmsNormAttrs, infer_rms_norm, run_rms_norm, macs_rms_norm)
