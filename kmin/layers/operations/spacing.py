"""Numbers between two others, evenly or by equal factors, and counts of numbers (keras.ops)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import (
    axis_of,
    binary,
    cast,
    dtype_named,
    flattened,
    floating,
    integer,
    is_float,
    operands,
    tensor_of,
    unary,
)
from kmin.layers.operations.shaping import expand_dims
from kmin.ops.count_ids import CountIdsAttrs
from kmin.ops.promote import promote_dtypes


def _ends(call: LayerCall, start: Any, stop: Any, dtype: Any) -> tuple[Tensor, Tensor]:
    """Both ends as floats of one shape."""
    first, last = (floating(call, x) for x in operands(call, (start, stop)))
    wanted = dtype_named(call, dtype, promote_dtypes([first.dtype, last.dtype]))
    if not is_float(wanted):
        raise call.fail(f"only floats are supported here; received {dtype!r:.40}")
    first, last = cast(call, first, wanted), cast(call, last, wanted)
    blank = binary(call, binary(call, first, last, "add"), 0.0, "multiply")
    return tuple(binary(call, blank, x, "add") if x.rank < blank.rank else x for x in (first, last))  # type: ignore[return-value]


def linspace(
    call: LayerCall, start: Any, stop: Any, num: Any, endpoint: Any, retstep: Any, dtype: Any, axis: Any
) -> Tensor:
    """Evenly along a new axis, with the last one or without it."""
    first, last = _ends(call, start, stop, dtype)
    count, at = integer(call, num, "num"), axis_of(call, axis, first.rank + 1)
    if count < 1 or retstep:
        raise call.fail(f"num must be at least 1 and retstep False; received {count} and {retstep!r:.40}")
    if at == 0:
        call.mix_samples(first, (0,))
        call.mix_samples(last, (0,))
    parts = max(count - 1 if endpoint else count, 1)
    line = (np.arange(count) / parts).reshape([-1 if own == at else 1 for own in range(first.rank + 1)])
    share, rest = (call.constant("share", part.astype(first.dtype)) for part in (line, 1 - line))
    low, high = (expand_dims(call, x, at) for x in (first, last))
    return binary(call, binary(call, low, rest, "multiply"), binary(call, high, share, "multiply"), "add")


def logspace(
    call: LayerCall, start: Any, stop: Any, num: Any, endpoint: Any, base: Any, dtype: Any, axis: Any
) -> Tensor:
    """base to the power of evenly spaced numbers."""
    power = linspace(call, start, stop, num, endpoint, False, dtype, axis)
    return binary(call, tensor_of(call, np.asarray(base, power.dtype)), power, "power")


def geomspace(call: LayerCall, start: Any, stop: Any, num: Any, endpoint: Any, dtype: Any, axis: Any) -> Tensor:
    """By equal factors, with the sign of the first number, which Keras 3.15 broadcasts without a new axis.

    Without a dtype numbers of any dtype are float32 in Keras 3.15.
    """
    first, last = _ends(call, start, stop, "float32" if dtype is None else dtype)
    low, high = (unary(call, unary(call, x, "abs"), "log10") for x in (first, last))
    y = logspace(call, low, high, num, endpoint, 10, None, axis)
    return binary(call, y, unary(call, first, "sign"), "multiply")


def bincount(call: LayerCall, x: Any, weights: Any, minlength: Any, sparse: Any) -> Tensor:
    """How often each number stands in a row: of those below minlength at least, of more if a larger one is there."""
    ids, count = cast(call, tensor_of(call, x), "int32"), integer(call, minlength, "minlength")
    if sparse or count < 0 or not ids.rank:
        raise call.fail(f"needs rows, minlength from 0 on and sparse=False; received {ids.spec} and {count}")
    if weights is not None:
        raise call.fail("weights that are the same for all samples are not supported")
    call.builder.mixes_samples = True
    return call.add("count_ids", (ids,), CountIdsAttrs(count))


def tensorflow_bincount(
    call: LayerCall, x: Any, weights: Any, least: Any, most: Any, dtype: Any, _: Any, axis: Any, flags: Any
) -> Tensor:
    """math.bincount of each row or of all numbers, of a size that the file tells or the largest number."""
    ids = tensor_of(call, x)
    count = 0 if least is None else integer(call, least, "minlength")
    if axis not in (-1, None) or (most is not None and (most != least or count < 1)):
        raise call.fail("needs axis=-1 or None, and maxlength to be no other than minlength")
    given = [] if weights is None else [tensor_of(call, weights)]
    if axis is None:
        ids, given = flattened(call, ids), [flattened(call, weight) for weight in given]
    call.mix_samples(ids, (0,) if most is None else (ids.rank - 1,))
    wanted = given[0].dtype if given else dtype_named(call, dtype, "int32")
    attrs = CountIdsAttrs(count, most is not None, bool(flags), wanted)
    return call.add("count_ids", (ids, *given), attrs)
