"""conv_lstm: LSTM over time whose projections are convolutions; gate order i, f, c, o as in Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.conv import ConvAttrs, conv_windows, run_conv
from kmin.ops.recurrence import activate_gate, activate_gates, recurrence_dtype
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec
from kmin.ops.window import windows_of


@dataclass(frozen=True)
class ConvLstmAttrs:
    """How to convolve and how to walk.

    Attributes:
        strides, dilation, padding: of the convolution of the input; that of the state has none, and padding `same`.
        activation, activation_args: of the candidate and of the output.
        recurrent_activation, recurrent_activation_args: of the gates.
        go_backwards: steps run from the last to the first; y is in the order of the steps.
        return_sequences: y holds every step's output instead of the last one.
        line: softmax and its like run along the last spatial axis, not over channels.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str = "valid"
    activation: str = "tanh"
    activation_args: tuple[float, ...] = ()
    recurrent_activation: str = "sigmoid"
    recurrent_activation_args: tuple[float, ...] = ()
    go_backwards: bool = False
    return_sequences: bool = False
    line: bool = False


def infer_conv_lstm(specs: Specs, attrs: ConvLstmAttrs) -> tuple[TensorSpec, ...]:
    x, kernel, recurrent, _, mask = specs[:5]
    rank = len(attrs.strides)
    filters = recurrent.shape[-2]
    if x.rank != rank + 3 or x.shape[-1] != kernel.shape[-2] or not x.dtype.startswith("float"):
        wanted = f"(batch, time, {rank} spatial axes, {kernel.shape[-2]})"
        raise InputError(f"conv_lstm needs floats of shape {wanted}; received {x}")
    if kernel.shape[-1] != 4 * filters or recurrent.shape[-1] != 4 * filters:
        raise InputError(f"conv_lstm needs kernels for 4 x {filters} filters; received {kernel} and {recurrent}")
    if mask is not None and mask.rank != 2:
        raise InputError(f"conv_lstm needs a mask of shape (batch, time); received {mask}")
    counts = windows_of(x.shape[2:-1], kernel.shape[:rank], attrs.strides, attrs.dilation, attrs.padding, "conv_lstm")
    state = (x.shape[0], *counts, filters)
    for spec in specs[5:]:
        if spec is not None and (spec.rank != len(state) or spec.shape[-1] not in (None, filters)):
            raise InputError(f"an initial state must have shape {state}; received {spec}")
    y = (x.shape[0], x.shape[1], *counts, filters) if attrs.return_sequences else state
    return (TensorSpec(y, x.dtype), TensorSpec(state, x.dtype), TensorSpec(state, x.dtype))


def run_conv_lstm(arrays: Arrays, attrs: ConvLstmAttrs) -> tuple[Array, ...]:
    """x [B, T, *spatial, C], kernel [*window, C, 4F], recurrent_kernel [*window, F, 4F], ... -> y, h, c.

    The others may be None: bias [4F], mask [B, T], h0 and c0 [B, *windows, F]. A masked
    step keeps the states and repeats the previous output (zeros before the first unmasked step). Source:
    ConvLSTMCell.call, Keras 3.15.
    """
    x, kernel, recurrent, bias, mask = arrays[:5]
    work = recurrence_dtype(x)
    rank, filters = len(attrs.strides), recurrent.shape[-2]
    steps = np.ascontiguousarray(np.swapaxes(x, 0, 1), dtype=work)
    weights = (kernel.astype(work, copy=False), None if bias is None else bias.astype(work, copy=False))
    (projected,) = run_conv((steps, *weights), ConvAttrs(attrs.strides, attrs.dilation, attrs.padding))
    inner = recurrent.astype(work, copy=False)
    around = ConvAttrs((1,) * rank, (1,) * rank, "same")
    shape = (x.shape[0], *projected.shape[2:-1], filters)
    h, c = (np.zeros(shape, work) if state is None else state.astype(work) for state in arrays[5:7])
    output = np.zeros(shape, work)
    y = np.empty((x.shape[0], x.shape[1], *shape[1:]), x.dtype) if attrs.return_sequences else None
    for k in range(len(projected)):
        t = len(projected) - 1 - k if attrs.go_backwards else k
        z = projected[t] + conv_windows(h, inner, shape[1:-1], around)
        activated = activate_along if attrs.line else activate_gates
        activated(z[..., : 2 * filters], 2, attrs.recurrent_activation, attrs.recurrent_activation_args)
        activated(z[..., 2 * filters : 3 * filters], 1, attrs.activation, attrs.activation_args)
        activated(z[..., 3 * filters :], 1, attrs.recurrent_activation, attrs.recurrent_activation_args)
        i, f, candidate, o = np.split(z, 4, axis=-1)
        fresh_c = f * c + i * candidate
        shown = fresh_c.copy()
        activated(shown, 1, attrs.activation, attrs.activation_args)
        fresh_h = o * shown
        if mask is None:
            output, h, c = fresh_h, fresh_h, fresh_c
        else:
            seen = mask[:, t].astype(bool).reshape(-1, *(1,) * (rank + 1))
            output, h, c = (
                np.where(seen, fresh, old) for fresh, old in ((fresh_h, output), (fresh_h, h), (fresh_c, c))
            )
        if y is not None:
            y[:, k] = output
    result = output if y is None else y
    return tuple(array.astype(x.dtype, copy=False) for array in (result, h, c))


def activate_along(z: Array, count: int, kind: str, args: tuple[float, ...]) -> None:
    """`count` gates side by side, each replaced by the named function of it along its last spatial axis."""
    lines = np.swapaxes(z, -1, -2).copy()
    activate_gate(lines, kind, args)
    z[...] = np.swapaxes(lines, -1, -2)


def macs_conv_lstm(specs: Specs, outputs: Specs, attrs: ConvLstmAttrs) -> int | None:
    x, kernel, recurrent = specs[:3]
    cells = (x.shape[1], *outputs[1].shape[1:-1])
    if None in cells:
        return None
    return math.prod(cells) * (math.prod(kernel.shape) + math.prod(recurrent.shape))


OP = Op(ConvLstmAttrs, infer_conv_lstm, run_conv_lstm, macs_conv_lstm)
