"""l2_normalize: vectors along one axis, or tensors along several, scaled to length one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class L2NormalizeAttrs:
    """axis: along which (one or several); smallest: lengths below this count as this."""

    axis: int | tuple[int, ...]
    smallest: float


def infer_l2_normalize(specs: Specs, attrs: L2NormalizeAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    axes = (attrs.axis,) if isinstance(attrs.axis, int) else attrs.axis
    if not axes or any(not -x.rank <= axis < x.rank for axis in axes):
        raise InputError(f"l2_normalize needs an axis of {x}; received {attrs.axis}")
    if not x.dtype.startswith("float"):
        raise InputError(f"l2_normalize needs a floating input; received {x}")
    return (x,)


def run_l2_normalize(arrays: Arrays, attrs: L2NormalizeAttrs) -> tuple[Array, ...]:
    """x -> x / max(|x|, smallest)."""
    (x,) = arrays
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    with np.errstate(all="ignore"):
        length = np.sqrt(np.sum(np.square(work), axis=attrs.axis, keepdims=True))
        y = work / np.maximum(length, work.dtype.type(attrs.smallest))
    return (y.astype(x.dtype, copy=False),)


OP = Op(L2NormalizeAttrs, infer_l2_normalize, run_l2_normalize)
