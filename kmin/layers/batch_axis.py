"""Normalisation along the batch: values of a sample that depend on those beside it, or on its place."""

from __future__ import annotations

from collections.abc import Sequence

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.core import cast_to_compute
from kmin.layers.moments import deviation, moments, of_samples, stored, widened
from kmin.ops.cast import CastAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs


def lower_layers_of_batch(
    call: LayerCall, x: Tensor, axes: Sequence[int], epsilon: float, names: Sequence[str], center: bool
) -> Tensor:
    """LayerNormalization whose axes hold the batch; `names` are those of its weights among gamma and beta."""
    wide = widened(call, x)
    if names:
        wide = of_samples(call, wide, len(stored(call, names[0])))
    found = moments(call, wide, axes)
    y = call.binary(found.centred if center else wide, deviation(call, found.variance, epsilon), "divide")
    for name in names:
        array = stored(call, name)
        if array.ndim != len(axes):
            raise call.fail(f"weight '{name}' must have {len(axes)} axes; received {array.shape}")
        sizes = iter(array.shape)
        shape = [next(sizes) if axis in axes else 1 for axis in range(x.rank)]
        constant = call.made(f"{name}_spread", array.reshape(shape).astype(y.dtype))
        y = call.binary(y, constant, "multiply" if name == "gamma" else "add")
    return y if y.dtype == x.dtype else call.add("cast", (y,), CastAttrs(x.dtype))


def lower_root_of_batch(call: LayerCall, x: Tensor, axes: Sequence[int], epsilon: float) -> Tensor:
    """RMSNormalization whose axes hold the batch; the scale broadcasts from the last axis, as it does in Keras."""
    call.mix_samples(x, axes)
    scale = stored(call, "scale")
    wide = of_samples(call, widened(call, x), len(scale))
    square = call.binary(wide, wide, "multiply")
    mean = call.add("reduce", (square,), ReduceAttrs("mean", tuple(sorted(set(axes))), True))
    y = call.binary(wide, deviation(call, mean, epsilon), "divide")
    y = call.binary(y, call.made("scale_wide", scale.astype(y.dtype)), "multiply")
    return y if y.dtype == x.dtype else call.add("cast", (y,), CastAttrs(x.dtype))


def lower_groups_of_batch(call: LayerCall, x: Tensor, groups: int, epsilon: float, names: Sequence[str]) -> Tensor:
    """GroupNormalization with axis 0: groups of samples. Keras takes the statistics over all axes but the last then.

    Source: _apply_normalization in group_normalization.py, Keras 2.15 and 3.15, where `pop(axis - 1)` is the last.
    """
    call.mix_samples(x, (0,))
    wide = widened(call, x)
    count = {len(stored(call, name)) for name in names}
    if groups == -1 and not count:
        raise call.fail("groups=-1 along the batch needs weights, which tell its size")
    if groups == -1:
        groups = count.pop()
    if count:
        wide = of_samples(call, wide, len(stored(call, names[0])))
    rest = tuple(("x", axis) for axis in range(1, x.rank))
    grouped = call.add("reshape", (wide,), ReshapeAttrs((groups, -1, *rest)))
    found = moments(call, grouped, range(1, x.rank))
    y = call.binary(found.centred, deviation(call, found.variance, epsilon), "divide")
    for name in names:
        shape = (groups, -1, *(1 for _ in rest))
        constant = call.made(f"{name}_spread", stored(call, name).reshape(shape).astype(y.dtype))
        y = call.binary(y, constant, "multiply" if name == "gamma" else "add")
    y = call.add("reshape", (y, x), ReshapeAttrs(tuple(("like", axis) for axis in range(x.rank))))
    return cast_to_compute(call, y)
