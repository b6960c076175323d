"""mask_steps: zeros wherever a mask over the leading axes is false."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class MaskStepsAttrs:
    """Nothing to say."""


def infer_mask_steps(specs: Specs, attrs: MaskStepsAttrs) -> tuple[TensorSpec, ...]:
    x, mask = specs
    pairs = zip(x.shape, mask.shape, strict=False)
    if mask.rank > x.rank or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise InputError(f"mask_steps needs a mask over the leading axes of {x}; received {mask}")
    return (x,)


def run_mask_steps(arrays: Arrays, attrs: MaskStepsAttrs) -> tuple[Array, ...]:
    """x [B, T, ...], mask [B, T] -> x with its masked steps zero."""
    x, mask = arrays
    kept = mask.astype(bool, copy=False).reshape(mask.shape + (1,) * (x.ndim - mask.ndim))
    return (np.where(kept, x, x.dtype.type(0)),)


OP = Op(MaskStepsAttrs, infer_mask_steps, run_mask_steps)
