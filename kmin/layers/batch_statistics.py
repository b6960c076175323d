"""BatchNormalization called with training=True: by the statistics of what is predicted together (Keras 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.masks import mask_of
from kmin.layers.moments import Moments, batch_size_of, deviation, moments, of_samples, spread, widened
from kmin.ops.cast import CastAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs

_CHANGED = (
    "called more than once, where a call with training=True changes the statistics that another reads, so that every "
    "prediction depends on those before it"
)


def by_batch_before(call: LayerCall) -> bool:
    """Whether an earlier call of the layer went by the statistics of the batch."""
    return f"{call.path}.epsilon" in call.builder.constants


def refuse_changing(call: LayerCall) -> None:
    """Raises UnsupportedError unless calls with training=True leave the statistics as they are: momentum is 1."""
    if call.config.get("renorm") or call.config.get("momentum", 0.99) != 1:
        raise call.fail(_CHANGED)


def lower_by_batch(call: LayerCall, x: Tensor, axes: list[int], epsilon: float, fused: bool) -> Tensor:
    """`x` by mean and variance over all axes but `axes`. Source: BatchNormalizationBase.call, Keras 2.15.

    Half precision is computed in float32. TensorFlow's fused kernel does not look at masks.
    """
    renorm = bool(call.config.get("renorm"))
    if f"{call.path}.moving_mean" in call.builder.constants or (renorm and by_batch_before(call)):
        refuse_changing(call)
    if 0 in axes:
        call.mix_samples(x, axes)
        x = of_samples(call, x, batch_size_of(call))
    wide, mask = widened(call, x), None if fused else mask_of(call)
    own = call.config.get("virtual_batch_size")
    if isinstance(own, bool) or not (own is None or (isinstance(own, int) and own > 0)):
        raise call.fail(f"virtual_batch_size must be a positive integer; received {own!r:.40}")
    if mask is not None and (own is not None or mask.rank != x.rank - 1):
        raise call.fail(f"needs a mask of one axis less than {x.spec}, and no virtual_batch_size; received {mask.spec}")
    if mask is not None:
        mask = call.add("reshape", (mask,), ReshapeAttrs((*(("x", axis) for axis in range(mask.rank)), 1)))
    others = [axis for axis in range(x.rank) if axis not in axes]
    sizes = [size if axis in axes else 1 for axis, size in enumerate(x.shape)]
    if own is not None:  # the batch as `own` rows of samples; a column is normalised for itself
        target: tuple[int | tuple[str, int], ...] = (own, -1, *(("x", axis) for axis in range(1, x.rank)))
        call.mix_samples(wide, (0,))
        wide = call.add("reshape", (wide,), ReshapeAttrs(target))
        others = [0, *(axis + 1 for axis in others if axis)]
        sizes.insert(1, 1)
    if None in sizes:
        raise call.fail(f"needs known sizes along its axes; received {x.spec}")
    known = [int(size or 1) for size in sizes]
    found = moments(call, wide, others, mask)
    y = call.binary(found.centred, deviation(call, found.variance, epsilon), "divide")
    shape = [known[axes[0]]] if len(axes) == 1 and own is None else known
    parts = _renormalised(call, found, shape, known, epsilon, own is not None) if renorm else None
    if parts is not None:
        y = call.binary(call.binary(y, parts[0], "multiply"), parts[1], "add")
    for name, kind, key in (("gamma", "multiply", "scale"), ("beta", "add", "center")):
        if call.config.get(key, True):
            y = call.binary(y, spread(call, name, shape, known, wide.dtype), kind)
    if own is not None:
        y = call.add("reshape", (y, x), ReshapeAttrs(tuple(("like", axis) for axis in range(x.rank))))
    return y if x.dtype == y.dtype else call.add("cast", (y,), CastAttrs(x.dtype))


def _renormalised(
    call: LayerCall, found: Moments, shape: list[int], like: list[int], epsilon: float, virtual: bool
) -> tuple[Tensor, Tensor]:
    """r and d of batch renormalisation: what brings the batch near to the statistics of the training so far."""
    mean, variance = found.mean, found.variance
    if virtual:
        mean, variance = (call.add("reduce", (part,), ReduceAttrs("mean", (1,), True)) for part in (mean, variance))
    dtype = mean.dtype
    usual = spread(call, "renorm_mean", shape, like, dtype)
    least = call.made("least", np.sqrt(np.asarray(epsilon, dtype)))
    wide = call.binary(spread(call, "renorm_stddev", shape, like, dtype), least, "maximum")
    r = call.binary(deviation(call, variance, epsilon), wide, "divide")
    d = call.binary(call.binary(mean, usual, "subtract"), wide, "divide")
    limits = call.config.get("renorm_clipping")
    limits = limits if isinstance(limits, Mapping) else {}
    r = _bounded(call, r, limits.get("rmin"), limits.get("rmax"))
    most = limits.get("dmax")
    return r, _bounded(call, d, None if most is None else -most, most)


def _bounded(call: LayerCall, x: Tensor, low: Any, high: Any) -> Tensor:
    for value, kind in ((low, "maximum"), (high, "minimum")):
        if value is not None:
            x = call.binary(x, call.constant("limit", np.asarray(float(value), x.dtype)), kind)
    return x
