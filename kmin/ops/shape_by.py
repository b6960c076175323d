"""shape_by: a tensor under another shape, repeated or padded by numbers that are values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

# More values than any model makes, fewer than fill the memory.
MOST_SHAPED = 1 << 31


@dataclass(frozen=True)
class ShapeByAttrs:
    """What becomes of the shape.

    Attributes:
        kind: `reshape` (-1 once: whatever is left) or `broadcast` to these sizes, `tile` so many times along each axis,
            or `pad` with so many cells before and after each axis.
        sizes: numbers; `("at", n)` is the nth that is given.
        fill: what cells are padded with.
    """

    kind: str
    sizes: tuple[int | tuple[str, int], ...]
    fill: float = 0


def infer_shape_by(specs: Specs, attrs: ShapeByAttrs) -> tuple[TensorSpec, ...]:
    x, *numbers = specs
    known = [None if isinstance(size, tuple) else size for size in attrs.sizes]
    wanted = {"pad": 2 * x.rank, "tile": x.rank}.get(attrs.kind, len(known))
    few = attrs.kind == "broadcast" and len(known) < x.rank
    if attrs.kind not in ("broadcast", "pad", "reshape", "tile") or len(known) != wanted or few:
        raise InputError(f"shape_by needs numbers for the axes of {x}; received {attrs}")
    if any(number.rank or not number.dtype.startswith(("int", "uint")) for number in numbers):
        raise InputError(f"shape_by needs whole numbers; received {', '.join(map(str, numbers))}")
    if attrs.kind == "reshape":
        return (TensorSpec(tuple(None if size == -1 else size for size in known), x.dtype),)
    if attrs.kind == "broadcast":
        own = (1,) * (len(known) - x.rank) + x.shape
        shape = [mine if size == -1 else size for mine, size in zip(own, known, strict=True)]
    elif attrs.kind == "tile":
        shape = [
            None if mine is None or count is None else mine * count for mine, count in zip(x.shape, known, strict=True)
        ]
    else:
        shape = [
            None if None in part else sum(size for size in part if size is not None)
            for part in zip(x.shape, known[::2], known[1::2], strict=True)
        ]
    return (TensorSpec(tuple(shape), x.dtype),)


def run_shape_by(arrays: Arrays, attrs: ShapeByAttrs) -> tuple[Array, ...]:
    """x, numbers () ... -> x under its new shape.

    Raises:
        InputError: the numbers do not fit x, or make too many values.
    """
    x, *numbers = arrays
    sizes = [int(numbers[size[1]]) if isinstance(size, tuple) else size for size in attrs.sizes]
    least = -1 if attrs.kind in ("broadcast", "reshape") else 0
    wanted: list[int] = sizes
    if attrs.kind == "tile":
        wanted = [own * count for own, count in zip(x.shape, sizes, strict=True)]
    elif attrs.kind == "pad":
        wanted = [own + a + b for own, a, b in zip(x.shape, sizes[::2], sizes[1::2], strict=True)]
    if min(sizes, default=0) < least or math.prod(max(size, 1) for size in wanted) > MOST_SHAPED:
        raise InputError(f"{attrs.kind} needs numbers from 0 on that fit into memory; received {sizes}")
    try:
        if attrs.kind == "reshape":
            return (x.reshape(sizes),)
        if attrs.kind == "tile":
            return (np.tile(x, sizes),)
        if attrs.kind == "pad":
            pairs = list(zip(sizes[::2], sizes[1::2], strict=True))
            return (np.pad(x, pairs, constant_values=np.asarray(attrs.fill).astype(x.dtype)),)
        own = (1,) * (len(sizes) - x.ndim) + x.shape
        return (np.broadcast_to(x, [mine if size == -1 else size for mine, size in zip(own, sizes, strict=True)]),)
    except ValueError as error:
        raise InputError(f"{attrs.kind} of {x.shape} by {sizes}: {error}") from None


OP = Op(ShapeByAttrs, infer_shape_by, run_shape_by)
