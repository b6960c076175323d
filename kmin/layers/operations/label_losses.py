"""How unlikely label sequences are: connectionist temporal classification as a function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, cast, floating, integer, tensor_of
from kmin.layers.operations.shaping import reshaped, swap_axes
from kmin.ops.ctc_loss import CtcLossAttrs
from kmin.ops.cumulate import CumulateAttrs
from kmin.ops.reduce import ReduceAttrs


def ctc_loss(call: LayerCall, labels: Any, scores: Any, label_counts: Any, step_counts: Any, blank: Any) -> Tensor:
    """ctc_loss of keras.ops."""
    value = floating(call, tensor_of(call, scores))
    if value.dtype == "float16":
        value = cast(call, value, "float32")
    classes, at = value.shape[-1] if value.rank else None, integer(call, blank, "the blank's index")
    if at < 0 and classes is None:
        raise call.fail(f"needs a known number of classes to count from the end; received {value.spec}")
    numbers = [cast(call, tensor_of(call, x), "int32") for x in (labels, label_counts, step_counts)]
    return call.add("ctc_loss", (value, *numbers), CtcLossAttrs(at + classes if at < 0 and classes else at))


def tensorflow_ctc_loss(
    call: LayerCall,
    labels: Any,
    scores: Any,
    label_counts: Any,
    step_counts: Any,
    time_first: Any,
    unique: Any,
    blank: Any,
) -> Tensor:
    """nn.ctc_loss of labels in a matrix, without TensorFlow's list of those that differ, which changes no result."""
    del unique
    value = tensor_of(call, scores)
    if time_first:
        call.mix_samples(value, (0,))
        value = swap_axes(call, value, 0, 1)
    if value.dtype != "float32":
        raise call.fail(f"needs scores of float32; received {value.spec}")
    return ctc_loss(call, labels, value, label_counts, step_counts, 0 if blank is None else blank)


def sparse_labels(call: LayerCall, labels: Any, lengths: Any) -> Tensor:
    """keras.backend.ctc_label_dense_to_sparse: labels and which of them count, kept as a ragged tensor is."""
    value, counts = tensor_of(call, labels), tensor_of(call, lengths)
    if value.rank != 2 or counts.rank != 1:
        raise call.fail(f"needs rows of labels and a length for each; received {value.spec} and {counts.spec}")
    ones = binary(call, cast(call, binary(call, value, 0, "multiply"), "int32"), 1, "add")
    places = call.add("cumulate", (ones,), CumulateAttrs(1, "sum"))
    column = reshaped(call, cast(call, counts, "int32"), (-1, 1))
    return replace(value, ragged=binary(call, column, places, "greater_equal"), mask=None)


def first_ctc_loss(
    call: LayerCall,
    labels: Any,
    scores: Any,
    step_counts: Any,
    collapsed: Any,
    merged: Any,
    ignored: Any,
    time_first: Any,
    logits: Any,
) -> Tensor:
    """compat.v1.nn.ctc_loss of sparse labels; the last class is the blank, and labels end where it stands."""
    value = tensor_of(call, scores if scores is not None else logits)
    if collapsed or not merged or ignored:
        raise call.fail(
            "preprocess_collapse_repeated, ctc_merge_repeated and ignore_longer_outputs_than_inputs must rest"
        )
    if not isinstance(labels, Tensor) or labels.ragged is None or labels.ragged.rank != 2:
        raise call.fail("needs labels of ctc_label_dense_to_sparse: other sparse tensors are not supported")
    classes = value.shape[2] if value.rank == 3 else None
    if value.dtype not in ("float32", "float64") or classes is None:
        raise call.fail(f"needs floats of steps and a known number of classes; received {value.spec}")
    if time_first:
        value = swap_axes(call, value, 0, 1)
    blank = classes - 1
    counted = cast(call, labels.ragged, "int32")
    dense = replace(labels, ragged=None)
    real = cast(call, binary(call, dense, blank, "less"), "int32")
    lengths = call.add("reduce", (binary(call, counted, real, "multiply"),), ReduceAttrs("sum", (1,)))
    numbers = [cast(call, x, "int32") for x in (dense, lengths, tensor_of(call, step_counts))]
    return call.add("ctc_loss", (value, *numbers), CtcLossAttrs(blank, True))
