"""where: values of one tensor where a condition holds, of another elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.ops.promote import broadcast_shapes, promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class WhereAttrs:
    """Nothing to say."""


def infer_where(specs: Specs, attrs: WhereAttrs) -> tuple[TensorSpec, ...]:
    condition, yes, no = specs
    shape = broadcast_shapes((condition.shape, yes.shape, no.shape))
    return (TensorSpec(shape, promote_dtypes((yes.dtype, no.dtype))),)


def run_where(arrays: Arrays, attrs: WhereAttrs) -> tuple[Array, ...]:
    """condition (bool), yes, no -> one of the two at each place; all three broadcast."""
    condition, yes, no = arrays
    dtype = promote_dtypes((yes.dtype.name, no.dtype.name))
    return (np.where(condition, yes.astype(dtype, copy=False), no.astype(dtype, copy=False)),)


OP = Op(WhereAttrs, infer_where, run_where)
