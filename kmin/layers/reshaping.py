"""Flatten, Reshape, Permute and RepeatVector."""

from __future__ import annotations

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.repeat import RepeatAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.transpose import TransposeAttrs


def lower_flatten(call: LayerCall) -> Tensor:
    """Flatten: everything but the batch in one axis; channels_first input is read channels-last."""
    x = call.input
    first = call.option("data_format", ("channels_last", "channels_first", None), None) == "channels_first"
    if first and x.rank > 2:
        x = call.add("transpose", (x,), TransposeAttrs((0, *range(2, x.rank), 1)))
    return call.add("reshape", (x,), ReshapeAttrs((("x", 0), -1)))


def lower_reshape(call: LayerCall) -> Tensor:
    """Reshape: target_shape without the batch, one entry of it may be -1 (or None)."""
    target = call.config.get("target_shape")
    if not isinstance(target, (list, tuple)):
        raise call.fail(f"target_shape must be a list of sizes; received {target!r}")
    sizes = [-1 if size is None else size for size in target]
    if any(isinstance(size, bool) or not isinstance(size, int) or size < -1 for size in sizes) or sizes.count(-1) > 1:
        raise call.fail(f"target_shape must be sizes, -1 at most once; received {target!r}")
    return call.add("reshape", (call.input,), ReshapeAttrs((("x", 0), *sizes)))


def lower_permute(call: LayerCall) -> Tensor:
    """Permute: the axes after the batch in the order `dims`, counted from 1."""
    x = call.input
    dims = call.numbers("dims", x.rank - 1)
    return call.add("transpose", (x,), TransposeAttrs((0, *dims)))


def lower_repeat_vector(call: LayerCall) -> Tensor:
    """RepeatVector: [B, F] -> [B, n, F]."""
    x = call.input
    (count,) = call.numbers("n", 1)
    if x.rank != 2 or count < 1:
        raise call.fail(f"needs a vector per sample and n of at least 1; received {x.spec} and {count}")
    row = call.add("reshape", (x,), ReshapeAttrs((("x", 0), 1, ("x", 1))))
    return call.add("repeat", (row,), RepeatAttrs(count, 1))
