"""What a layer with stateful=True begins a batch with: the states that the batch before left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kmin.layers.call import LayerCall, Tensor
from kmin.ops.binary import BinaryAttrs
from kmin.ops.cast import CastAttrs
from kmin.ops.reduce import ReduceAttrs
from kmin.ops.tensor import Shape
from kmin.ops.where import WhereAttrs

# A state's name and its shape, the batch first.
StateName = tuple[str, Shape]


def kept_states(call: LayerCall, wanted: Sequence[StateName], given: Sequence[Tensor]) -> list[Tensor]:
    """A tensor per state; the caller tells the builder what they become. None for a stateless layer.

    They are new ones at the layer's first call in a batch, and what the call before left at any other.

    With an initial_state (`given`) Keras 3 never reads what the batch before left, so nothing is kept.

    Raises:
        UnsupportedError: Keras 3 reads an initial_state in some calls only, or the model's input layers do not fix one
            batch size.
    """
    if not call.config.get("stateful"):
        return []
    builder = call.builder
    again = call.path in builder.stateful
    known = builder.stateful.setdefault(call.path, [])
    fresh = bool(given) and call.dialect >= 3
    if again and fresh == bool(known):
        raise call.fail("stateful=True is not supported for a layer that is called with an initial_state and without")
    if fresh:
        return []
    if known:
        latest = {state.input: state.output for state in builder.states}
        return [Tensor(latest[name], builder.specs[latest[name]]) for name in known]
    sizes = sorted(builder.batch_sizes)
    if len(sizes) != 1:
        found = f"they fix {' and '.join(map(str, sizes))}" if sizes else "they leave it open"
        raise call.fail(f"stateful=True needs one batch size that the model's input layers fix; {found}")
    rows = call.input.shape[0]  # known where time is what the input layers call the batch
    known += [builder.state(name, (rows, *shape[1:]), call.input.dtype) for name, shape in wanted]
    return [Tensor(name, builder.specs[name]) for name in known]


def begin_states(call: LayerCall, kept: Sequence[Tensor], given: Sequence[Tensor]) -> list[Tensor]:
    """The states of the first step.

    When there are both kept and given ones, Keras 2 takes the given ones as long as all values of all kept ones, over
    the whole batch, are zero. Source: RNN._process_inputs, Keras 2.15; Keras 3 dropped it.
    """
    if not kept or not given:
        return list(kept or given)
    used: Tensor | None = None
    for state in kept:
        zero = call.constant("zero", np.zeros((), state.dtype))
        nonzero = call.add("binary", (state, zero), BinaryAttrs("not_equal"))
        counted = call.add("cast", (nonzero,), CastAttrs("int32"))
        whole = tuple(range(state.rank))
        found = call.add("reduce", (counted,), ReduceAttrs("max", whole, keepdims=True))
        used = found if used is None else call.add("binary", (used, found), BinaryAttrs("maximum"))
    assert used is not None
    condition = call.add("cast", (used,), CastAttrs("bool"))
    return [
        call.add("where", (condition, state, start), WhereAttrs()) for state, start in zip(kept, given, strict=True)
    ]
