"""What values choose: the places of truths, rows under a mask, partitions, different values (as many as there are)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic
from kmin.layers.operations.arguments import (
    Lowering,
    axis_of,
    binary,
    cast,
    dtype_named,
    flattened,
    integer,
    is_number,
    tensor_of,
)
from kmin.layers.operations.choosing import take_axis
from kmin.layers.operations.shaping import expand_dims, reshaped
from kmin.layers.operations.sizes import axis_size, target_of
from kmin.ops.nonzero import NonzeroAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unique import UniqueAttrs


def places_of(call: LayerCall, condition: Any) -> Tensor:
    """where of one argument: a row of places for each value that is not zero."""
    call.builder.mixes_samples = True
    return call.add("nonzero", (tensor_of(call, condition),), NonzeroAttrs())


def where(call: LayerCall, condition: Any, a: Any, b: Any) -> Tensor:
    """TensorFlow's where: one value or the other, or without values the places where the condition holds."""
    return places_of(call, condition) if a is None and b is None else arithmetic.where(call, condition, a, b)


def where_or_places(call: LayerCall, condition: Any, a: Any, b: Any) -> Tensor:
    """where of keras.ops, whose node hands on the places along the first axis only when it is given no values."""
    return nonzero(call, condition)[0] if a is None and b is None else arithmetic.where(call, condition, a, b)


def nonzero(call: LayerCall, x: Any) -> list[Tensor]:
    """nonzero of keras.ops: the places along each axis."""
    value = tensor_of(call, x)
    places = cast(call, places_of(call, value), "int32")
    return [take_axis(call, places, call.constant("axis", np.asarray(at)), 1) for at in range(value.rank)]


def boolean_mask(call: LayerCall, x: Any, mask: Any, axis: Any) -> Tensor:
    """What of some neighbouring axes a mask over them keeps, in one axis in their place."""
    value, kept = tensor_of(call, x), tensor_of(call, mask)
    at = axis_of(call, 0 if axis is None else axis, max(value.rank, 1))
    stop = at + kept.rank
    if kept.dtype != "bool" or not kept.rank or stop > value.rank:
        raise call.fail(f"needs a mask of truths over axes of {value.spec} from axis {at}; received {kept.spec}")
    for own, size in zip(value.shape[at:stop], kept.shape, strict=True):
        if own is not None and size is not None and own != size:
            raise call.fail(f"needs a mask as large as axes {at} to {stop} of {value.spec}; received {kept.spec}")
    known = call.builder.constants.get(kept.name)
    if known is not None:
        ids = call.constant("ids", np.flatnonzero(known).astype("int32"))
    else:
        ids = reshaped(call, places_of(call, flattened(call, kept)), (-1,))
    if kept.rank > 1:
        call.mix_samples(value, range(at, stop))
        axes = [*range(at), None, *range(stop, value.rank)]
        target, _ = target_of(call, value, [-1 if axis is None else axis_size(value, axis) for axis in axes])
        value = call.add("reshape", (value,), ReshapeAttrs(target))
    return take_axis(call, value, ids, at, False)


def boolean_mask_v1(call: LayerCall, x: Any, mask: Any, _: Any, axis: Any) -> Tensor:
    """compat.v1.boolean_mask, which has a name before its axis."""
    return boolean_mask(call, x, mask, axis)


def partitions(call: LayerCall, x: Any, numbers: Any, count: Any) -> list[Tensor]:
    """dynamic_partition: the rows of each number from 0 on."""
    value, which = tensor_of(call, x), tensor_of(call, numbers)
    parts = [binary(call, which, own, "equal") for own in range(integer(call, count, "num_partitions"))]
    return [boolean_mask(call, value, part, 0) for part in parts]


def different(counts: bool) -> Lowering:
    """unique and unique_with_counts of a vector: values, the number of each, how often each stands there."""

    def lower(call: LayerCall, x: Any, dtype: Any) -> list[Tensor]:
        value = tensor_of(call, x)
        if value.rank != 1:
            raise call.fail(f"needs a vector; received {value.spec}")
        call.builder.mixes_samples = True
        found = call.add_all("unique", (value,), UniqueAttrs(0, False, dtype_named(call, dtype, "int32")))
        return list(found[:3] if counts else found[:2])

    return lower


def unique(
    call: LayerCall,
    x: Any,
    ordered: Any,
    first: Any,
    inverse: Any,
    counts: Any,
    axis: Any,
    size: Any,
    fill: Any,
) -> list[Tensor] | Tensor:
    """unique of keras.ops: different values or slices, and if wanted where they stand first, numbers and counts."""
    number = 0 if fill is None else fill
    if not is_number(number):
        raise call.fail(f"fill_value must be a number; received {fill!r:.40}")
    value = tensor_of(call, x)
    at = 0 if axis is None else axis_of(call, axis, value.rank)
    line = flattened(call, value) if axis is None else value
    call.builder.mixes_samples = True
    count = None if size is None else integer(call, size, "size")
    attrs = UniqueAttrs(at, bool(ordered), "int32", count, number)
    y, numbers, often, begin = call.add_all("unique", (line,), attrs)
    if axis is None and value.rank != 1:
        like = ReshapeAttrs(tuple(("like", own) for own in range(value.rank)))
        numbers = call.add("reshape", (numbers, value), like)
    found = [y, *(part for part, wanted in ((begin, first), (numbers, inverse), (often, counts)) if wanted)]
    return found if len(found) > 1 else y


def difference(call: LayerCall, x: Any, y: Any, dtype: Any) -> list[Tensor]:
    """setdiff1d: the values of x that are not in y, and their places."""
    own, other = tensor_of(call, x), tensor_of(call, y)
    if own.rank != 1 or other.rank != 1 or own.dtype != other.dtype:
        raise call.fail(f"needs two vectors of one dtype; received {own.spec} and {other.spec}")
    same = binary(call, expand_dims(call, own, 1), expand_dims(call, other, 0), "equal")
    call.mix_samples(own, (0,))
    call.mix_samples(other, (0,))
    known = call.add("reduce", (cast(call, same, "int32"),), ReduceAttrs("sum", (1,)))
    places = reshaped(call, places_of(call, binary(call, known, 0, "equal")), (-1,))
    ids = cast(call, places, dtype_named(call, dtype, "int32"))
    return [take_axis(call, own, ids, 0), ids]
