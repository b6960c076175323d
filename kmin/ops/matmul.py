"""matmul: products of matrices, the leading axes broadcast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes, promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec


@dataclass(frozen=True)
class MatmulAttrs:
    """transpose_left, transpose_right: whether the last two axes of an operand are swapped first."""

    transpose_left: bool = False
    transpose_right: bool = False


def swapped_shape(shape: Shape, swap: bool) -> Shape:
    """The shape, its last two axes swapped if asked."""
    return (*shape[:-2], shape[-1], shape[-2]) if swap else tuple(shape)


def infer_matmul(specs: Specs, attrs: MatmulAttrs) -> tuple[TensorSpec, ...]:
    left, right = specs
    if left.rank < 2 or right.rank < 2:
        raise InputError(f"matmul needs matrices; received {left} and {right}")
    a, b = swapped_shape(left.shape, attrs.transpose_left), swapped_shape(right.shape, attrs.transpose_right)
    if None not in (a[-1], b[-2]) and a[-1] != b[-2]:
        raise InputError(f"matmul needs as many columns as rows; received {left} and {right}")
    dtype = promote_dtypes((left.dtype, right.dtype))
    return (TensorSpec((*broadcast_shapes((a[:-2], b[:-2])), a[-2], b[-1]), dtype),)


def run_matmul(arrays: Arrays, attrs: MatmulAttrs) -> tuple[Array, ...]:
    """left [..., n, k], right [..., k, m] -> [..., n, m]; half precision is summed in float32."""
    left, right = arrays
    dtype = np.dtype(promote_dtypes((left.dtype.name, right.dtype.name)))
    work = np.dtype(np.float32) if dtype == np.float16 else dtype
    a, b = left.astype(work, copy=False), right.astype(work, copy=False)
    a = np.swapaxes(a, -1, -2) if attrs.transpose_left else a
    b = np.swapaxes(b, -1, -2) if attrs.transpose_right else b
    with np.errstate(all="ignore"):
        return (np.matmul(a, b).astype(dtype, copy=False),)


def macs_matmul(specs: Specs, outputs: Specs, attrs: MatmulAttrs) -> int | None:
    total = swapped_shape(specs[0].shape, attrs.transpose_left)[-1]
    for size in outputs[0].shape[1:]:
        if size is None or total is None:
            return None
        total *= size
    return total


OP = Op(MatmulAttrs, infer_matmul, run_matmul, macs_matmul)
