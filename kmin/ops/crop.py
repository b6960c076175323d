"""crop: cells cut off both ends of each axis."""

from __future__ import annotations

from dataclasses import dataclass

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CropAttrs:
    """cuts: (before, after) for every axis, the batch included; empty: whether nothing may be left."""

    cuts: tuple[tuple[int, int], ...]
    empty: bool = False


def infer_crop(specs: Specs, attrs: CropAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.rank != len(attrs.cuts) or any(cells < 0 for pair in attrs.cuts for cells in pair):
        raise InputError(f"crop needs {len(attrs.cuts)} axes and no negative cut; received {x} and {attrs.cuts}")
    sizes = tuple(n if n is None else n - sum(pair) for n, pair in zip(x.shape, attrs.cuts, strict=True))
    if not attrs.empty and any(size is not None and size < 1 for size in sizes):
        raise InputError(f"crop {attrs.cuts} leaves nothing of {x}")
    return (TensorSpec(tuple(n if n is None else max(n, 0) for n in sizes), x.dtype),)


def run_crop(arrays: Arrays, attrs: CropAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    y = x[tuple(slice(pair[0], max(pair[0], n - pair[1])) for n, pair in zip(x.shape, attrs.cuts, strict=True))]
    if not attrs.empty and min(y.shape[1:], default=1) < 1:
        raise InputError(f"crop {attrs.cuts} leaves nothing of an input of shape {x.shape}")
    return (y,)


OP = Op(CropAttrs, infer_crop, run_crop)
