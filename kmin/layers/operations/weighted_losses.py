"""Losses of TensorFlow 1 as numbers of a model: weighted, and one number for all samples (losses_impl.py, 2.15)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations import arithmetic, losses
from kmin.layers.operations.arguments import binary, cast, is_number, operands, tensor_of, unary
from kmin.layers.operations.joint import size
from kmin.layers.operations.shaping import reshaped
from kmin.ops.reduce import ReduceAttrs

_BY_WEIGHTS = "weighted_sum_by_nonzero_weights"
_REDUCTIONS = (_BY_WEIGHTS, "none", "weighted_mean", "weighted_sum", "weighted_sum_over_batch_size")


def _sum(call: LayerCall, x: Tensor) -> Tensor:
    axes = tuple(range(x.rank))
    call.mix_samples(x, axes)
    return call.add("reduce", (x,), ReduceAttrs("sum", axes))


def weighted(call: LayerCall, values: Any, weights: Any, _: Any, __: Any, kind: Any) -> Tensor:
    """losses.compute_weighted_loss."""
    given = tensor_of(call, values)
    loss = cast(call, given, "float32")
    share = weights if is_number(weights) else cast(call, tensor_of(call, weights), "float32")
    if kind not in _REDUCTIONS or (isinstance(share, Tensor) and share.rank not in (0, loss.rank)):
        raise call.fail(f"needs weights of the loss' rank, and a reduction that is known; received {kind!r:.40}")
    parts = binary(call, loss, share, "multiply")
    if kind == "none":
        return cast(call, parts, given.dtype)
    total = _sum(call, parts)
    if kind != "weighted_sum":
        ones = arithmetic.filled(1.0)(call, loss, None)
        if kind == _BY_WEIGHTS:
            there = call.constant("weight", np.asarray(share, "float32")) if is_number(share) else share
            zero = call.constant("zero", np.asarray(0, "float32"))
            counted = cast(call, binary(call, there, zero, "not_equal"), "float32")
            count = _sum(call, binary(call, ones, counted, "multiply"))
        elif kind == "weighted_mean":
            count = _sum(call, binary(call, ones, share, "multiply"))
        else:
            count = cast(call, size(call, loss), "float32")
        total = arithmetic.divide_no_nan(call, total, count)
    return cast(call, total, given.dtype)


def _smoothed(call: LayerCall, labels: Tensor, smoothing: Any, even: float) -> Tensor:
    if not is_number(smoothing) or smoothing < 0:
        raise call.fail(f"label_smoothing must be a number; received {smoothing!r:.40}")
    if smoothing == 0:
        return labels
    return binary(call, binary(call, labels, 1.0 - smoothing, "multiply"), smoothing * even, "add")


def sigmoid_loss(call: LayerCall, labels: Any, logits: Any, weights: Any, smoothing: Any, *rest: Any) -> Tensor:
    """losses.sigmoid_cross_entropy."""
    scores = tensor_of(call, logits)
    wanted = _smoothed(call, cast(call, tensor_of(call, labels), scores.dtype), smoothing, 0.5)
    return weighted(call, losses.binary_crossentropy(call, wanted, scores, True), weights, *rest)


def softmax_loss(call: LayerCall, labels: Any, logits: Any, weights: Any, smoothing: Any, *rest: Any) -> Tensor:
    """losses.softmax_cross_entropy."""
    scores = tensor_of(call, logits)
    classes = scores.shape[-1]
    if classes is None:
        raise call.fail(f"needs a known number of classes; received {scores.spec}")
    wanted = _smoothed(call, cast(call, tensor_of(call, labels), scores.dtype), smoothing, 1 / classes)
    return weighted(call, losses.categorical_crossentropy(call, wanted, scores, True, -1), weights, *rest)


def sparse_softmax_loss(call: LayerCall, labels: Any, logits: Any, weights: Any, *rest: Any) -> Tensor:
    """losses.sparse_softmax_cross_entropy, whose weights may have a last axis of 1."""
    loss = losses.sparse_categorical_crossentropy(call, labels, logits, True, -1)
    if not is_number(weights):
        weights = tensor_of(call, weights)
        if weights.rank == loss.rank + 1 and weights.shape[-1] == 1:
            weights = reshaped(call, weights, tuple(("x", at) for at in range(loss.rank)))
    return weighted(call, loss, weights, *rest)


def pairwise_squared(call: LayerCall, labels: Any, predictions: Any, weights: Any, _: Any, __: Any) -> Tensor:
    """losses.mean_pairwise_squared_error: how differences of the values of a sample differ from those of its labels."""
    left, right = (cast(call, x, "float32") for x in operands(call, (predictions, labels)))
    known = [count for count in left.shape[1:] if count is not None]
    if not is_number(weights) or not weights or len(known) != left.rank - 1 or left.rank < 2:
        raise call.fail(f"needs samples of known size and a weight that is a number but 0; received {weights!r:.40}")
    count, axes = float(np.prod(known)), tuple(range(1, left.rank))
    away = binary(call, left, right, "subtract")
    squares = call.add("reduce", (unary(call, away, "square"),), ReduceAttrs("sum", axes))
    total = unary(call, call.add("reduce", (away,), ReduceAttrs("sum", axes)), "square")
    first, second = (0.0 if count == 1 else 2.0 / below for below in (count - 1, count * (count - 1) or 1.0))
    terms = binary(call, binary(call, squares, first, "multiply"), binary(call, total, second, "multiply"), "subtract")
    return _sum(call, binary(call, terms, float(weights), "multiply"))
