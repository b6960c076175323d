"""Parts of tensors: x[...] in every form, and slices by start and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, cast, integer, integers, operands, tensor_of
from kmin.layers.operations.choosing import take_axis
from kmin.layers.operations.selecting import boolean_mask
from kmin.layers.operations.shaping import ALL, reshaped
from kmin.layers.operations.sizes import entries_of, number_of, remember, sizes_of
from kmin.ops.pad import PadAttrs
from kmin.ops.put_block import PutBlockAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.slice_at import SliceAtAttrs
from kmin.ops.where import WhereAttrs


def _entry(call: LayerCall, item: Any) -> Any:
    """One part of a subscript: slice as a tuple, Ellipsis, None, an integer, or ids (Tensor or array)."""
    if isinstance(item, Mapping):
        kind = str(item.get("class_name", "")).strip("_")
        config = item.get("config", item)
        if kind == "ellipsis":
            return Ellipsis
        if kind == "slice" or {"start", "stop", "step"} <= set(item):
            return tuple(_bound(call, config.get(key)) for key in ("start", "stop", "step"))
        raise call.fail(f"a subscript {item!r:.80} is not supported")
    if isinstance(item, (list, np.ndarray)) and np.ndim(np.asarray(item, object)):
        array = np.asarray(item)
        if array.dtype.kind not in "iu":
            raise call.fail(f"a subscript {item!r:.80} is not supported")
        return array
    if isinstance(item, Tensor):
        known = call.builder.sizes.get(item.name)
        return known[0] if known is not None and item.rank == 0 and isinstance(known[0], int) else item
    return item if item is None else integer(call, item, "a subscript")


def _bound(call: LayerCall, value: Any) -> int | Tensor | None:
    if isinstance(value, Tensor):
        known = sizes_of(call, value)
        if known is not None and len(known) == 1 and isinstance(known[0], int):
            return known[0]
        return number_of(call, value, "the end of a slice")
    return None if value is None else integer(call, value, "the end of a slice")


def get_item(call: LayerCall, x: Any, key: Any) -> Tensor:
    """x[key]: integers, slices, None, an ellipsis, one axis of ids, or a mask alone.

    Raises:
        UnsupportedError: the batch is cut, or a form that has no fixed shape.
    """
    value = tensor_of(call, x)
    if isinstance(key, Tensor) and key.dtype == "bool":
        return boolean_mask(call, value, key, None)
    items = [_entry(call, item) for item in (key if isinstance(key, (list, tuple)) else [key])]
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > value.rank or sum(item is Ellipsis for item in items) > 1:
        raise call.fail(f"a subscript needs at most {value.rank} axes and one ellipsis; received {key!r:.80}")
    if not any(item is Ellipsis for item in items):
        items.append(Ellipsis)
    at = next(i for i, item in enumerate(items) if item is Ellipsis)
    items[at : at + 1] = [ALL] * (value.rank - used)
    cuts: list[Any] = []
    target: list[Any] = []
    picks: list[tuple[int, Any]] = []
    for item in items:
        if item is None:
            target.append(1)
            continue
        axis = len(cuts)
        if isinstance(item, tuple):
            cuts.append(item)
            target.append(("x", axis))
        elif isinstance(item, int):
            size = value.shape[axis]
            if size is not None and not -size <= item < size:
                raise call.fail(f"index {item} is outside axis {axis} of {value.spec}")
            cuts.append((item, item + 1 if item != -1 else None, None))
        else:
            picks.append((len(target), item))
            cuts.append(ALL)
            target.append(("x", axis))
    if len(picks) > 1:
        raise call.fail("a subscript with ids on several axes is not supported")
    if value.rank and value.shape[0] is None and cuts[0] not in (ALL, (0, None, None), (None, None, 1), (0, None, 1)):
        call.mix_samples(value, (0,))
    result = value
    if any(item != ALL for item in cuts):
        result = cut_at(call, value, cuts)
    if target != [("x", axis) for axis in range(value.rank)]:
        result = reshaped(call, result, tuple(target))
    for place, ids in picks:
        result = take_axis(call, result, tensor_of(call, ids), place)
    sizes = call.builder.sizes.get(value.name)
    if sizes is not None and value.rank == 1 and len(items) == 1 and not picks:
        remember(call, result, [sizes[items[0]]] if isinstance(items[0], int) else sizes[slice(*items[0])])
    return result


def slice_from(call: LayerCall, x: Any, begin: Any, size: Any) -> Tensor:
    """x[begin : begin + size] on every axis; a size of -1 means the rest."""
    value = tensor_of(call, x)
    starts, counts = sizes_of(call, begin), sizes_of(call, size)
    if starts is None or counts is None or len(starts) != value.rank or len(counts) != value.rank:
        raise call.fail(f"needs a start and a size for each axis of {value.spec}")
    cuts: list[Any] = []
    for axis, (start, count) in enumerate(zip(starts, counts, strict=True)):
        if start == 0 and count in (-1, (value.name, axis)):
            cuts.append(ALL)
            continue
        if not isinstance(start, int) or not isinstance(count, int):
            return slice_by(call, value, begin, size)
        call.mix_samples(value, (axis,))
        cuts.append((start, None if count == -1 else start + count, None))
    return call.add("slice", (value,), SliceAttrs(tuple(cuts)))


def slice_by(call: LayerCall, x: Tensor, begin: Any, size: Any) -> Tensor:
    """`slice_from` where the run tells a start or a size."""
    cuts: list[Any] = []
    for start, count in zip(entries_of(call, begin), entries_of(call, size), strict=True):
        stop: Any = None
        if isinstance(start, int) and isinstance(count, int):
            stop = None if count == -1 else start + count
        elif not isinstance(count, int) or count != -1:
            first, number = (cast(call, tensor_of(call, end), "int32") for end in (start, count))
            stop = binary(call, first, number, "add")
        cuts.append((start, stop, None))
    return cut_at(call, x, cuts, True)


def cut_at(call: LayerCall, x: Tensor, cuts: Sequence[Any], exact: bool = False) -> Tensor:
    """Slices whose ends are numbers or tensors."""
    ends: list[Tensor] = []
    entries = []
    for cut in cuts:
        entry: list[Any] = []
        for end in cut:
            if isinstance(end, Tensor):
                ends.append(end)
            entry.append(("at", len(ends) - 1) if isinstance(end, Tensor) else end)
        entries.append(tuple(entry))
    if not ends:
        return call.add("slice", (x,), SliceAttrs(tuple(entries)))
    call.builder.mixes_samples = True
    return call.add("slice_at", (x, *ends), SliceAtAttrs(tuple(entries), exact))


def strided_slice(
    call: LayerCall,
    x: Any,
    begin: Any,
    end: Any,
    strides: Any,
    begin_mask: Any,
    end_mask: Any,
    ellipsis_mask: Any,
    new_axis_mask: Any,
    shrink_axis_mask: Any,
) -> Tensor:
    """TensorFlow's strided_slice: x[begin:end:strides], bits saying which parts mean something else."""
    if ellipsis_mask is None:
        raise call.fail("needs ellipsis_mask from the file")
    starts, stops, steps = (entries_of(call, part) for part in (begin, end, [1] * 32 if strides is None else strides))
    key: list[Any] = []
    for i, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=False)):
        bit = 1 << i
        if ellipsis_mask & bit:
            key.append({"class_name": "ellipsis"})
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_axis_mask & bit:
            key.append(start)
        else:
            key.append(
                {"start": None if begin_mask & bit else start, "stop": None if end_mask & bit else stop, "step": step}
            )
    return get_item(call, x, key)


def slice_update(call: LayerCall, x: Any, start: Any, updates: Any) -> Tensor:
    """x with a part replaced; a start that is too late is moved forward."""
    value, part = operands(call, (x, updates))
    if isinstance(start, Tensor):
        call.mix_samples(value, (0,))
        return call.add("put_block", (value, start, part), PutBlockAttrs())
    starts = integers(call, start, "start_indices")
    if len(starts) != value.rank or part.rank != value.rank:
        raise call.fail(f"needs a start for each axis; received {starts} for {value.spec} and {part.spec}")
    if value.shape[0] is None and (part.shape[0] is not None or starts[0] != 0):
        call.mix_samples(value, (0,))
        places = call.constant("starts", np.asarray(starts, "int32"))
        return call.add("put_block", (value, places, part), PutBlockAttrs())
    pads, inner = [], np.ones((), bool)
    for axis, (size, cells, at) in enumerate(zip(value.shape, part.shape, starts, strict=True)):
        if axis == 0 and value.shape[0] is None:
            pads.append((0, 0))
            continue
        if size is None or cells is None or cells > size:
            raise call.fail(f"needs a part of known size; received {part.spec} for {value.spec}")
        first = min(max(at, 0), size - cells)
        pads.append((first, size - cells - first))
        inside = (np.arange(size) >= first) & (np.arange(size) < first + cells)
        inner = inner & inside.reshape([-1 if axis == other else 1 for other in range(value.rank)])
    wide = call.add("pad", (part,), PadAttrs(tuple(pads)))
    mask = call.constant("places", inner.reshape(inner.shape if inner.ndim else (1,) * value.rank))
    return call.add("where", (mask, wide, value), WhereAttrs())
