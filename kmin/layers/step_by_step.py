"""TimeDistributed over a layer that keeps states: one call per time step, the states running on from step to step."""

from __future__ import annotations

from typing import Any

from kmin.formats.spec import LayerSpec
from kmin.layers.call import LayerCall, Lowered, Tensor, tensors
from kmin.layers.called_directly import called_directly
from kmin.layers.masks import mask_of
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.slice import SliceAttrs

_ALL = (None, None, None)


def keeps_states(layer: LayerSpec) -> bool:
    """Whether the layer, or one in it, has stateful=True."""
    return any(inner.config.get("stateful") for inner in layer.walk())


def lower_step_by_step(call: LayerCall, layer: LayerSpec) -> Lowered:
    """The layer on one step after the other.

    Keras 2 calls it once more on the first step, to see what it returns, and the states run on from there. Sources:
    TimeDistributed.call in Keras 2.15 and 3.15, `output_time_zero` in keras.backend.rnn of 2.15.
    """
    if call.dialect < 2:
        raise call.fail("stateful=True inside TimeDistributed is not supported in files of Keras 1")
    x, mask = call.input, mask_of(call)
    steps = x.shape[1] if x.rank > 1 else None
    if steps is None or steps < 1:
        raise call.fail(f"needs a known number of time steps round stateful=True; received {x.spec}")
    if mask is not None and call.dialect < 3:
        raise call.fail("a mask arrives, which is not supported round stateful=True in files of Keras 2")
    builder = call.builder
    if not builder.stepping and call.path in builder.stateful:
        raise call.fail("stateful=True is not supported for a layer that is called more than once")
    builder.stateful[call.path] = []
    kwargs = {"training": call.kwargs["training"]} if "training" in call.kwargs else {}
    chosen = called_directly(call, layer)
    results: list[Any] = []
    builder.stepping += 1
    try:
        for at in range(steps):
            step = _step(call, x, at)
            if mask is not None:
                step = step.masked(_step(call, mask, at))
            if at == 0 and call.dialect < 3:
                call.sub(chosen, (step,), kwargs)
            results.append(call.sub(chosen, (step,), kwargs))
    finally:
        builder.stepping -= 1
    columns = zip(*(tensors(result) for result in results), strict=True)
    outputs = [_stacked(call, column).masked(mask) for column in columns]
    return outputs[0] if isinstance(results[0], Tensor) else outputs


def _step(call: LayerCall, x: Tensor, at: int) -> Tensor:
    """x[:, at]."""
    cut = call.add("slice", (x,), SliceAttrs((_ALL, (at, at + 1, None))))
    return call.add("reshape", (cut,), ReshapeAttrs((("x", 0), *(("x", axis) for axis in range(2, x.rank)))))


def _stacked(call: LayerCall, column: tuple[Tensor, ...]) -> Tensor:
    """The steps along a new axis 1."""
    unknown = [y for y in column if y.dtype == "unknown"]
    if unknown:
        return unknown[0]
    rank = column[0].rank
    target = ReshapeAttrs((("x", 0), 1, *(("x", axis) for axis in range(1, rank))))
    parts = [call.add("reshape", (y,), target) for y in column]
    return parts[0] if len(parts) == 1 else call.add("concat", parts, ConcatAttrs(1))
