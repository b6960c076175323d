"""Numbers that say something about all values of a tensor, and tensors made shorter by them (TensorFlow)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import joint, reductions, shaping
from kmin.layers.operations.arguments import binary, cast, dtype_named, is_number, tensor_list, tensor_of, unary
from kmin.layers.operations.shaping import cut
from kmin.ops.reduce import ReduceAttrs


def _whole(call: LayerCall, x: Tensor, kind: str) -> Tensor:
    call.mix_samples(x, range(x.rank))
    return call.add("reduce", (x,), ReduceAttrs(kind, tuple(range(x.rank))))


def size(call: LayerCall, x: Any, dtype: Any) -> Tensor:
    """How many values there are: a number, where the shape is known without the batch."""
    return cast(call, joint.size(call, x), dtype_named(call, dtype, "int32"))


def zero_fraction(call: LayerCall, x: Any) -> Tensor:
    """math.zero_fraction: which part of all values is 0."""
    value = tensor_of(call, x)
    zero = call.constant("zero", np.asarray(0, value.dtype))
    return _whole(call, cast(call, binary(call, value, zero, "equal"), "float32"), "mean")


def half_square(call: LayerCall, x: Any) -> Tensor:
    """nn.l2_loss: half of the sum of the squares."""
    return binary(call, _whole(call, unary(call, tensor_of(call, x), "square"), "sum"), 0.5, "multiply")


def global_norm(call: LayerCall, values: Any) -> Tensor:
    """linalg.global_norm: the length of all tensors together."""
    first, *others = (_whole(call, unary(call, x, "square"), "sum") for x in tensor_list(call, values))
    total = first
    for other in others:
        total = binary(call, total, other, "add")
    return unary(call, total, "sqrt")


def clip_by_global_norm(call: LayerCall, values: Any, limit: Any, given: Any) -> list[Tensor]:
    """The tensors, shortened together, and how long they were."""
    length = global_norm(call, values) if given is None else tensor_of(call, given)
    if not is_number(limit):
        raise call.fail(f"clip_norm must be a number; received {limit!r:.40}")
    scale = binary(call, float(limit), binary(call, length, float(limit), "maximum"), "divide")
    return [*(binary(call, x, scale, "multiply") for x in tensor_list(call, values)), length]


def rising(strictly: bool) -> Any:
    """math.is_strictly_increasing and math.is_non_decreasing, of all values in a row."""

    def lower(call: LayerCall, x: Any) -> Tensor:
        value = shaping.ravel(call, x)
        later, sooner = cut(call, value, 0, 1, None), cut(call, value, 0, None, -1)
        steps = binary(call, later, sooner, "greater" if strictly else "greater_equal")
        return reductions.truth("all")(call, steps, None, False)  # type: ignore[no-any-return]

    return lower


def weighted_moments(call: LayerCall, x: Any, axes: Any, weights: Any, keepdims: Any) -> list[Tensor]:
    """nn.weighted_moments: mean and variance of values that count more or less."""
    value, share = tensor_of(call, x), cast(call, tensor_of(call, weights), tensor_of(call, x).dtype)
    add = reductions.reduction("sum")
    spread = binary(call, share, binary(call, value, 0.0, "multiply"), "add")
    total = add(call, spread, axes, True)
    mean = binary(call, add(call, binary(call, value, share, "multiply"), axes, True), total, "divide")
    away = unary(call, binary(call, value, mean, "subtract"), "square")
    variance = binary(call, add(call, binary(call, away, share, "multiply"), axes, True), total, "divide")
    return [part if keepdims else add(call, part, axes, False) for part in (mean, variance)]
