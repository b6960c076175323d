"""Values chosen by ids: take, gather, one_hot."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    array_of,
    axis_of,
    cast,
    dtype_named,
    flattened,
    integer,
    is_number,
    tensor_of,
)
from kmin.layers.operations.shaping import ALL, reshaped
from kmin.layers.operations.sizes import remember
from kmin.ops.binary import BinaryAttrs
from kmin.ops.one_hot import OneHotAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.take import TakeAttrs
from kmin.ops.take_along import TakeAlongAttrs


def ids_of(call: LayerCall, ids: Any) -> Tensor:
    """Ids as whole numbers."""
    value = tensor_of(call, ids)
    return cast(call, value, "int32") if value.dtype == "bool" or value.dtype.startswith("float") else value


def take_axis(call: LayerCall, x: Tensor, ids: Tensor, axis: int, wrap: bool = True, batch_axes: int = 0) -> Tensor:
    """Slices of x along an axis chosen by ids."""
    call.mix_samples(x, (axis,))
    if ids.rank == 0 and ids.name in call.builder.constants:
        place = int(call.builder.constants[ids.name])
        if wrap or place >= 0:
            part = call.add(
                "slice", (x,), SliceAttrs((*(ALL,) * axis, (place, place + 1 if place != -1 else None, None)))
            )
            return reshaped(call, part, tuple(("x", at) for at in range(x.rank) if at != axis))
    if not batch_axes and axis > 0 and ids.rank and ids.shape[0] is None:
        call.mix_samples(x, (0,))
    result = call.add("take", (x, ids), TakeAttrs(axis, wrap, batch_axes))
    known, places = call.builder.sizes.get(x.name), call.builder.constants.get(ids.name)
    if known is not None and x.rank == 1 and places is not None and places.ndim == 1 and places.dtype.kind in "iu":
        remember(call, result, [known[place] if -len(known) <= place < len(known) else None for place in places])
    return result


def take(call: LayerCall, x: Any, indices: Any, axis: Any) -> Tensor:
    """take of keras.ops: negative ids count from the end."""
    value = tensor_of(call, x)
    if axis is None:
        value, axis = flattened(call, value), 0
    return take_axis(call, value, ids_of(call, indices), axis_of(call, axis, value.rank))


def take_along_axis(call: LayerCall, x: Any, indices: Any, axis: Any) -> Tensor:
    """One value per place along an axis."""
    value = tensor_of(call, x)
    if axis is None:
        value, axis = flattened(call, value), 0
    at = axis_of(call, axis, value.rank)
    call.mix_samples(value, (at,))
    return call.add("take_along", (value, ids_of(call, indices)), TakeAlongAttrs(at))


def gather(call: LayerCall, x: Any, indices: Any, axis: Any, batch_dims: Any) -> Tensor:
    """TensorFlow's gather: no negative ids; the axis is by default the first after the batch_dims."""
    value, ids = tensor_of(call, x), ids_of(call, indices)
    batch = integer(call, batch_dims if batch_dims is not None else 0, "batch_dims")
    batch = batch + ids.rank if batch < 0 else batch
    at = axis_of(call, batch if axis is None else axis, value.rank)
    return take_axis(call, value, ids, at, False, batch)


def embedding_lookup(call: LayerCall, table: Any, ids: Any) -> Tensor:
    """Rows of a table by ids."""
    return take_axis(call, tensor_of(call, table), ids_of(call, ids), 0, False)


def hot_values(call: LayerCall, on: Any, off: Any, dtype: Any) -> tuple[float, float, str]:
    """Both values of a one_hot and its dtype: without one, that of a value that is given, else float32."""
    given = [array_of(call, value).dtype.name for value in (on, off) if value is not None]
    on, off = (1 if on is None else on), (0 if off is None else off)
    if not is_number(on) or not is_number(off):
        raise call.fail(f"on_value and off_value must be numbers; received {on!r:.40} and {off!r:.40}")
    return on, off, dtype_named(call, dtype, given[0] if given else "float32")


def one_hot(call: LayerCall, x: Any, classes: Any, on: Any, off: Any, axis: Any, dtype: Any) -> Tensor:
    """Integers as rows with one `on`."""
    value = ids_of(call, x)
    on, off, kind = hot_values(call, on, off, dtype)
    at = axis_of(call, -1 if axis is None else axis, value.rank + 1)
    count = integer(call, classes, "the number of classes")
    return call.add("one_hot", (value,), OneHotAttrs(count, at, kind, float(on), float(off)))


def keras_one_hot(call: LayerCall, x: Any, num_classes: Any, axis: Any, dtype: Any, _sparse: Any) -> Tensor:
    """one_hot of keras.ops; a sparse result is what it is when made dense."""
    return one_hot(call, x, num_classes, None, None, axis, dtype)


def multi_hot(call: LayerCall, x: Any, num_classes: Any, axis: Any, dtype: Any, _sparse: Any) -> Tensor:
    """Which classes occur among the ids of the last axis."""
    if num_classes is None:
        raise call.fail("needs num_classes")
    value = ids_of(call, x)
    over = value.rank - 1 if value.rank > 1 else 0
    call.mix_samples(value, (over,))
    rows = one_hot(call, value, num_classes, None, None, -1 if axis is None else axis, dtype)
    return call.add("reduce", (rows,), ReduceAttrs("max", (over,)))


def in_top_k(call: LayerCall, targets: Any, predictions: Any, k: Any) -> Tensor:
    """Whether fewer than k predictions exceed the target's."""
    scores, ids = tensor_of(call, predictions), ids_of(call, targets)
    column = reshaped(call, ids, (("x", 0), 1))
    own = call.add("take_along", (scores, column), TakeAlongAttrs(1))
    better = cast(call, call.add("binary", (scores, own), BinaryAttrs("greater")), "int32")
    count = call.add("reduce", (better,), ReduceAttrs("sum", (1,)))
    limit = call.constant("k", np.asarray(integer(call, k, "k"), "int32"))
    return call.add("binary", (count, limit), BinaryAttrs("less"))
