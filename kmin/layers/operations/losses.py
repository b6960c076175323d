"""Crossentropies of keras.ops."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import axis_of, binary, cast, floating, tensor_of, unary
from kmin.layers.operations.choosing import one_hot
from kmin.layers.operations.network import log_softmax
from kmin.layers.operations.shaping import reshaped
from kmin.ops.reduce import ReduceAttrs

EPSILON = 1e-7


def _clipped(call: LayerCall, x: Tensor) -> Tensor:
    return binary(call, binary(call, x, EPSILON, "maximum"), 1.0 - EPSILON, "minimum")


def _both(call: LayerCall, target: Any, output: Any) -> tuple[Tensor, Tensor]:
    scores = floating(call, tensor_of(call, output))
    wanted = cast(call, tensor_of(call, target), scores.dtype)
    if wanted.rank != scores.rank:
        raise call.fail(f"needs tensors of one rank; received {wanted.spec} and {scores.spec}")
    return wanted, scores


def binary_crossentropy(call: LayerCall, target: Any, output: Any, from_logits: Any) -> Tensor:
    """-t log(p) - (1 - t) log(1 - p), value by value."""
    wanted, scores = _both(call, target, output)
    if from_logits:
        gap = unary(call, unary(call, scores, "abs"), "negative")
        soft = unary(call, unary(call, gap, "exp"), "log1p")
        top = binary(call, scores, 0.0, "maximum")
        return binary(call, binary(call, top, binary(call, scores, wanted, "multiply"), "subtract"), soft, "add")
    part = _clipped(call, scores)
    yes = binary(call, wanted, unary(call, part, "log"), "multiply")
    rest = unary(call, binary(call, 1.0, part, "subtract"), "log")
    no = binary(call, binary(call, 1.0, wanted, "subtract"), rest, "multiply")
    return unary(call, binary(call, yes, no, "add"), "negative")


def _surprise(call: LayerCall, scores: Tensor, axis: int, from_logits: Any) -> Tensor:
    if from_logits:
        return log_softmax(call, scores, axis)
    return unary(call, _clipped(call, scores), "log")


def categorical_crossentropy(call: LayerCall, target: Any, output: Any, from_logits: Any, axis: Any) -> Tensor:
    """-sum(t log(p)) along an axis; p is brought to a sum of 1 first."""
    wanted, scores = _both(call, target, output)
    at = axis_of(call, axis, scores.rank)
    call.mix_samples(scores, (at,))
    if not from_logits:
        total = call.add("reduce", (scores,), ReduceAttrs("sum", (at,), True))
        scores = binary(call, scores, total, "divide")
    parts = binary(call, wanted, _surprise(call, scores, at, from_logits), "multiply")
    return unary(call, call.add("reduce", (parts,), ReduceAttrs("sum", (at,))), "negative")


def sparse_categorical_crossentropy(call: LayerCall, target: Any, output: Any, from_logits: Any, axis: Any) -> Tensor:
    """-log(p) of the class that the target names; softmax over what log leaves, as Keras' does."""
    scores = floating(call, tensor_of(call, output))
    at = axis_of(call, axis, scores.rank)
    size = scores.shape[-1]
    if at != scores.rank - 1 or size is None:
        raise call.fail(f"needs a known last axis of classes; received {scores.spec} and axis {axis!r}")
    ids = tensor_of(call, target)
    if ids.rank == scores.rank and ids.shape[-1] == 1:
        ids = reshaped(call, ids, tuple(("x", axis) for axis in range(ids.rank - 1)))
    if not from_logits:
        scores = unary(call, _clipped(call, scores), "log")
    rows = one_hot(call, cast(call, ids, "int32"), size, None, None, -1, scores.dtype)
    parts = binary(call, rows, log_softmax(call, scores, -1), "multiply")
    return unary(call, call.add("reduce", (parts,), ReduceAttrs("sum", (scores.rank - 1,))), "negative")
