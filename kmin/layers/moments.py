"""Mean and variance over any axes, the batch among them, and what is normalised by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.ops.cast import CastAttrs
from kmin.ops.fill_like import FillLikeAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.unary import UnaryAttrs


class Moments(NamedTuple):
    """x without its mean, the mean, and the variance (both with the axes that they span, of size 1)."""

    centred: Tensor
    mean: Tensor
    variance: Tensor


def widened(call: LayerCall, x: Tensor) -> Tensor:
    """`x` in the dtype that statistics are computed in: float32, or float64."""
    work = "float64" if x.dtype == "float64" else "float32"
    return x if x.dtype == work else call.add("cast", (x,), CastAttrs(work))


def moments(call: LayerCall, x: Tensor, axes: Sequence[int], mask: Tensor | None = None) -> Moments:
    """Of all values along `axes`, or of those where `mask`, which broadcasts to `x`, is true."""
    over = tuple(axes)
    call.mix_samples(x, over)
    share = None
    if mask is not None:
        zeros = call.add("fill_like", (x,), FillLikeAttrs(0.0, x.dtype))
        share = call.binary(call.add("cast", (mask,), CastAttrs(x.dtype)), zeros, "add")

    def average(value: Tensor) -> Tensor:
        if share is None:
            return call.add("reduce", (value,), ReduceAttrs("mean", over, True))
        total = call.add("reduce", (call.binary(value, share, "multiply"),), ReduceAttrs("sum", over, True))
        return call.binary(total, call.add("reduce", (share,), ReduceAttrs("sum", over, True)), "divide")

    mean = average(x)
    centred = call.binary(x, mean, "subtract")
    return Moments(centred, mean, average(call.binary(centred, centred, "multiply")))


def deviation(call: LayerCall, variance: Tensor, epsilon: float) -> Tensor:
    """The root of the variance and epsilon."""
    small = call.made("epsilon", np.asarray(epsilon, variance.dtype))
    return call.add("unary", (call.binary(variance, small, "add"),), UnaryAttrs("sqrt"))


def spread(call: LayerCall, name: str, shape: Sequence[int], like: Sequence[int], dtype: str) -> Tensor:
    """The weight `name`, which the file must have in `shape`, as a constant of shape `like`."""
    array: Array = call.builder.constants[call.weight(name, shape, cast=False).name]
    return call.made(f"{name}_spread", array.reshape(tuple(like)).astype(dtype))


def of_samples(call: LayerCall, x: Tensor, count: int) -> Tensor:
    """`x`, which must have `count` samples when it is run."""
    return call.add("reshape", (x,), ReshapeAttrs((count, *(("x", axis) for axis in range(1, x.rank)))))


def batch_size_of(call: LayerCall) -> int:
    """The number of samples that a BatchNormalization along the batch was built for."""
    return int(np.shape(stored(call, "moving_mean"))[0])


def stored(call: LayerCall, name: str) -> Array:
    """A weight that has an axis."""
    array: Array = call.builder.constants[call.weight(name, cast=False).name]
    if array.ndim == 0:
        raise call.fail(f"weight '{name}' must have an axis; received a number")
    return array
