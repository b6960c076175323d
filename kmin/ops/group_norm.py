"""group_norm: normalisation of each sample over groups of its channels and everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class GroupNormAttrs:
    """axis: the channels, positive; groups: into how many runs of equal length they are cut; epsilon: as usual."""

    axis: int
    groups: int
    epsilon: float


def infer_group_norm(specs: Specs, attrs: GroupNormAttrs) -> tuple[TensorSpec, ...]:
    x, gamma, beta, weight = specs
    if not 0 < attrs.axis < x.rank or not x.dtype.startswith("float"):
        raise InputError(f"group_norm needs floats with an axis {attrs.axis} after the batch; received {x}")
    size = x.shape[attrs.axis]
    if attrs.groups < 1 or (size is not None and size % attrs.groups):
        raise InputError(f"group_norm needs channels that divide into {attrs.groups} groups; received {x}")
    for spec in (gamma, beta):
        if spec is not None and size is not None and spec.shape != (size,):
            raise InputError(f"group_norm of {x} needs {size} weights; received {spec}")
    if weight is not None and weight.rank != x.rank:
        raise InputError(f"group_norm of {x} needs a mask of the same rank; received {weight}")
    return (x,)


def run_group_norm(arrays: Arrays, attrs: GroupNormAttrs) -> tuple[Array, ...]:
    """x, gamma | None [C], beta | None [C], mask | None (broadcasts to x; only unmasked values make the moments)."""
    x, gamma, beta, mask = arrays
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    size = x.shape[attrs.axis]
    cut = (*x.shape[: attrs.axis], attrs.groups, size // attrs.groups, *x.shape[attrs.axis + 1 :])
    grouped = work.reshape(cut)
    axes = tuple(axis for axis in range(1, len(cut)) if axis != attrs.axis)
    if mask is None:
        centred = grouped - np.mean(grouped, axis=axes, keepdims=True)
        variance = np.mean(np.square(centred), axis=axes, keepdims=True)
    else:
        share = np.broadcast_to(mask, x.shape).astype(work.dtype).reshape(cut)
        with np.errstate(all="ignore"):
            share = share / np.sum(share, axis=axes, keepdims=True)
            centred = grouped - np.sum(grouped * share, axis=axes, keepdims=True)
            variance = np.sum(np.square(centred) * share, axis=axes, keepdims=True)
    y = (centred / np.sqrt(variance + work.dtype.type(attrs.epsilon))).reshape(x.shape)
    shape = [size if axis == attrs.axis else 1 for axis in range(x.ndim)]
    if gamma is not None:
        y *= gamma.astype(work.dtype, copy=False).reshape(shape)
    if beta is not None:
        y += beta.astype(work.dtype, copy=False).reshape(shape)
    return (y.astype(x.dtype, copy=False),)


def macs_group_norm(specs: Specs, outputs: Specs, attrs: GroupNormAttrs) -> int | None:
    size = sample_size(specs[0])
    return None if size is None else 2 * size  # once for the variance, once for the scale


OP = Op(GroupNormAttrs, infer_group_norm, run_group_norm, macs_group_norm)
