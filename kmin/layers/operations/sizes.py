"""Sizes that a model computes with: what tf.shape gives, parts of it, and shapes made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import dtype_named, integer, tensor_of
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.shape_by import ShapeByAttrs
from kmin.ops.shape_of import ShapeOfAttrs
from kmin.ops.slice import SliceAttrs

# One size: a number, an axis of a tensor, or None for what is only known when the model runs.
Size = int | tuple[str, int] | None


def lower_shape(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """The sizes of x as a tensor, remembered axis by axis."""
    value = tensor_of(call, x)
    result = call.add("shape_of", (value,), ShapeOfAttrs(dtype_named(call, dtype, "int32")))
    call.builder.sizes[result.name] = [axis_size(value, axis) for axis in range(value.rank)]
    return result


def axis_size(x: Tensor, axis: int) -> Size:
    """The size of an axis: a number when it is known."""
    size = x.shape[axis]
    return size if size is not None else (x.name, axis)


def sizes_of(call: LayerCall, value: Any) -> list[Size] | None:
    """The sizes that a shape argument lists: numbers, scalar tensors, or one tensor of rank 1; None when unknown."""
    if isinstance(value, Tensor):
        if value.name in call.builder.sizes:
            return list(call.builder.sizes[value.name])
        array = call.builder.constants.get(value.name)
        if array is not None:
            return [int(size) for size in np.ravel(array)]
        return [None] * value.shape[0] if value.rank == 1 and value.shape[0] is not None else None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        value = [value]
    sizes: list[Size] = []
    for item in value:
        if isinstance(item, Tensor):
            known = call.builder.sizes.get(item.name)
            sizes.append(known[0] if known is not None and item.rank == 0 else None)
        else:
            sizes.append(-1 if item is None else integer(call, item, "a size"))
    return sizes


def remember(call: LayerCall, result: Tensor, sizes: Sequence[Size]) -> Tensor:
    """The result, remembered as these sizes."""
    call.builder.sizes[result.name] = list(sizes)
    return result


def target_of(call: LayerCall, x: Tensor, sizes: Sequence[Size]) -> tuple[tuple[Any, ...], Tensor | None]:
    """Entries for `reshape` and `broadcast`, and the tensor whose axes they mention (besides x).

    Raises:
        UnsupportedError: more sizes are unknown than one.
    """
    other: Tensor | None = None
    entries: list[Any] = []
    for size in sizes:
        if isinstance(size, tuple):
            name, axis = size
            if name == x.name:
                entries.append(("x", axis))
                continue
            if other is None or other.name == name:
                other = Tensor(name, call.builder.specs[name])
                entries.append(("like", axis))
                continue
        entries.append(size if isinstance(size, int) else -1)
    if entries.count(-1) > 1:
        raise call.fail("a shape with more than one size that only a run can tell is not supported")
    return tuple(entries), other


def only_runs_tell(x: Tensor, sizes: Sequence[Size]) -> bool:
    """Whether `target_of` cannot say all these sizes for a broadcast: of several tensors, or of none."""
    others = {size[0] for size in sizes if isinstance(size, tuple) and size[0] != x.name}
    return None in sizes or len(others) > 1


def number_of(call: LayerCall, value: Any, what: str) -> Tensor:
    """A tensor of one number, or a number, as a tensor without axes."""
    found = tensor_of(call, value)
    if found.rank and found.shape != (1,):
        raise call.fail(f"{what} must be one number; received {found.spec}")
    return call.add("reshape", (found,), ReshapeAttrs(())) if found.rank else found


def entries_of(call: LayerCall, value: Any) -> list[int | Tensor]:
    """The sizes that a shape argument lists: numbers, and tensors without axes where only a run can tell."""
    known = sizes_of(call, value)
    if known is None:
        raise call.fail("the number of sizes is not in the file")
    found: list[int | Tensor] = []
    for at, size in enumerate(known):
        if isinstance(size, int):
            found.append(size)
            continue
        item = value if isinstance(value, Tensor) else value[at]
        if isinstance(value, Tensor) and item.rank == 1:
            item = call.add("slice", (item,), SliceAttrs(((at, at + 1, None),)))
        found.append(number_of(call, item, "a size"))
    return found


def shaped_by(call: LayerCall, x: Tensor, kind: str, sizes: Sequence[int | Tensor], fill: float = 0) -> Tensor:
    """x reshaped, broadcast, tiled or padded by numbers of which a run tells some."""
    call.builder.mixes_samples = True
    numbers: list[Tensor] = []
    entries: list[Any] = []
    for size in sizes:
        if isinstance(size, Tensor):
            numbers.append(size)
        entries.append(("at", len(numbers) - 1) if isinstance(size, Tensor) else size)
    return call.add("shape_by", (x, *numbers), ShapeByAttrs(kind, tuple(entries), fill))
