"""slice: a regular part of a tensor, Python's start:stop:step on every axis."""

from __future__ import annotations

from dataclasses import dataclass

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class SliceAttrs:
    """cuts: (start, stop, step) per leading axis with Python's meaning of negative and missing numbers."""

    cuts: tuple[tuple[int | None, int | None, int | None], ...]


def infer_slice(specs: Specs, attrs: SliceAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if len(attrs.cuts) > x.rank or any(step == 0 for _, _, step in attrs.cuts):
        raise InputError(f"slice needs at most {x.rank} cuts with steps other than 0; received {attrs.cuts}")
    sizes = list(x.shape)
    for axis, cut in enumerate(attrs.cuts):
        size = sizes[axis]
        if size is not None:
            sizes[axis] = len(range(*slice(*cut).indices(size)))
        elif slice_keeps_all(cut):
            continue
    return (TensorSpec(tuple(sizes), x.dtype),)


def slice_keeps_all(cut: tuple[int | None, int | None, int | None]) -> bool:
    """Whether a cut takes an axis of any size whole (perhaps backwards)."""
    start, stop, step = cut
    return stop is None and (start is None or (start == 0 and (step is None or step == 1))) and step in (None, 1, -1)


def run_slice(arrays: Arrays, attrs: SliceAttrs) -> tuple[Array, ...]:
    """x -> a view of x."""
    (x,) = arrays
    return (x[tuple(slice(*cut) for cut in attrs.cuts)],)


OP = Op(SliceAttrs, infer_slice, run_slice)
