"""glu: the first half of an axis, gated by the sigmoid of the second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import apply_activation
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class GluAttrs:
    """axis: the axis that is halved, may be negative."""

    axis: int = -1


def infer_glu(specs: Specs, attrs: GluAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not -x.rank <= attrs.axis < x.rank or attrs.axis % x.rank == 0 or (x.shape[attrs.axis] or 0) % 2:
        raise InputError(f"glu needs an even axis {attrs.axis} besides the batch; received {x}")
    if not x.dtype.startswith("float"):
        raise InputError(f"glu needs a floating input; received {x}")
    at = attrs.axis % x.rank
    half = None if x.shape[at] is None else x.shape[at] // 2
    return (TensorSpec((*x.shape[:at], half, *x.shape[at + 1 :]), x.dtype),)


def run_glu(arrays: Arrays, attrs: GluAttrs) -> tuple[Array, ...]:
    """x -> a * sigmoid(b), where a and b are the halves of x along axis."""
    (x,) = arrays
    if x.shape[attrs.axis] % 2:
        raise InputError(f"glu needs an even axis {attrs.axis}; received {x.shape}")
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    a, b = np.split(work, 2, axis=attrs.axis)
    return ((a * apply_activation(b, "sigmoid")).astype(x.dtype, copy=False),)


def macs_glu(specs: Specs, outputs: Specs, attrs: GluAttrs) -> int | None:
    return sample_size(outputs[0])


OP = Op(GluAttrs, infer_glu, run_glu, macs_glu)
