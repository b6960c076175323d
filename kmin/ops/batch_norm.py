"""batch_norm: batch normalisation with stored statistics, as at inference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class BatchNormAttrs:
    """axis: the axis that the statistics belong to, may be negative; epsilon: added to the variance."""

    axis: int
    epsilon: float


def infer_batch_norm(specs: Specs, attrs: BatchNormAttrs) -> tuple[TensorSpec, ...]:
    x, mean = specs[0], specs[3]
    if not -x.rank <= attrs.axis < x.rank or attrs.axis % x.rank == 0:
        raise InputError(f"batch_norm needs an axis of {x} other than the batch; received {attrs.axis}")
    size = mean.shape[0]
    if any(spec is not None and spec.shape != (size,) for spec in specs[1:]):
        raise InputError(f"batch_norm needs vectors of one size; received {', '.join(map(str, specs[1:]))}")
    if x.shape[attrs.axis] not in (None, size):
        raise InputError(f"batch_norm needs an axis {attrs.axis} of {size}; received {x}")
    return (x,)


def run_batch_norm(arrays: Arrays, attrs: BatchNormAttrs) -> tuple[Array, ...]:
    """x, gamma | None, beta | None, mean, variance (vectors) -> (x - mean) * gamma / sqrt(variance + epsilon) + beta.

    The mean is taken off before scaling, so that a mean far from zero costs no digits.
    """
    x, gamma, beta, mean, variance = arrays
    scale = batch_norm_scale(gamma, variance, attrs.epsilon)
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    shape = [1] * x.ndim
    shape[attrs.axis] = -1
    y = work - mean.astype(work.dtype, copy=False).reshape(shape)
    y *= scale.astype(work.dtype).reshape(shape)
    if beta is not None:
        y += beta.astype(work.dtype, copy=False).reshape(shape)
    return (y.astype(x.dtype, copy=False),)


def batch_norm_scale(gamma: Array | None, variance: Array, epsilon: float) -> Array:
    """gamma / sqrt(variance + epsilon) in float64."""
    inverse = 1.0 / np.sqrt(variance.astype(np.float64) + epsilon)
    return inverse if gamma is None else gamma * inverse


def macs_batch_norm(specs: Specs, outputs: Specs, attrs: BatchNormAttrs) -> int | None:
    return sample_size(specs[0])


OP = Op(BatchNormAttrs, infer_batch_norm, run_batch_norm, macs_batch_norm)
