"""batch_dot: sample by sample, the product of two tensors summed over one axis of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class BatchDotAttrs:
    """axes: the summed axis of each operand, positive."""

    axes: tuple[int, int]


def infer_batch_dot(specs: Specs, attrs: BatchDotAttrs) -> tuple[TensorSpec, ...]:
    left, right = specs
    a, b = attrs.axes
    if not (0 < a < left.rank and 0 < b < right.rank):
        raise InputError(
            f"batch_dot needs an axis of each besides the batch; received {attrs.axes}, {left} and {right}"
        )
    if None not in (left.shape[a], right.shape[b]) and left.shape[a] != right.shape[b]:
        raise InputError(f"batch_dot needs equal sizes along axes {attrs.axes}; received {left} and {right}")
    rest = (*left.shape[1:a], *left.shape[a + 1 :], *right.shape[1:b], *right.shape[b + 1 :])
    shape = (left.shape[0], *(rest if rest else (1,)))
    return (TensorSpec(shape, promote_dtypes((left.dtype, right.dtype))),)


def run_batch_dot(arrays: Arrays, attrs: BatchDotAttrs) -> tuple[Array, ...]:
    """left [B, ...], right [B, ...] -> [B, rest of left, rest of right], or [B, 1] when nothing is left."""
    left, right = arrays
    dtype = np.dtype(promote_dtypes((left.dtype.name, right.dtype.name)))
    work = np.dtype(np.float32) if dtype == np.float16 else dtype
    x = np.moveaxis(left, attrs.axes[0], -1)
    y = np.moveaxis(right, attrs.axes[1], -1)
    rest = (*x.shape[1:-1], *y.shape[1:-1])
    rows, size = left.shape[0], x.shape[-1]
    x = x.astype(work, copy=False).reshape(rows, int(np.prod(x.shape[1:-1])), size)
    y = y.astype(work, copy=False).reshape(rows, int(np.prod(y.shape[1:-1])), size)
    product = np.matmul(x, y.transpose(0, 2, 1)).reshape(rows, *(rest if rest else (1,)))
    return (product.astype(dtype, copy=False),)


def macs_batch_dot(specs: Specs, outputs: Specs, attrs: BatchDotAttrs) -> int | None:
    size = specs[0].shape[attrs.axes[0]]
    for axis in outputs[0].shape[1:]:
        if axis is None or size is None:
            return None
        size *= axis
    return size


OP = Op(BatchDotAttrs, infer_batch_dot, run_batch_dot, macs_batch_dot)
