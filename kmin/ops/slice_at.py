"""slice_at: a regular part of a tensor whose ends are values."""

from __future__ import annotations

from dataclasses import dataclass

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class SliceAtAttrs:
    """cuts: (start, stop, step) per leading axis, as of `slice`; `("at", n)` is the nth number that is given.

    exact: whether ends outside of an axis are an error.
    """

    cuts: tuple[tuple[int | tuple[str, int] | None, ...], ...]
    exact: bool = False


def infer_slice_at(specs: Specs, attrs: SliceAtAttrs) -> tuple[TensorSpec, ...]:
    x, *ends = specs
    if len(attrs.cuts) > x.rank or any(end.rank or not end.dtype.startswith(("int", "uint")) for end in ends):
        raise InputError(f"slice_at needs at most {x.rank} cuts and whole numbers; received {attrs.cuts}, {ends}")
    sizes = list(x.shape)
    for axis, cut in enumerate(attrs.cuts):
        if any(isinstance(end, tuple) for end in cut):
            sizes[axis] = None
        elif sizes[axis] is not None:
            sizes[axis] = len(range(*slice(*cut).indices(sizes[axis])))
    return (TensorSpec(tuple(sizes), x.dtype),)


def run_slice_at(arrays: Arrays, attrs: SliceAtAttrs) -> tuple[Array, ...]:
    """x, numbers () ... -> a view of x.

    Raises:
        InputError: a step is 0, or an end that must be is not within its axis.
    """
    x, *ends = arrays
    cuts = []
    for size, cut in zip(x.shape, attrs.cuts, strict=False):
        start, stop, step = (int(ends[end[1]]) if isinstance(end, tuple) else end for end in cut)
        if step == 0:
            raise InputError("the step of a slice must not be 0")
        if attrs.exact and not 0 <= (start or 0) <= (size if stop is None else stop) <= size:
            raise InputError(f"a slice must lie within an axis of {size}; received {start} to {stop}")
        cuts.append(slice(start, stop, step))
    return (x[tuple(cuts)],)


OP = Op(SliceAtAttrs, infer_slice_at, run_slice_at)
