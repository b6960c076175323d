"""Bidirectional, TimeDistributed and Pipeline: layers that apply other layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kmin.layers.call import LayerCall, Lowered, Tensor, tensors
from kmin.layers.called_directly import called_directly
from kmin.layers.masks import mask_of
from kmin.layers.recurrent import CELLS, initial_states, reversed_time
from kmin.layers.step_by_step import keeps_states, lower_step_by_step
from kmin.layers.time_major import is_time_major, lower_time_major
from kmin.ops.any_true import AnyTrueAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reshape import ReshapeAttrs

CONVOLVED = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
MERGES = {"sum": "add", "mul": "multiply", "ave": "add"}


def lower_bidirectional(call: LayerCall) -> Lowered:
    """Bidirectional: one layer forwards, one backwards, merged. Source: Bidirectional.call, Keras 2.15 and 3.15."""
    forward, backward = (call.layer.children.get(key) for key in ("forward_layer", "backward_layer"))
    if forward is None or backward is None:
        raise call.fail("needs a forward and a backward layer in its config")
    if is_time_major(call.layer):
        return lower_time_major(call, lower_bidirectional, bool(forward.config.get("return_sequences", False)))
    if not {forward.class_name, backward.class_name} <= {*CELLS, "CuDNNGRU", "CuDNNLSTM", "RNN", *CONVOLVED}:
        raise call.fail(f"must wrap a recurrent layer; received {forward.class_name} and {backward.class_name}")
    if bool(forward.config.get("go_backwards")) == bool(backward.config.get("go_backwards")):
        raise call.fail("its two layers must have different go_backwards")
    mode = call.option("merge_mode", ("concat", "sum", "mul", "ave", None), "concat")
    sequences = bool(forward.config.get("return_sequences", False))
    value = call.kwargs.get("initial_state")
    states = initial_states(call, len(tensors(value))) if value is not None else []
    if len(states) % 2:
        raise call.fail(f"initial_state must be an even number of tensors; received {len(states)}")
    halves = (states[: len(states) // 2], states[len(states) // 2 :])
    results = []
    for child, half in zip((forward, backward), halves, strict=True):
        # Bidirectional.__init__ sets zero_output_for_mask on both layers, but not in Keras 1.
        changed = replace(child, config={**child.config, "zero_output_for_mask": sequences and call.dialect > 1})
        kwargs: dict[str, Any] = {key: call.kwargs[key] for key in ("mask", "training") if key in call.kwargs}
        if half:
            kwargs["initial_state"] = half
        results.append(tensors(call.sub(changed, (call.input,), kwargs)))
    for result in results:
        if result[0].dtype == "unknown":
            return result[0]
    (y, *finals), (y_back, *finals_back) = results
    y, y_back = (_computed(call, tensor) for tensor in (y, y_back))
    if sequences:
        y_back = reversed_time(call, y_back)
    mask = mask_of(call) if sequences else None
    outputs = [y, y_back] if mode is None else [_merged(call, y, y_back, mode)]
    outputs = [tensor.masked(mask) for tensor in outputs] + finals + finals_back
    return outputs if len(outputs) > 1 else outputs[0]


def _computed(call: LayerCall, x: Tensor) -> Tensor:
    """`x` in the wrapper's own compute dtype, which Keras 2 leaves to the wrapped layer."""
    return (
        x
        if call.dialect < 3 or x.dtype == call.compute_dtype
        else call.add("cast", (x,), CastAttrs(call.compute_dtype))
    )


def _merged(call: LayerCall, y: Tensor, y_back: Tensor, mode: str) -> Tensor:
    if mode == "concat":
        return call.add("concat", (y, y_back), ConcatAttrs(-1))
    result = call.add("binary", (y, y_back), BinaryAttrs(MERGES[mode]))
    if mode != "ave":
        return result
    half = call.constant("half", np.asarray(0.5, result.dtype))
    return call.add("binary", (result, half), BinaryAttrs("multiply"))


def lower_pipeline(call: LayerCall) -> Lowered:
    """Pipeline: its layers one after the other; `training=True` is written for every call. Source: Keras 3.15."""
    result: Lowered = call.args[0]
    for layer in call.layer.children.values():
        result = call.sub(layer, (result,))
    return result


def lower_time_distributed(call: LayerCall) -> Lowered:
    """TimeDistributed: the layer over batch and time as one axis. Source: TimeDistributed.call, Keras 2.15 and 3.15."""
    layer = call.layer.children.get("layer")
    if layer is None:
        raise call.fail("needs a layer in its config")
    if keeps_states(layer):
        return lower_step_by_step(call, layer)
    given = call.inputs
    if not given or any(x.rank < 2 for x in given):
        raise call.fail(f"needs inputs with a batch and a time axis; received {[str(x.spec) for x in given]}")
    first, mask = given[0], mask_of(call)
    merged = [merge_time(call, x) for x in given]
    if mask is not None:
        merged[0] = merged[0].masked(merge_time(call, mask))
    structure: Any = merged[0] if isinstance(call.args[0], Tensor) else merged
    kwargs = {"training": call.kwargs["training"]} if "training" in call.kwargs else {}
    result = call.sub(called_directly(call, layer), (structure,), kwargs)
    inner = tensors(result)
    if any(tensor.dtype == "unknown" for tensor in inner):
        return inner[0]
    outputs = []
    for tensor in inner:
        travelling = mask
        if call.dialect < 3:
            travelling = _mask_over_time(call, mask, tensor.mask, first)
        outputs.append(split_time(call, tensor, first).masked(travelling))
    return outputs[0] if isinstance(result, Tensor) else outputs


def _mask_over_time(call: LayerCall, mask: Tensor | None, inner: Tensor | None, like: Tensor) -> Tensor | None:
    """Keras 2's TimeDistributed.compute_mask: the wrapped layer's mask, else the input's, reduced to (batch, time)."""
    if inner is not None:
        return split_time(call, inner, like)
    while mask is not None and mask.rank > 2:
        mask = call.add("any_true", (mask,), AnyTrueAttrs(-1))
    return mask


def merge_time(call: LayerCall, x: Tensor) -> Tensor:
    """[B, T, ...] -> [B * T, ...]."""
    return call.add("reshape", (x,), ReshapeAttrs((-1, *(("x", axis) for axis in range(2, x.rank)))))


def split_time(call: LayerCall, x: Tensor, like: Tensor) -> Tensor:
    """[B * T, ...] -> [B, T, ...], sizes from `like`."""
    target = (("like", 0), ("like", 1), *(("x", axis) for axis in range(1, x.rank)))
    return call.add("reshape", (x, like), ReshapeAttrs(target))
