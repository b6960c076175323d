"""prelu: a leaky relu whose slope is a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class PreluAttrs:
    """Nothing to say."""


def infer_prelu(specs: Specs, attrs: PreluAttrs) -> tuple[TensorSpec, ...]:
    x, alpha = specs
    if len(broadcast_shapes((x.shape, alpha.shape))) != x.rank or alpha.rank != x.rank - 1:
        raise InputError(f"prelu needs slopes of {x} without its batch axis; received {alpha}")
    return (x,)


def run_prelu(arrays: Arrays, attrs: PreluAttrs) -> tuple[Array, ...]:
    """x [B, ...], alpha [...] (1 where shared) -> x, below zero alpha * x."""
    x, alpha = arrays
    return (np.where(x > 0, x, x * alpha.astype(x.dtype, copy=False)),)


def macs_prelu(specs: Specs, outputs: Specs, attrs: PreluAttrs) -> int | None:
    return sample_size(specs[0])


OP = Op(PreluAttrs, infer_prelu, run_prelu, macs_prelu)
