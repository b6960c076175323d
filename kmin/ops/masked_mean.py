"""masked_mean: the mean over the steps that a mask keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class MaskedMeanAttrs:
    """keepdims: keep the step axis with size 1."""

    keepdims: bool = False


def infer_masked_mean(specs: Specs, attrs: MaskedMeanAttrs) -> tuple[TensorSpec, ...]:
    x, mask = specs
    if x.rank != 3 or mask.rank != 2 or not x.dtype.startswith("float"):
        raise InputError(f"masked_mean needs floats [N, T, C] and a mask [N, T]; received {x} and {mask}")
    kept = (x.shape[0], 1, x.shape[2]) if attrs.keepdims else (x.shape[0], x.shape[2])
    return (TensorSpec(kept, x.dtype),)


def run_masked_mean(arrays: Arrays, attrs: MaskedMeanAttrs) -> tuple[Array, ...]:
    """x [N, T, C], mask [N, T] of bool -> [N, C]; NaN for a row without any kept step, as in Keras 2 and 3."""
    x, mask = arrays
    keep = mask.astype(bool)[..., None]
    total = np.sum(x, axis=1, keepdims=attrs.keepdims, dtype=np.float64, where=keep)
    steps = np.sum(keep, axis=1, keepdims=attrs.keepdims, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return ((total / steps).astype(x.dtype),)


OP = Op(MaskedMeanAttrs, infer_masked_mean, run_masked_mean)
