"""How recurrent layers are bound to compiled kernels: weights interleaved by vectors of units, one direction or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kmin.ops.gru import GruAttrs
from kmin.ops.kernels.bound import (
    FUNCTIONS,
    NANOSECONDS_PER_FUNCTION,
    NANOSECONDS_PER_MAC,
    Bound,
    Constants,
    Specs,
    served_size,
)
from kmin.ops.recurrence import RecurrenceAttrs
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

# Multiplying by recurrent weights that are read from a core's own cache for every step.
NANOSECONDS_PER_STEP_MAC = 0.035
GATES = {"gru": 3, "lstm": 4, "simple_rnn": 1}
# Gates -> vectors of units whose weights are packed and read together, as the kernel has it.
GROUPS = {1: 8, 2: 4, 3: 2, 4: 2}
STATES = {"gru": 1, "lstm": 2, "simple_rnn": 1}


def interleaved(weights: Array, gates: int, lanes: int) -> Array:
    """Columns [gates, units] of [rows, gates * units] as [vectors, gates, lanes], zeros behind the last unit."""
    rows, units = len(weights), weights.shape[1] // gates
    vectors = -(-units // lanes)
    padded = np.zeros((rows, gates, vectors * lanes), np.float32)
    padded[:, :, :units] = weights.reshape(rows, gates, units)
    return np.ascontiguousarray(padded.reshape(rows, gates, vectors, lanes).transpose(0, 2, 1, 3))


def packed(weights: Array, gates: int, lanes: int) -> Array:
    """Recurrent weights [units, gates * units] as [groups of vectors of units, units, vectors, gates, lanes], flat.

    Vectors behind the last whole group are groups of their own.
    """
    columns, group = interleaved(weights, gates, lanes), GROUPS[gates]
    vectors = columns.shape[1]
    whole = vectors // group * group
    starts = [*range(0, whole, group), *range(whole, vectors)]
    parts = [columns[:, at : at + (group if at < whole else 1)].reshape(-1) for at in starts]
    return np.concatenate(parts)


def direction(
    op: str, kernel: Array, recurrent: Array, bias: Array | None, attrs: RecurrenceAttrs, lanes: int
) -> dict[str, Any]:
    """What the kernel is told about the weights of one direction."""
    gates, units = GATES[op], len(recurrent)
    empty, columns = np.zeros((0,), np.float32), []
    candidate, inner_bias = empty, np.zeros((-(-units // lanes) * lanes,), np.float32)
    if isinstance(attrs, GruAttrs):
        if not attrs.reset_after:
            candidate = packed(recurrent[:, 2 * units :], 1, lanes)
            columns.append(interleaved(recurrent[:, 2 * units :], 1, lanes).reshape(units, -1))
            recurrent, gates_within = recurrent[:, : 2 * units], 2
        else:
            gates_within = 3
            if bias is not None:  # that of the gates is added to the projection, the candidate's is reset with it
                inner_bias[:units] = bias[1, 2 * units :]
                bias = np.concatenate([bias[0, : 2 * units] + bias[1, : 2 * units], bias[0, 2 * units :]])
    else:
        gates_within = gates
    if op != "simple_rnn" and GROUPS[gates_within] * gates_within == 8:
        columns.insert(0, interleaved(recurrent, gates_within, lanes).reshape(units, -1))
    return {
        "kernel": interleaved(kernel, gates, lanes).reshape(len(kernel), -1),
        "bias": None if bias is None else interleaved(bias.reshape(1, -1), gates, lanes).reshape(-1),
        "recurrent": packed(recurrent, gates_within, lanes),
        "candidate": candidate,
        "columns": columns,
        "inner_bias": inner_bias,
    }


def bind_directions(
    op: str,
    tier: Tier,
    inputs: Specs,
    constants: Constants,
    output: TensorSpec,
    walks: Sequence[tuple[Sequence[int], RecurrenceAttrs, bool]],
    mask: int,
    merge: str = "concat",
) -> Bound | None:
    """One or two directions over the first input.

    Args:
        walks: of each direction the positions of its kernel, recurrent kernel, bias and initial states among the
            inputs, its attributes, and whether its y is in the opposite order of its steps.
        mask: position of the mask.
    """
    from kmin.ops.kernels import _recurrent

    x, attrs = inputs[0], walks[0][1]
    if x is None or x.rank != 3 or served_size(x) is None or served_size(output) is None or constants[0] is not None:
        return None
    chosen = [FUNCTIONS.get(kind) for kind in (attrs.activation, attrs.recurrent_activation)]
    if chosen[0] is None or chosen[1] is None:
        return None
    activation = (chosen[0][0], chosen[0][1](*attrs.activation_args))
    gate = (chosen[1][0], chosen[1][1](*attrs.recurrent_activation_args))
    masked = inputs[mask]
    steps, features = x.shape[1] or 0, x.shape[2] or 0
    if masked is not None and (masked.dtype != "bool" or constants[mask] is not None or masked.shape != (None, steps)):
        return None
    reads, directions, units = [0] if masked is None else [0, mask], [], 0
    for positions, own, flipped in walks:
        kernel, recurrent, bias = (constants[at] for at in positions[:3])
        if kernel is None or recurrent is None or (bias is None) != (inputs[positions[2]] is None):
            return None  # weights that are computed
        if any(array is not None and array.dtype != np.float32 for array in (kernel, recurrent, bias)):
            return None
        units = len(recurrent)
        given = [inputs[at] for at in positions[3:]]
        states = [at for at, state in zip(positions[3:], given, strict=True) if state is not None]
        if any(constants[at] is not None or served_size(inputs[at]) != units for at in states):
            return None
        reads += states
        facts = direction(op, kernel, recurrent, bias, own, tier.lanes)
        order = {"backwards": own.go_backwards, "flipped": flipped}
        directions.append({**facts, **order, "states": [state is not None for state in given]})
    reset_first = isinstance(attrs, GruAttrs) and not attrs.reset_after
    compiled = _recurrent.recurrent(
        tier,
        "gru_reset_first" if reset_first else op,
        steps,
        units,
        directions,
        activation,
        gate,
        attrs.return_sequences,
        masked is not None,
        attrs.zero_output_for_mask,
        merge,
    )
    width = GATES[op] * units
    once = features * width * NANOSECONDS_PER_MAC + units * width * NANOSECONDS_PER_STEP_MAC
    cost = steps * (once + (GATES[op] + 1) * units * NANOSECONDS_PER_FUNCTION) * len(walks)
    return Bound((compiled,), False, cost, tuple(reads), image=True)


def bind_one(
    op: str, tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RecurrenceAttrs
) -> Bound | None:
    positions = (1, 2, 3, *range(5, 5 + STATES[op]))
    inputs, constants = [*inputs, None, None], [*constants, None, None]  # states may be left out
    return bind_directions(op, tier, inputs, constants, output, [(positions, attrs, False)], 4)


def bind_gru(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: GruAttrs) -> Bound | None:
    return bind_one("gru", tier, inputs, constants, output, attrs)


def bind_lstm(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RecurrenceAttrs
) -> Bound | None:
    return bind_one("lstm", tier, inputs, constants, output, attrs)


def bind_simple_rnn(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: RecurrenceAttrs
) -> Bound | None:
    return bind_one("simple_rnn", tier, inputs, constants, output, attrs)
