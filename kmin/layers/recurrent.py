"""SimpleRNN, GRU, LSTM, their cuDNN ancestors and RNN over cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kmin.formats.spec import Array, LayerSpec
from kmin.layers.activation import activation_of
from kmin.layers.call import LayerCall, Lowered, Tensor, tensors
from kmin.layers.core import cast_to_compute
from kmin.layers.masks import mask_of
from kmin.layers.stateful import StateName, begin_states, kept_states
from kmin.layers.time_major import is_time_major, lower_time_major
from kmin.ops.gru import GruAttrs
from kmin.ops.mask_steps import MaskStepsAttrs
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.reverse import ReverseAttrs


@dataclass(frozen=True)
class Walk:
    """How a layer walks its input: the part of a recurrent config that is not the cell's."""

    go_backwards: bool
    return_sequences: bool
    zero_output_for_mask: bool


# Class name -> (op, gates, states).
CELLS: dict[str, tuple[str, int, int]] = {
    "GRU": ("gru", 3, 1),
    "GRUCell": ("gru", 3, 1),
    "LSTM": ("lstm", 4, 2),
    "LSTMCell": ("lstm", 4, 2),
    "SimpleRNN": ("simple_rnn", 1, 1),
    "SimpleRNNCell": ("simple_rnn", 1, 1),
}


def lower_recurrent(call: LayerCall) -> Lowered:
    """SimpleRNN, GRU, LSTM: the layer is its own cell."""
    return _lower_over(call, [call])


def lower_rnn(call: LayerCall) -> Lowered:
    """RNN: a cell, or StackedRNNCells, which equals the cells' layers applied one after the other."""
    cell = call.layer.children.get("cell")
    if cell is None:
        raise call.fail("needs a cell in its config")
    found = _cells(cell)
    unknown = [item.class_name for item in found if item.class_name not in CELLS]
    if unknown or not found:
        raise call.fail(f"cell must be SimpleRNNCell, GRUCell or LSTMCell; received {', '.join(unknown) or 'none'}")
    # Keras 2.15 gives out the states of reversed cells in the order of the others, and cannot build unlike ones.
    kinds = {(CELLS[item.class_name][2], item.config.get("units")) for item in found}
    if cell.config.get("reverse_state_order") and len(kinds) > 1:
        raise call.fail("reverse_state_order=True needs cells with states of one size, as in Keras")
    paths = [f"{call.path}/{item.name}" for item in found]
    if len(set(paths)) < len(paths):
        paths = [f"{path}_{at}" for at, path in enumerate(paths)]
    return _lower_over(call, [replace(call, layer=item, path=path) for item, path in zip(found, paths, strict=True)])


def _cells(cell: LayerSpec) -> list[LayerSpec]:
    """The cell, or those of stacked cells at any depth, in the order in which they are applied."""
    if cell.class_name != "StackedRNNCells":
        return [cell]
    return [item for key in sorted(cell.children, key=_cell_number) for item in _cells(cell.children[key])]


def lower_cudnn(call: LayerCall) -> Lowered:
    """CuDNNGRU, CuDNNLSTM: the plain layers with cuDNN's weight layout. Source: _convert_rnn_weights, Keras 2.15."""
    if mask_of(call) is not None:
        raise call.fail("cuDNN layers do not support masking, and a mask arrives")
    name = call.class_name.removeprefix("CuDNN")
    gates = CELLS[name][1]
    kernel, recurrent, bias = (_stored(call, key) for key in ("kernel", "recurrent_kernel", "bias"))
    weights = {
        "kernel": np.hstack([part.T.reshape(part.shape, order="F") for part in np.hsplit(kernel, gates)]),
        "recurrent_kernel": np.hstack([part.T for part in np.hsplit(recurrent, gates)]),
        "bias": bias.reshape(2, -1) if name == "GRU" else bias.reshape(2, -1).sum(axis=0),
    }
    fixed = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "reset_after": True}
    layer: LayerSpec = replace(call.layer, class_name=name, weights=weights, config={**call.config, **fixed})
    return lower_recurrent(replace(call, layer=layer))


def _stored(call: LayerCall, name: str) -> Array:
    array = call.layer.weights.get(name)
    if array is None:
        raise call.fail(f"needs the weight '{name}'")
    return array


def _cell_number(key: str) -> int:
    return int(key.rpartition("/")[2])


def _lower_over(call: LayerCall, cells: Sequence[LayerCall]) -> Lowered:
    """The cells over the call's input, with the masks and states that Keras would give them."""
    config = call.config
    if is_time_major(call.layer):
        return lower_time_major(
            call, lambda inner: _lower_over(inner, cells), bool(config.get("return_sequences", False))
        )
    _check_constants(call)
    x = call.input
    if x.rank != 3:
        raise call.fail(f"needs an input of shape (batch, time, features); received {x.spec}")
    if call.dialect >= 3 and x.dtype.startswith(("int", "uint", "bool")):
        x = cast_to_compute(call, x).masked(x.mask)
    counts = [CELLS[cell.class_name][2] for cell in cells]
    given = initial_states(call, sum(counts))
    kept = kept_states(call, [name for cell in cells for name in _state_names(cell)], given)
    begin = begin_states(call, kept, given)
    mask = mask_of(call)
    used = mask if not given or call.dialect < 3 or call.kwargs.get("mask") is not None else None
    if used is not None and used.rank != 2:
        raise call.fail(f"needs a mask of shape (batch, time); received {used.spec}")
    sequences, backwards = bool(config.get("return_sequences", False)), bool(config.get("go_backwards", False))
    zero = bool(config.get("zero_output_for_mask", False))
    # With unroll=True Keras zeroes a backward sequence by the mask of the forward one (rnn, Keras 2.15 and 3.15).
    crossed = bool(config.get("unroll")) and zero and backwards and sequences and used is not None
    finals: list[Tensor] = []
    y, walked = x, used
    for number, (cell, count) in enumerate(zip(cells, counts, strict=True)):
        last = number == len(cells) - 1
        order = Walk(backwards and number == 0, sequences or not last, zero and last and not crossed)
        y, *states = _lower_cell(cell, y, walked, begin[len(finals) : len(finals) + count], order)
        finals += states
        if number == 0 and backwards and not last and walked is not None:
            walked = reversed_time(call, walked)
    for before, after in zip(kept, finals, strict=bool(kept)):
        call.builder.keep(before.name, after.name)
    if crossed and used is not None:
        y = call.add("mask_steps", (y, used), MaskStepsAttrs())
    y = y.masked(mask if sequences else None)
    return [y, *finals] if config.get("return_state") else y


def _state_names(cell: LayerCall) -> list[StateName]:
    """Name and shape of every state of a cell; axis 0 is the batch."""
    units = cell.config.get("units")
    if not isinstance(units, int):
        raise cell.fail(f"needs known units; received {units!r}")
    return [(f"{cell.path}.state_{i}", (None, units)) for i in range(CELLS[cell.class_name][2])]


def _check_constants(call: LayerCall) -> None:
    """Refuses constants where Keras 2 does: only stacked cells take them, and drop them. Source: RNN.call, 2.15."""
    given = call.kwargs.get("constants") is not None or bool(call.config.get("num_constants"))
    cell = call.layer.children.get("cell")
    if given and (cell is None or cell.class_name != "StackedRNNCells"):
        raise call.fail("constants need a custom cell: Keras refuses them for a built-in one, too")


def initial_states(call: LayerCall, count: int) -> list[Tensor]:
    """The call's initial_state: `count` tensors, or none."""
    value: Any = call.kwargs.get("initial_state")
    if value is None:
        return []
    given = tensors(value)
    if len(given) != count:
        raise call.fail(f"initial_state must be {count} tensors; received {len(given)} in {value!r:.80}")
    return given


def reversed_time(call: LayerCall, x: Tensor) -> Tensor:
    """`x` with axis 1 from its end."""
    return call.add("reverse", (x,), ReverseAttrs(1))


def _lower_cell(
    cell: LayerCall, x: Tensor, mask: Tensor | None, given: Sequence[Tensor], order: Walk
) -> tuple[Tensor, ...]:
    """One recurrent op: the output and the final states."""
    op, gates, count = CELLS[cell.class_name]
    config = cell.config
    size, units = x.shape[2], config.get("units")
    if size is None or not isinstance(units, int):
        raise cell.fail(f"needs a known last axis and units; received {x.spec} and {units!r}")
    reset_after = bool(config.get("reset_after", cell.dialect >= 3))
    kernel = cell.weight("kernel", (size, gates * units))
    recurrent = cell.weight("recurrent_kernel", (units, gates * units))
    shape = (2, gates * units) if op == "gru" and reset_after else (gates * units,)
    bias = cell.weight("bias", shape) if config.get("use_bias", True) else None
    activation = activation_of(cell, config.get("activation", "tanh"))
    options: dict[str, Any] = {}
    if op != "simple_rnn":
        if "recurrent_activation" not in config and cell.dialect < 3:
            raise cell.fail("needs recurrent_activation in its config: its default changed between versions")
        gate = activation_of(cell, config.get("recurrent_activation", "sigmoid"))
        options = {"recurrent_activation": gate.kind, "recurrent_activation_args": gate.args}
    options |= {
        "activation": activation.kind,
        "activation_args": activation.args,
        "go_backwards": order.go_backwards,
        "return_sequences": order.return_sequences,
        "zero_output_for_mask": order.zero_output_for_mask and mask is not None,
    }
    attrs = GruAttrs(reset_after=reset_after, **options) if op == "gru" else RecurrenceAttrs(**options)
    states = list(given) if given else [None] * count
    return cell.add_all(op, (x, kernel, recurrent, bias, mask, *states), attrs)
