"""Crossentropies of keras.ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import axis_of, binary, cast, floating, tensor_of, unary
from kmin.layers.operations.choosing import one_hot
from kmin.layers.operations.network import log_softmax
from kmin.layers.operations.reductions import ordered
from kmin.layers.operations.shaping import reshaped
from kmin.ops.arg_extreme import ArgExtremeAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.take_along import TakeAlongAttrs
from kmin.ops.where import WhereAttrs

EPSILON = 1e-7
CTC_ARGUMENTS = 'inputs sequence_lengths strategy="greedy" beam_width=100 top_paths=1 merge_repeated=True mask_index=0'


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


def ctc_decode(
    call: LayerCall, x: Any, lengths: Any, strategy: Any, width: Any, paths: Any, merge: Any, mask_index: Any
) -> list[Tensor]:
    """The best label of each step without repetitions and blanks, -1 after the last, and minus the sum of their scores.

    Labels move to the front by sorting places, those of labels that are left out coming last.
    """
    del width, paths
    score, count = floating(call, tensor_of(call, x)), cast(call, tensor_of(call, lengths), "int32")
    if strategy != "greedy" or score.rank != 3 or score.shape[1] is None or score.shape[2] is None:
        raise call.fail(f"needs strategy 'greedy' and a known number of steps; received {strategy!r:.40}, {score.spec}")
    blank = score.shape[2] - 1 if mask_index is None else mask_index % score.shape[2]
    steps = score.shape[1]
    places = call.constant("places", np.arange(steps, dtype="int32")[None])
    label = call.add("arg_extreme", (score,), ArgExtremeAttrs(2, True, False, "int32"))
    inside = binary(call, places, reshaped(call, count, (("x", 0), 1)), "less")
    kept = binary(call, inside, binary(call, label, blank, "not_equal"), "logical_and")
    if merge:
        before = call.add("pad", (label,), PadAttrs(((0, 0), (1, 0)), -1.0))
        before = call.add("crop", (before,), CropAttrs(((0, 0), (0, 1))))
        kept = binary(call, kept, binary(call, label, before, "not_equal"), "logical_and")
    late = binary(call, places, steps, "add")
    order = ordered(True)(call, call.add("where", (kept, places, late), WhereAttrs()), 1, "ASCENDING")
    found = call.add("take_along", (label, order), TakeAlongAttrs(1))
    number = call.add("reduce", (cast(call, kept, "int32"),), ReduceAttrs("sum", (1,), True))
    none = call.constant("none", np.asarray(-1, "int32"))
    found = call.add("where", (binary(call, places, number, "less"), found, none), WhereAttrs())
    best = call.add("reduce", (score,), ReduceAttrs("max", (2,)))
    total = binary(call, best, cast(call, inside, best.dtype), "multiply")
    total = unary(call, call.add("reduce", (total,), ReduceAttrs("sum", (1,), True)), "negative")
    call.mix_samples(score, (0,))  # the batch is axis 1 of the result
    return [reshaped(call, found, (1, ("x", 0), steps)), total]
