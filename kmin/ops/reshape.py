"""reshape: the same values in row-major order under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Shape, Specs, TensorSpec


@dataclass(frozen=True)
class ReshapeAttrs:
    """target: the new shape, batch axis included.

    An entry is a size, -1 (once: whatever is left), `("x", axis)` (as long as that axis of the input) or
    `("like", axis)` (as long as that axis of the optional second input, whose values are not read). So
    `(("x", 0), -1)` flattens all but the batch, `(-1, ("x", 2))` merges the first two axes of three and
    `(("like", 0), ("like", 1), 5)` parts them again. Empty batches stay empty.
    """

    target: tuple[int | tuple[str, int], ...]


def resolve_reshape(x: Shape, like: Shape | None, attrs: ReshapeAttrs) -> Shape:
    """The shape that `x` takes; None where a size is not known yet.

    Raises:
        InputError: the sizes do not multiply to the same number.
    """
    result: list[int | None] = []
    given: list[int | None] = []  # sizes on the target side that are not axes of x
    copied: list[int] = []  # axes of x that stay whole: they cancel, so an empty batch does no harm
    rest = None
    for position, entry in enumerate(attrs.target):
        if isinstance(entry, int):
            result.append(None if entry == -1 else entry)
            if entry == -1:
                rest = position
            else:
                given.append(entry)
        elif entry[0] == "x" and entry[1] not in copied:
            copied.append(entry[1])
            result.append(x[entry[1]])
        else:
            source = x if entry[0] == "x" or like is None else like
            given.append(source[entry[1]])
            result.append(source[entry[1]])
    left = [size for axis, size in enumerate(x) if axis not in copied]
    if None in left or None in given:
        return tuple(result)
    have, taken = reshape_product(left), reshape_product(given)
    if rest is not None:
        if have != 0 and (taken == 0 or have % taken):
            raise InputError(f"reshape of {x} to {attrs.target}: {have} values do not divide by {taken}")
        result[rest] = 0 if taken == 0 else have // taken
    elif have != taken:
        raise InputError(f"reshape of {x} to {attrs.target}: {have} values per row, {taken} wanted")
    return tuple(result)


def reshape_product(sizes: Sequence[int | None]) -> int:
    """The product of known sizes."""
    result = 1
    for size in sizes:
        result *= size if size is not None else 1
    return result


def infer_reshape(specs: Specs, attrs: ReshapeAttrs) -> tuple[TensorSpec, ...]:
    x, like = specs[0], specs[1] if len(specs) > 1 else None
    return (TensorSpec(resolve_reshape(x.shape, None if like is None else like.shape, attrs), x.dtype),)


def run_reshape(arrays: Arrays, attrs: ReshapeAttrs) -> tuple[Array, ...]:
    """x, like (optional, only its shape counts) -> x under the new shape (a view where NumPy can)."""
    x, like = arrays[0], arrays[1] if len(arrays) > 1 else None
    shape = resolve_reshape(x.shape, None if like is None else like.shape, attrs)
    return (x.reshape([-1 if size is None else size for size in shape]),)


OP = Op(ReshapeAttrs, infer_reshape, run_reshape)
