"""The time loop that simple_rnn, gru and lstm share: projections once, masks, order and outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.activation import LAST_AXIS_ACTIVATIONS, apply_activation
from kmin.ops.tensor import Array, Arrays, Specs, TensorSpec

# (projected inputs of one step [B, G], states) -> new states; the first state is the step's output.
RecurrentStep = Callable[[Array, Sequence[Array]], list[Array]]


@dataclass(frozen=True)
class RecurrenceAttrs:
    """What every recurrent op is told.

    Attributes:
        activation, activation_args: of the candidate state (kind and parameters).
        recurrent_activation, recurrent_activation_args: of the gates.
        go_backwards: steps run from the last to the first; y is in the order of the steps.
        return_sequences: y holds every step's output instead of the last one.
        zero_output_for_mask: the output of a masked step is 0 instead of the previous output.
    """

    activation: str = "tanh"
    activation_args: tuple[float, ...] = ()
    recurrent_activation: str = "sigmoid"
    recurrent_activation_args: tuple[float, ...] = ()
    go_backwards: bool = False
    return_sequences: bool = False
    zero_output_for_mask: bool = False


def infer_recurrence(specs: Specs, attrs: RecurrenceAttrs, gates: int, states: int) -> tuple[TensorSpec, ...]:
    """Specs of y and the final states for inputs (x, kernel, recurrent_kernel, bias, mask, states...)."""
    x, kernel, recurrent, _, mask = specs[:5]
    units = recurrent.shape[0]
    if x.rank != 3 or x.shape[2] not in (None, kernel.shape[0]) or not x.dtype.startswith("float"):
        raise InputError(f"a recurrent op needs floats of shape (batch, time, {kernel.shape[0]}); received {x}")
    if kernel.shape[1] != gates * units or recurrent.shape[1] != gates * units:
        raise InputError(f"kernels must be {gates} x {units} wide; received {kernel} and {recurrent}")
    steps = x.shape[1]
    if mask is not None and (mask.rank != 2 or (steps is not None and mask.shape[1] not in (None, steps))):
        time = "time" if steps is None else steps
        raise InputError(f"a recurrent op needs a mask of shape (batch, {time}); received {mask}")
    for state in specs[5:]:
        if state is not None and (state.rank != 2 or state.shape[1] not in (None, units)):
            raise InputError(f"an initial state must have shape (batch, {units}); received {state}")
    shape = (x.shape[0], x.shape[1], units) if attrs.return_sequences else (x.shape[0], units)
    return (TensorSpec(shape, x.dtype), *(TensorSpec((x.shape[0], units), x.dtype) for _ in range(states)))


def recurrence_dtype(x: Array) -> type[np.generic]:
    """The dtype the loop computes in: halves are widened, so that states do not lose bits at every step."""
    return np.float32 if x.dtype == np.float16 else x.dtype.type


def project_steps(x: Array, kernel: Array, bias: Array | None) -> Array:
    """x [B, T, F] times kernel [F, G] plus bias, time first and contiguous: [T, B, G]."""
    work = recurrence_dtype(x)
    steps = np.ascontiguousarray(np.swapaxes(x, 0, 1), dtype=work)
    projected = np.matmul(steps.reshape(-1, x.shape[2]), kernel.astype(work, copy=False))
    if bias is not None:
        projected += bias.astype(work, copy=False)
    return projected.reshape(x.shape[1], x.shape[0], kernel.shape[1])


def activate_gate(z: Array, kind: str, args: tuple[float, ...]) -> None:
    """`z` replaced by the named function of it; tanh and sigmoid need no other memory."""
    if kind == "tanh":
        np.tanh(z, out=z)
    elif kind == "sigmoid":
        half = z.dtype.type(0.5)
        z *= half
        np.tanh(z, out=z)
        z *= half
        z += half
    else:
        z[...] = apply_activation(z, kind, args)


def activate_gates(z: Array, count: int, kind: str, args: tuple[float, ...]) -> None:
    """`count` gates side by side, each replaced by the named function of it: at once where that looks at no other."""
    if kind in LAST_AXIS_ACTIVATIONS:
        for gate in np.split(z, count, axis=-1):
            activate_gate(gate, kind, args)
    else:
        activate_gate(z, kind, args)


def run_steps(
    arrays: Arrays, projected: Array, attrs: RecurrenceAttrs, states: int, step: RecurrentStep
) -> tuple[Array, ...]:
    """Runs `step` over the T steps of `projected`; returns y and the final states.

    A masked step keeps the states and repeats the previous output (zeros before the first unmasked step).
    Source: `rnn` in keras/src/backend/tensorflow/rnn.py, Keras 3.15; Keras 2.15 is the same.
    """
    x, recurrent, mask = arrays[0], arrays[2], arrays[4]
    steps, batch, units = len(projected), len(x), recurrent.shape[0]
    work = projected.dtype
    given = [None if state is None else state.astype(work, copy=False) for state in arrays[5 : 5 + states]]
    values = [np.zeros((batch, units), work) if state is None else state for state in given]
    output = np.zeros((batch, units), work)
    y = np.empty((batch, steps, units), x.dtype) if attrs.return_sequences else None
    skipped = None if mask is None else ~np.swapaxes(mask, 0, 1).astype(bool)[:, :, None]
    for k in range(steps):
        t = steps - 1 - k if attrs.go_backwards else k
        fresh = step(projected[t], values)
        if skipped is not None and skipped[t].any():
            previous = np.zeros_like(output) if attrs.zero_output_for_mask else output
            output = np.where(skipped[t], previous, fresh[0])
            fresh = [np.where(skipped[t], old, new) for old, new in zip(values, fresh, strict=True)]
        else:
            output = fresh[0]
        values = fresh
        if y is not None:
            y[:, k] = output
    result = output if y is None else y
    return (result.astype(x.dtype, copy=False), *(state.astype(x.dtype, copy=False) for state in values))


def macs_recurrence(specs: Specs, outputs: Specs, attrs: RecurrenceAttrs) -> int | None:
    x, kernel, recurrent = specs[:3]
    if x.shape[1] is None:
        return None
    return x.shape[1] * (kernel.shape[0] * kernel.shape[1] + recurrent.shape[0] * recurrent.shape[1])
