"""dense: matrix product over the last axis, plus bias, plus activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import apply_activation
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class DenseAttrs:
    """activation, activation_args: the fused activation (kind and parameters)."""

    activation: str = "linear"
    activation_args: tuple[float, ...] = ()


def infer_dense(specs: Specs, attrs: DenseAttrs) -> tuple[TensorSpec, ...]:
    x, kernel, _ = specs
    if x.rank < 1 or x.shape[-1] != kernel.shape[0]:
        raise InputError(f"dense needs a last axis of {kernel.shape[0]}; received {x}")
    return (TensorSpec((*x.shape[:-1], kernel.shape[1]), x.dtype),)


def run_dense(arrays: Arrays, attrs: DenseAttrs) -> tuple[Array, ...]:
    """x [..., K], kernel [K, N], bias [N] or None -> [..., N]."""
    x, kernel, bias = arrays
    half = x.dtype == np.float16  # products of halves are summed in float32, as hardware does
    y = np.matmul(x.astype(np.float32), kernel.astype(np.float32)) if half else np.matmul(x, kernel)
    if bias is not None:
        y += bias
    y = apply_activation(y, attrs.activation, attrs.activation_args)
    return (y.astype(x.dtype, copy=False),)


def macs_dense(specs: Specs, outputs: Specs, attrs: DenseAttrs) -> int | None:
    x, kernel, _ = specs
    rows = x.shape[1:-1]
    if None in rows:
        return None
    size = kernel.shape[0] or 0
    for rows_of_axis in rows:
        size *= rows_of_axis or 0
    return size * (kernel.shape[1] or 0)


OP = Op(DenseAttrs, infer_dense, run_dense, macs_dense)
