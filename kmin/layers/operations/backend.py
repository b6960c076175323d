"""Functions of keras.backend, keras.losses and keras.metrics that stand in files under their own names (Keras 2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import axis_of, binary, cast, operands, tensor_of, unary
from kmin.layers.operations.losses import EPSILON, binary_crossentropy, categorical_crossentropy
from kmin.layers.operations.network import activated, softmax
from kmin.layers.operations.reductions import truth
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.where import WhereAttrs


def batch_flatten(call: LayerCall, x: Any) -> Tensor:
    """All values of a sample in one axis."""
    value = tensor_of(call, x)
    known = [size for size in value.shape[1:] if size is not None]
    if len(known) != value.rank - 1:
        raise call.fail(f"needs samples of known size; received {value.spec}")
    return call.add("reshape", (value,), ReshapeAttrs((("x", 0), int(np.prod(known)))))


def cast_to_floatx(call: LayerCall, x: Any) -> Tensor:
    """Floats, of 32 bits unless the user had it otherwise."""
    return cast(call, tensor_of(call, x), "float32")


def _bounded(call: LayerCall, x: Tensor) -> Tensor:
    return binary(call, binary(call, x, EPSILON, "maximum"), 1.0 - EPSILON, "minimum")


def backend_binary_crossentropy(call: LayerCall, target: Any, output: Any, from_logits: Any) -> Tensor:
    """-t log(p + epsilon) - (1 - t) log(1 - p + epsilon), value by value."""
    wanted, score = operands(call, (target, output))
    if from_logits:
        return binary_crossentropy(call, wanted, score, True)
    part = _bounded(call, score)
    yes = binary(call, wanted, unary(call, binary(call, part, EPSILON, "add"), "log"), "multiply")
    rest = unary(call, binary(call, binary(call, 1.0, part, "subtract"), EPSILON, "add"), "log")
    no = binary(call, binary(call, 1.0, wanted, "subtract"), rest, "multiply")
    return unary(call, binary(call, yes, no, "add"), "negative")


def backend_categorical_crossentropy(call: LayerCall, target: Any, output: Any, from_logits: Any, axis: Any) -> Tensor:
    """-sum(t log(p)) along an axis."""
    return categorical_crossentropy(call, target, output, from_logits, axis)


def focal_crossentropy(
    call: LayerCall, target: Any, output: Any, alpha: Any, gamma: Any, from_logits: Any, axis: Any
) -> Tensor:
    """-sum(alpha (1 - p)^gamma t log(p)) along an axis."""
    wanted, score = operands(call, (target, output))
    at = axis_of(call, axis, score.rank)
    call.mix_samples(score, (at,))
    if from_logits:
        score = softmax(call, score, at)
    total = call.add("reduce", (score,), ReduceAttrs("sum", (at,), True))
    part = _bounded(call, binary(call, score, total, "divide"))
    surprise = unary(call, binary(call, wanted, unary(call, part, "log"), "multiply"), "negative")
    weight = binary(call, binary(call, 1.0, part, "subtract"), float(gamma), "power")
    loss = binary(call, binary(call, weight, float(alpha), "multiply"), surprise, "multiply")
    return call.add("reduce", (loss,), ReduceAttrs("sum", (at,)))


def hinge(squared: bool) -> Any:
    """keras.metrics.hinge: the mean of max(1 - t y, 0), t being 1 or -1 (or all 0 or 1)."""

    def lower(call: LayerCall, target: Any, output: Any) -> Tensor:
        score = tensor_of(call, output)
        wanted = cast(call, tensor_of(call, target), score.dtype)
        zero = call.constant("zero", np.asarray(0, score.dtype))
        one = call.constant("one", np.asarray(1, score.dtype))
        flags = binary(call, binary(call, wanted, zero, "equal"), binary(call, wanted, one, "equal"), "logical_or")
        whole = truth("all")(call, flags, None, False)
        signs = binary(call, binary(call, wanted, 2.0, "multiply"), 1.0, "subtract")
        wanted = call.add("where", (whole, signs, wanted), WhereAttrs())
        gap = binary(call, 1.0, binary(call, wanted, score, "multiply"), "subtract")
        loss = activated("relu")(call, gap)
        loss = unary(call, loss, "square") if squared else loss
        return call.add("reduce", (loss,), ReduceAttrs("mean", (loss.rank - 1,)))

    return lower
