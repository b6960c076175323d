"""simple_rnn: h' = activation(x @ kernel + bias + h @ recurrent_kernel), over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kmin.ops.recurrence import (
    RecurrenceAttrs,
    activate_gate,
    infer_recurrence,
    macs_recurrence,
    project_steps,
    run_steps,
)
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


def infer_simple_rnn(specs: Specs, attrs: RecurrenceAttrs) -> tuple[TensorSpec, ...]:
    return infer_recurrence(specs, attrs, gates=1, states=1)


def run_simple_rnn(arrays: Arrays, attrs: RecurrenceAttrs) -> tuple[Array, ...]:
    """x [B, T, F], kernel [F, U], recurrent_kernel [U, U], bias [U]|None, mask [B, T]|None, h0 [B, U]|None -> y, h."""
    x, kernel, recurrent, bias = arrays[:4]
    projected = project_steps(x, kernel, bias)
    inner = recurrent.astype(projected.dtype, copy=False)

    def step(z: Array, states: Sequence[Array]) -> list[Array]:
        h = np.matmul(states[0], inner)
        h += z
        activate_gate(h, attrs.activation, attrs.activation_args)
        return [h]

    return run_steps(arrays, projected, attrs, 1, step)


OP = Op(RecurrenceAttrs, infer_simple_rnn, run_simple_rnn, macs_recurrence)
