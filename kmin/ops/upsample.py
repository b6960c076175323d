"""upsample: every cell repeated along the spatial axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class UpsampleAttrs:
    """scale: repetitions per spatial axis."""

    scale: tuple[int, ...]


def infer_upsample(specs: Specs, attrs: UpsampleAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != len(attrs.scale) + 2 or min(attrs.scale) < 1:
        raise InputError(f"upsample by {attrs.scale} needs {len(attrs.scale)} spatial axes; received {x}")
    sizes = tuple(n if n is None else n * scale for n, scale in zip(x.shape[1:-1], attrs.scale, strict=True))
    return (TensorSpec((x.shape[0], *sizes, x.shape[-1]), x.dtype),)


def run_upsample(arrays: Arrays, attrs: UpsampleAttrs) -> tuple[Array, ...]:
    """x [N, *spatial, C] -> [N, *(spatial * scale), C], in one copy."""
    (x,) = arrays
    spread = [size for pair in zip(x.shape[1:-1], attrs.scale, strict=True) for size in pair]
    split = [size for n in x.shape[1:-1] for size in (n, 1)]
    cells = np.broadcast_to(x.reshape(x.shape[0], *split, x.shape[-1]), (x.shape[0], *spread, x.shape[-1]))
    sizes = [n * scale for n, scale in zip(x.shape[1:-1], attrs.scale, strict=True)]
    return (cells.reshape(x.shape[0], *sizes, x.shape[-1]),)


OP = Op(UpsampleAttrs, infer_upsample, run_upsample)
