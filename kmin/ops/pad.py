"""pad: more cells around a tensor, filled with a constant or with its own edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class PadAttrs:
    """pads: (before, after) for every axis, the batch included; value: of constant cells; mode: as in numpy.pad."""

    pads: tuple[tuple[int, int], ...]
    value: float = 0.0
    mode: str = "constant"


def infer_pad(specs: Specs, attrs: PadAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != len(attrs.pads) or any(cells < 0 for pair in attrs.pads for cells in pair):
        raise InputError(f"pad needs {len(attrs.pads)} axes and no negative padding; received {x} and {attrs.pads}")
    if attrs.mode not in ("constant", "reflect", "symmetric"):
        raise InputError(f"pad mode must be constant, reflect or symmetric; received {attrs.mode}")
    sizes = tuple(n if n is None else n + sum(pair) for n, pair in zip(x.shape, attrs.pads, strict=True))
    return (TensorSpec(sizes, x.dtype),)


def run_pad(arrays: Arrays, attrs: PadAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    if attrs.mode == "reflect":
        return (np.pad(x, attrs.pads, mode="reflect"),)
    if attrs.mode == "symmetric":
        return (np.pad(x, attrs.pads, mode="symmetric"),)
    shape = tuple(n + sum(pair) for n, pair in zip(x.shape, attrs.pads, strict=True))
    y = np.zeros(shape, x.dtype) if attrs.value == 0 else np.full(shape, attrs.value, x.dtype)
    y[tuple(slice(pair[0], pair[0] + n) for n, pair in zip(x.shape, attrs.pads, strict=True))] = x
    return (y,)


OP = Op(PadAttrs, infer_pad, run_pad)
