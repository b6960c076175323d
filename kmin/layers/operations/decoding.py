"""Labels of connectionist temporal classification: the best of each step, or the likeliest sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, cast, floating, integer, tensor_of, unary
from kmin.layers.operations.reductions import ordered
from kmin.layers.operations.shaping import cut, move_axis, reshaped
from kmin.ops.arg_extreme import ArgExtremeAttrs
from kmin.ops.beam_search import BeamSearchAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.crop import CropAttrs
from kmin.ops.pad import PadAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.take_along import TakeAlongAttrs
from kmin.ops.where import WhereAttrs

CTC_ARGUMENTS = 'inputs sequence_lengths strategy="greedy" beam_width=100 top_paths=1 merge_repeated=True mask_index=0'


def ctc_decode(
    call: LayerCall, x: Any, lengths: Any, strategy: Any, width: Any, paths: Any, merge: Any, mask_index: Any
) -> list[Tensor]:
    """Labels [paths, batch, steps], -1 after the last, and minus the sum of scores or logarithms of probabilities."""
    score, count, steps, classes = _prepared(call, x, lengths)
    call.mix_samples(score, (0,))  # the batch is axis 1 of the result
    if strategy == "greedy":
        blank = classes - 1 if mask_index is None else mask_index % classes
        found, total = _best_labels(call, score, count, steps, blank, merge)
        return [reshaped(call, found, (1, ("x", 0), steps)), total]
    if strategy != "beam_search":
        raise call.fail(f"strategy must be 'greedy' or 'beam_search'; received {strategy!r:.40}")
    if mask_index is None:
        found, total = _likeliest_labels(call, score, count, width, paths, False)
    else:
        turned = _blank_last(call, score, classes, mask_index)
        found, total = _likeliest_labels(call, turned, count, width, paths, False)
        after = binary(call, found, mask_index % classes, "greater_equal")
        found = call.add("where", (after, binary(call, found, 1, "add"), found), WhereAttrs())
    return [move_axis(call, found, [1], [0]), total]


def backend_ctc_decode(call: LayerCall, x: Any, lengths: Any, greedy: Any, width: Any, paths: Any) -> list[Tensor]:
    """keras.backend.ctc_decode of probabilities: labels of each path [batch, steps], then how likely they are."""
    value = tensor_of(call, x)
    score, count, steps, classes = _prepared(call, unary(call, binary(call, value, 1e-7, "add"), "log"), lengths)
    if greedy:
        found, total = _best_labels(call, score, count, steps, classes - 1, True)
        return [cast(call, found, "int64"), total]
    found, total = _likeliest_labels(call, score, count, width, paths, True)
    rows = [cut(call, found, 1, at, at + 1) for at in range(integer(call, paths, "top_paths"))]
    return [*(cast(call, reshaped(call, row, (("x", 0), steps)), "int64") for row in rows), total]


def _prepared(call: LayerCall, x: Any, lengths: Any) -> tuple[Tensor, Tensor, int, int]:
    score, count = floating(call, tensor_of(call, x)), cast(call, tensor_of(call, lengths), "int32")
    score = cast(call, score, "float32") if score.dtype == "float16" else score
    steps, classes = score.shape[1:] if score.rank == 3 else (None, None)
    if steps is None or classes is None or count.rank != 1:
        raise call.fail(f"needs a known number of steps and a length for each row; received {score.spec}, {count.spec}")
    return score, count, steps, classes


def _blank_last(call: LayerCall, x: Tensor, classes: int, at: Any) -> Tensor:
    """The classes before, those after, and the one at a place."""
    if at == -1 or not -classes <= integer(call, at, "mask_index") < classes:
        raise call.fail(f"mask_index must be a class, and not -1, with which Keras doubles them; received {at!r:.40}")
    order = [place for place in range(classes) if place != at % classes] + [at % classes]
    parts = np.split(order, np.flatnonzero(np.diff(order) != 1) + 1)
    return call.add("concat", [cut(call, x, 2, int(p[0]), int(p[-1]) + 1) for p in parts], ConcatAttrs(2))


def _likeliest_labels(
    call: LayerCall, score: Tensor, count: Tensor, width: Any, paths: Any, merges: bool
) -> tuple[Tensor, Tensor]:
    attrs = BeamSearchAttrs(integer(call, width, "beam_width"), integer(call, paths, "top_paths"), merges)
    found, total = call.add_all("beam_search", (score, count), attrs)
    return found, total


def _best_labels(
    call: LayerCall, score: Tensor, count: Tensor, steps: int, blank: int, merge: Any
) -> tuple[Tensor, Tensor]:
    """The best label of each step without repetitions and blanks [batch, steps], and minus the sum of their scores.

    Labels move to the front by sorting places, those of labels that are left out coming last.
    """
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
    return found, total
