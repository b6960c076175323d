"""TimeDistributed over a layer that keeps states: one call per time step, the states running on from step to step."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import LayerSpec
from kmin.layers.call import LayerCall, Lowered, Tensor, tensors
from kmin.layers.called_directly import called_directly
from kmin.layers.masks import mask_of
from kmin.ops.concat import ConcatAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.slice import SliceAttrs
from kmin.ops.where import WhereAttrs

_ALL = (None, None, None)


def keeps_states(layer: LayerSpec) -> bool:
    """Whether the layer, or one in it, has stateful=True."""
    return any(inner.config.get("stateful") for inner in layer.walk())


def lower_step_by_step(call: LayerCall, layer: LayerSpec) -> Lowered:
    """The layer on one step after the other.

    Keras 2 calls it once more on the first step, to see what it returns, and the states run on from there; a mask
    changes what steps give, not what they keep. Sources:
    TimeDistributed.call in Keras 2.15 and 3.15, `output_time_zero` in keras.backend.rnn of 2.15.
    """
    if call.dialect < 2:
        raise call.fail("stateful=True inside TimeDistributed is not supported in files of Keras 1")
    x, mask = call.input, mask_of(call)
    steps = x.shape[1] if x.rank > 1 else None
    if steps is None or steps < 1:
        raise call.fail(f"needs a known number of time steps round stateful=True; received {x.spec}")
    kwargs = {"training": call.kwargs["training"]} if "training" in call.kwargs else {}
    chosen = called_directly(call, layer)
    results: list[Any] = []
    shown: list[list[Tensor]] = []
    for at in range(steps):
        step, there = _step(call, x, at), None if mask is None else _step(call, mask, at)
        if call.dialect >= 3:
            step = step.masked(there)
        elif at == 0:
            call.sub(chosen, (step,), kwargs)
        results.append(call.sub(chosen, (step,), kwargs))
        found = tensors(results[-1])
        if there is not None and call.dialect < 3:
            found = [_where(call, there, y, shown[-1][i] if shown else None) for i, y in enumerate(found)]
        shown.append(found)
    outputs = [_stacked(call, column).masked(mask) for column in zip(*shown, strict=True)]
    return outputs[0] if isinstance(results[0], Tensor) else outputs


def _where(call: LayerCall, mask: Tensor, y: Tensor, before: Tensor | None) -> Tensor:
    """A step of Keras 2 under a mask, which the layer does not see: where it is false, what the step before gave."""
    if y.dtype == "unknown":
        return y
    if mask.rank > y.rank or any(a not in (1, b) for a, b in zip(mask.shape[1:], y.shape[1:], strict=False)):
        raise call.fail(f"a mask of steps {mask.spec} does not fit what a step gives, {y.spec}")
    wide = call.add(
        "reshape", (mask,), ReshapeAttrs((*(("x", at) for at in range(mask.rank)), *(1,) * (y.rank - mask.rank)))
    )
    previous = before if before is not None else call.constant("nothing", np.zeros((), y.dtype))
    return call.add("where", (wide, y, previous), WhereAttrs())


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
