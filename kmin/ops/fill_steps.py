"""fill_steps: rows of unequal length made equal, the steps that are not there filled with a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class FillStepsAttrs:
    """value: of steps that are not there; length: of all rows, None for that of the longest."""

    value: str | float = 0
    length: int | None = None


def infer_fill_steps(specs: Specs, attrs: FillStepsAttrs) -> tuple[TensorSpec, ...]:
    x, there = specs
    if there.dtype != "bool" or there.rank != 2 or x.rank < 2 or isinstance(attrs.value, str) != (x.dtype == "string"):
        raise InputError(f"fill_steps needs steps, which of them are there, and a value like them; received {x}")
    return (TensorSpec((x.shape[0], attrs.length, *x.shape[2:]), x.dtype),)


def run_fill_steps(arrays: Arrays, attrs: FillStepsAttrs) -> tuple[Array, ...]:
    """x [N, T, ...], there [N, T], the steps that are not coming last -> [N, length, ...]."""
    x, there = arrays
    longest = int(there.sum(axis=1).max(initial=0))
    kept = longest if attrs.length is None else min(longest, attrs.length)
    value = np.asarray(attrs.value.encode() if isinstance(attrs.value, str) else attrs.value)
    value = value if x.dtype.kind == "S" else value.astype(x.dtype)
    there = there[:, :kept].reshape(*there[:, :kept].shape, *(1,) * (x.ndim - 2))
    y = np.where(there, x[:, :kept], value)
    if attrs.length is not None and attrs.length > kept:
        rest = np.broadcast_to(value, (len(x), attrs.length - kept, *x.shape[2:]))
        y = np.concatenate([y, rest], axis=1)
    return (y if x.dtype.kind == "S" else y.astype(x.dtype, copy=False),)


OP = Op(FillStepsAttrs, infer_fill_steps, run_fill_steps)
