"""round_to: the values that a narrower floating-point format can hold, kept in the dtype they have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RoundToAttrs:
    """dtype: `bfloat16`, `e4m3fn` (float8; what is too large becomes the largest), or float32 for no rounding."""

    dtype: str


def infer_round_to(specs: Specs, attrs: RoundToAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if np.dtype(x.dtype).kind != "f":
        raise InputError(f"round_to needs floats; received {x}")
    return (x,)


def round_to_bfloat16(x: Array) -> Array:
    """To eight bits of mantissa, halves to even."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    rounded = (bits + (((bits >> 16) & 1) + np.uint32(0x7FFF))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), x, rounded.view(np.float32).reshape(np.shape(x))).astype(x.dtype, copy=False)


def round_to_e4m3fn(x: Array) -> Array:
    """To four bits of mantissa, halves to even, at most 448; steps of 2^-9 near zero."""
    _, exponent = np.frexp(x)
    step = np.ldexp(np.ones_like(x), np.maximum(exponent - 4, -9))
    return np.clip(np.rint(x / step) * step, -448, 448).astype(x.dtype, copy=False)


def run_round_to(arrays: Arrays, attrs: RoundToAttrs) -> tuple[Array, ...]:
    """x -> same shape and dtype."""
    (x,) = arrays
    if attrs.dtype == "bfloat16":
        return (round_to_bfloat16(x),)
    return (round_to_e4m3fn(x) if attrs.dtype == "e4m3fn" else x,)


OP = Op(RoundToAttrs, infer_round_to, run_round_to)
