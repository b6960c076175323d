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
    texts = yes.dtype == no.dtype == "string"
    return (TensorSpec(shape, "string" if texts else promote_dtypes((yes.dtype, no.dtype))),)


def run_where(arrays: Arrays, attrs: WhereAttrs) -> tuple[Array, ...]:
    """condition (bool), yes, no (numbers, or texts) -> one of the two at each place; all broadcast."""
    condition, yes, no = arrays
    if yes.dtype.kind == no.dtype.kind == "S":
        return (np.asarray(np.where(condition, yes, no)),)
    dtype = promote_dtypes((yes.dtype.name, no.dtype.name))
    return (np.where(condition, yes.astype(dtype, copy=False), no.astype(dtype, copy=False)),)


OP = Op(WhereAttrs, infer_where, run_where)
