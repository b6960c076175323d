"""view: the bits of numbers read as numbers of another dtype, along the last axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ViewAttrs:
    """source: whose bits are read; target: what they are read as; dtype: of the result (target, or a wider float)."""

    source: str
    target: str
    dtype: str


def infer_view(specs: Specs, attrs: ViewAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    before, after = np.dtype(attrs.source).itemsize, np.dtype(attrs.target).itemsize
    size = x.shape[-1] if x.rank else None
    if "bool" in (x.dtype, attrs.source, attrs.target) or (before != after and not x.rank):
        raise InputError(f"view needs numbers, and an axis for those of another size; received {x} for {attrs.target}")
    if before == after:
        return (TensorSpec(x.shape, attrs.dtype),)
    if size is not None and size * before % after:
        raise InputError(f"view as {attrs.target} needs a last axis of a multiple of {after} bytes; received {x}")
    return (TensorSpec((*x.shape[:-1], None if size is None else size * before // after), attrs.dtype),)


def run_view(arrays: Arrays, attrs: ViewAttrs) -> tuple[Array, ...]:
    """x [..., n] -> [..., n * bytes of source / bytes of target]."""
    (x,) = arrays
    infer_view([TensorSpec(x.shape, x.dtype.name)], attrs)
    bits = np.ascontiguousarray(x, attrs.source).reshape(x.shape)
    return (bits.view(attrs.target).astype(attrs.dtype, copy=False),)


OP = Op(ViewAttrs, infer_view, run_view)
