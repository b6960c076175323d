"""round_on_grid: floats brought to a grid of whole multiples, as if they had been quantised and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RoundOnGridAttrs:
    """The grid.

    Attributes:
        bits: of the quantised numbers.
        signed: they go below zero.
        narrow: as far below as above.
        half_up: halves are rounded up, not to even.
        axis: with a range for each place along it; None for one range.
    """

    bits: int = 8
    signed: bool = True
    narrow: bool = False
    half_up: bool = False
    axis: int | None = None


def infer_round_on_grid(specs: Specs, attrs: RoundOnGridAttrs) -> tuple[TensorSpec, ...]:
    x, *limits = specs
    if np.dtype(x.dtype).kind != "f" or len(limits) not in (0, 2) or not 1 <= attrs.bits <= 62:
        raise InputError(f"round_on_grid needs floats, perhaps with both ends, and 1 to 62 bits; received {x}, {attrs}")
    if attrs.axis is not None and not 0 <= attrs.axis < x.rank:
        raise InputError(f"round_on_grid needs an axis of its input; received {x}, {attrs}")
    if any(limit.rank != (0 if attrs.axis is None else 1) for limit in limits):
        raise InputError(f"round_on_grid needs one range, or one for each place along an axis; received {limits}")
    return (x,)


def run_round_on_grid(arrays: Arrays, attrs: RoundOnGridAttrs) -> tuple[Array, ...]:
    """x, perhaps the ends of its range -> the same shape; without ends, those of the values count.

    Source: quantize_and_dequantize_op.h of TensorFlow 2.15.
    """
    x, *limits = arrays
    shape = [-1 if axis == attrs.axis else 1 for axis in range(x.ndim)]
    rest = tuple(axis for axis in range(x.ndim) if axis != attrs.axis)
    if limits:
        low, high = (np.asarray(limit, x.dtype).reshape(shape if attrs.axis is not None else ()) for limit in limits)
    else:
        low, high = x.min(axis=rest, keepdims=True), x.max(axis=rest, keepdims=True)
    least = x.dtype.type(0 if not attrs.signed else attrs.narrow - 2.0 ** (attrs.bits - 1))
    most = x.dtype.type(2.0 ** (attrs.bits - attrs.signed) - 1)
    with np.errstate(all="ignore"):
        endless = np.finfo(x.dtype).max
        below = np.where(least * low > 0, least / low, endless)
        above = np.where(most * high > 0, most / high, endless)
        from_below = below < above
        scale = np.where(from_below, below, above)
        step = np.where(from_below, low / least, high / most)
        if limits:
            low, high = np.where(from_below, low, least * step), np.where(from_below, most * step, high)
            x = np.maximum(np.minimum(x, high), low)
        places = x * scale
        whole = np.floor(places + x.dtype.type(0.5)) if attrs.half_up else np.rint(places)
        return ((whole * step).astype(x.dtype, copy=False),)


OP = Op(RoundOnGridAttrs, infer_round_on_grid, run_round_on_grid)
