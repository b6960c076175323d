"""gru: gated recurrent unit over time; gate order z, r, h as in Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
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


@dataclass(frozen=True)
class GruAttrs(RecurrenceAttrs):
    """reset_after: the reset gate is applied after the recurrent product; bias is then (2, 3U), else (3U,)."""

    reset_after: bool = True


def infer_gru(specs: Specs, attrs: GruAttrs) -> tuple[TensorSpec, ...]:
    bias, width = specs[3], specs[2].shape[1]
    wanted = (2, width) if attrs.reset_after else (width,)
    if bias is not None and bias.shape != wanted:
        raise InputError(f"gru with reset_after={attrs.reset_after} needs a bias of shape {wanted}; received {bias}")
    return infer_recurrence(specs, attrs, gates=3, states=1)


def run_gru(arrays: Arrays, attrs: GruAttrs) -> tuple[Array, ...]:
    """x [B, T, F], kernel [F, 3U], recurrent_kernel [U, 3U], bias, mask [B, T], h0 [B, U] -> y, h.

    bias (see GruAttrs), mask and h0 may be None. Source: GRUCell.call, Keras 3.15.
    """
    x, kernel, recurrent, bias = arrays[:4]
    units = recurrent.shape[0]
    inner_bias = None if bias is None or not attrs.reset_after else bias[1]
    projected = project_steps(x, kernel, bias[0] if inner_bias is not None else bias)
    work = projected.dtype
    wide = 3 if attrs.reset_after else 2
    inner = np.ascontiguousarray(recurrent[:, : wide * units], dtype=work)
    last = np.ascontiguousarray(recurrent[:, 2 * units :], dtype=work)
    added = None if inner_bias is None else inner_bias.astype(work, copy=False)
    one = work.type(1)

    def step(z: Array, states: Sequence[Array]) -> list[Array]:
        h = states[0]
        product = np.matmul(h, inner)
        if added is not None:
            product += added
        gates, candidate = z[:, : 2 * units], z[:, 2 * units :]
        gates += product[:, : 2 * units]
        activate_gates(gates, 2, attrs.recurrent_activation, attrs.recurrent_activation_args)
        update, reset = gates[:, :units], gates[:, units:]
        candidate += reset * product[:, 2 * units :] if attrs.reset_after else np.matmul(reset * h, last)
        activate_gate(candidate, attrs.activation, attrs.activation_args)
        fresh = update * h
        fresh += (one - update) * candidate
        return [fresh]

    return run_steps(arrays, projected, attrs, 1, step)


OP = Op(GruAttrs, infer_gru, run_gru, macs_recurrence)
