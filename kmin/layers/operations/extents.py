"""How many there are, told by tensors: ranges, repetitions, masks of sequences, one_hot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import choosing
from kmin.layers.operations.arguments import (
    array_of,
    axis_of,
    binary,
    cast,
    dtype_named,
    flattened,
    integers,
    tensor_of,
)
from kmin.layers.operations.choosing import take_axis
from kmin.layers.operations.shaping import expand_dims, reshaped
from kmin.layers.operations.sizes import number_of
from kmin.ops.count_up import CountUpAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.repeat_each import RepeatEachAttrs
from kmin.ops.where import WhereAttrs

_WIDTHS = ("int32", "int64", "float32", "float64")


def range_dtype(call: LayerCall, ends: Iterable[Any], dtype: Any) -> str:
    """The dtype of a range: one that is asked for, or the widest of its ends and its step."""
    found = {end.dtype if isinstance(end, Tensor) else array_of(call, end).dtype.name for end in ends}
    if dtype is None and not found <= set(_WIDTHS):
        raise call.fail(f"needs numbers of {', '.join(_WIDTHS)}; received {', '.join(sorted(found))}")
    return dtype_named(call, dtype, max(found & set(_WIDTHS), key=_WIDTHS.index, default="int32"))


def counting(call: LayerCall, start: Any, stop: Any, step: Any, dtype: Any) -> Tensor:
    """range of numbers that only a run can tell."""
    kind = range_dtype(call, (start, stop, step), dtype)
    ends = [number_of(call, value, "an end of a range") for value in (start, stop, step)]
    call.builder.mixes_samples = True
    return call.add("count_up", [cast(call, end, kind) for end in ends], CountUpAttrs())


def up_to(call: LayerCall, stop: Tensor) -> Tensor:
    """0, 1, 2, ... before a number."""
    zero, one = (call.constant("number", np.asarray(value, stop.dtype)) for value in (0, 1))
    return counting(call, zero, stop, one, stop.dtype)


def sequence_mask(call: LayerCall, lengths: Any, longest: Any, dtype: Any) -> Tensor:
    """Which places are before each length, as many as a tensor or else the longest length says."""
    value = tensor_of(call, lengths)
    if longest is None:
        call.mix_samples(value, range(value.rank))
        most = (
            call.add("reduce", (value,), ReduceAttrs("max", tuple(range(value.rank)), False, True))
            if value.rank
            else value
        )
        longest = binary(call, most, 0, "maximum")
    places = up_to(call, number_of(call, longest, "maxlen"))
    column = cast(call, expand_dims(call, value, -1), places.dtype)
    return cast(call, binary(call, column, places, "greater"), dtype_named(call, dtype, "bool"))


def one_hot(call: LayerCall, x: Any, depth: Any, on: Any, off: Any, axis: Any, dtype: Any) -> Tensor:
    """Integers as rows with one `on`, of a number of classes that the file or a tensor tells."""
    if not isinstance(depth, Tensor) or depth.name in call.builder.constants:
        return choosing.one_hot(call, x, depth, on, off, axis, dtype)
    on, off, kind = choosing.hot_values(call, on, off, dtype)
    ids = choosing.ids_of(call, x)
    at = axis_of(call, -1 if axis is None else axis, ids.rank + 1)
    places = up_to(call, cast(call, number_of(call, depth, "the number of classes"), ids.dtype))
    line = reshaped(call, places, tuple(-1 if own == at else 1 for own in range(ids.rank + 1)))
    hit = binary(call, expand_dims(call, ids, at), line, "equal")
    yes, no = (call.constant("value", np.asarray(value, kind)) for value in (on, off))
    return call.add("where", (hit, yes, no), WhereAttrs())


def repeat(call: LayerCall, x: Any, repeats: Any, axis: Any) -> Tensor:
    """Each slice along an axis several times in a row: all alike, or each as its own number says."""
    value = tensor_of(call, x)
    if axis is None:
        value, axis = flattened(call, value), 0
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    if isinstance(repeats, Tensor):
        if repeats.rank > 1:
            raise call.fail(f"needs a number of repeats for each slice; received {repeats.spec}")
        call.builder.mixes_samples = True
        return call.add("repeat_each", (value, cast(call, repeats, "int32")), RepeatEachAttrs(at))
    counts = integers(call, repeats, "repeats")
    if len(counts) == 1:
        return call.add("repeat", (value,), RepeatAttrs(counts[0], at))
    if value.shape[at] is None:
        return call.add("repeat_each", (value, tensor_of(call, array_of(call, counts))), RepeatEachAttrs(at))
    if len(counts) != value.shape[at] or min(counts) < 0:
        raise call.fail(f"needs {value.shape[at]} numbers of repeats; received {counts!s:.60}")
    return take_axis(call, value, call.constant("ids", np.repeat(np.arange(len(counts)), counts).astype("int32")), at)
