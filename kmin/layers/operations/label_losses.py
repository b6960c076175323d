"""How unlikely label sequences are: connectionist temporal classification as a function."""

from __future__ import annotations

from typing import Any

from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import cast, floating, integer, tensor_of
from kmin.layers.operations.shaping import swap_axes
from kmin.ops.ctc_loss import CtcLossAttrs


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
