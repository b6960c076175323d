"""lstm: long short-term memory over time; gate order i, f, c, o as in Keras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kmin.ops.activation import apply_activation
from kmin.ops.recurrence import (
    RecurrenceAttrs,
    activate_gate,
    activate_gates,
    infer_recurrence,
    macs_recurrence,
    project_steps,
    run_steps,
)
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


def infer_lstm(specs: Specs, attrs: RecurrenceAttrs) -> tuple[TensorSpec, ...]:
    return infer_recurrence(specs, attrs, gates=4, states=2)


def run_lstm(arrays: Arrays, attrs: RecurrenceAttrs) -> tuple[Array, ...]:
    """x [B, T, F], kernel [F, 4U], recurrent_kernel [U, 4U], bias [4U], mask [B, T], h0, c0 [B, U] -> y, h, c.

    bias, mask, h0 and c0 may be None. Source: LSTMCell.call, Keras 3.15.
    """
    x, kernel, recurrent, bias = arrays[:4]
    units = recurrent.shape[0]
    projected = project_steps(x, kernel, bias)
    inner = recurrent.astype(projected.dtype, copy=False)

    def step(z: Array, states: Sequence[Array]) -> list[Array]:
        z += np.matmul(states[0], inner)
        activate_gates(z[:, : 2 * units], 2, attrs.recurrent_activation, attrs.recurrent_activation_args)
        activate_gate(z[:, 2 * units : 3 * units], attrs.activation, attrs.activation_args)
        activate_gate(z[:, 3 * units :], attrs.recurrent_activation, attrs.recurrent_activation_args)
        c = z[:, units : 2 * units] * states[1]
        c += z[:, :units] * z[:, 2 * units : 3 * units]
        h = apply_activation(c, attrs.activation, attrs.activation_args) * z[:, 3 * units :]
        return [h, c]

    return run_steps(arrays, projected, attrs, 2, step)


OP = Op(RecurrenceAttrs, infer_lstm, run_lstm, macs_recurrence)
