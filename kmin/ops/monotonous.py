"""monotonous: the rows that never rise (or never fall) and are nearest to given ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class MonotonousAttrs:
    """falling: whether rows never rise."""

    falling: bool = True


def infer_monotonous(specs: Specs, attrs: MonotonousAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if np.dtype(x.dtype).kind != "f" or not x.rank:
        raise InputError(f"monotonous needs rows of floats; received {x}")
    return (x,)


def run_monotonous(arrays: Arrays, attrs: MonotonousAttrs) -> tuple[Array, ...]:
    """x [..., N] -> the nearest of such rows, by least squares.

    The value at i is the largest, over where a part begins up to i, of the smallest mean up to an end from i on
    (Robertson, Wright and Dykstra, Order Restricted Statistical Inference, 1988), in double precision.
    """
    (x,) = arrays
    wide = x.astype(np.float64) * (-1 if attrs.falling else 1)
    count = x.shape[-1]
    total = np.concatenate([np.zeros((*x.shape[:-1], 1)), np.cumsum(wide, axis=-1)], axis=-1)
    best = np.full(x.shape, -np.inf)
    for start in range(count):
        sizes = np.arange(1, count - start + 1)
        means = (total[..., start + 1 :] - total[..., start : start + 1]) / sizes
        least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
        best[..., start:] = np.maximum(best[..., start:], least)
    return ((best * (-1 if attrs.falling else 1)).astype(x.dtype),)


OP = Op(MonotonousAttrs, infer_monotonous, run_monotonous)
