"""concat: tensors joined along one axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec


@dataclass(frozen=True)
class ConcatAttrs:
    """axis: the axis that grows; may be negative."""

    axis: int


def infer_concat(specs: Specs, attrs: ConcatAttrs) -> tuple[TensorSpec, ...]:
    rank = specs[0].rank
    if any(spec.rank != rank for spec in specs) or not -rank <= attrs.axis < rank:
        raise InputError(f"concat along axis {attrs.axis} needs equal ranks; received {', '.join(map(str, specs))}")
    at = attrs.axis % rank
    shape: list[int | None] = []
    for axis in range(rank):
        sizes = [spec.shape[axis] for spec in specs]
        known = [size for size in sizes if size is not None]
        if axis == at:
            shape.append(sum(known) if len(known) == len(sizes) else None)
            continue
        if len(set(known)) > 1:
            raise InputError(f"concat along axis {attrs.axis}: axis {axis} differs in {', '.join(map(str, specs))}")
        shape.append(known[0] if known else None)
    result: Shape = tuple(shape)
    return (TensorSpec(result, promote_dtypes([spec.dtype for spec in specs])),)


def run_concat(arrays: Arrays, attrs: ConcatAttrs) -> tuple[Array, ...]:
    """Any number of tensors, of numbers or of texts -> one."""
    if all(array.dtype.kind == "S" for array in arrays):
        return (np.concatenate(list(arrays), axis=attrs.axis),)
    dtype = promote_dtypes([array.dtype.name for array in arrays])
    return (np.concatenate([array.astype(dtype, copy=False) for array in arrays], axis=attrs.axis),)


OP = Op(ConcatAttrs, infer_concat, run_concat)
