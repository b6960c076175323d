"""How LSTM layers over images are bound to a kernel that runs those of their two convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kmin.ops.conv import ConvAttrs
from kmin.ops.conv_lstm import ConvLstmAttrs
from kmin.ops.kernels.bind_window import bind_conv
from kmin.ops.kernels.bound import FUNCTIONS, NANOSECONDS_PER_FUNCTION, Bound, Constants, Specs, served_size
from kmin.ops.tensor import TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier

FUNCTIONS_PER_UNIT = 5


def bind_conv_lstm(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ConvLstmAttrs
) -> Bound | None:
    from kmin.ops.kernels import _conv_lstm

    inputs, constants = [*inputs, None, None], [*constants, None, None]  # states may be left out
    x, mask, kernel, recurrent, bias = inputs[0], inputs[4], *constants[1:4]
    if x is None or served_size(x) is None or served_size(output) is None or constants[0] is not None:
        return None
    chosen = [FUNCTIONS.get(kind) for kind in (attrs.activation, attrs.recurrent_activation)]
    if chosen[0] is None or chosen[1] is None:
        return None
    activation = (chosen[0][0], chosen[0][1](*attrs.activation_args))
    gate = (chosen[1][0], chosen[1][1](*attrs.recurrent_activation_args))
    if kernel is None or recurrent is None or (bias is None) != (inputs[3] is None):
        return None  # weights that are computed
    if any(array is not None and array.dtype != np.float32 for array in (kernel, recurrent, bias)):
        return None
    if not np.isfinite(recurrent).all():
        return None  # states of zero are not multiplied
    steps = x.shape[1] or 0
    if mask is not None and (mask.dtype != "bool" or constants[4] is not None or mask.shape != (None, steps)):
        return None
    filters, spatial = recurrent.shape[-2], len(attrs.strides)
    state = TensorSpec((None, *output.shape[-spatial - 1 :]), x.dtype)
    given = [at for at in (5, 6) if inputs[at] is not None]
    if any(constants[at] is not None or served_size(inputs[at]) != served_size(state) for at in given):
        return None
    image, ones = TensorSpec((None, *x.shape[2:]), x.dtype), (1,) * spatial
    gates = TensorSpec((*state.shape[:-1], 4 * filters), x.dtype)
    outer, inner = ConvAttrs(attrs.strides, attrs.dilation, attrs.padding), ConvAttrs(ones, ones, "same")
    project = bind_conv(tier, [image, inputs[1], inputs[3]], [None, kernel, bias], gates, outer)
    recur = bind_conv(tier, [state, inputs[2], None, gates], [None, recurrent, None, None], gates, inner)
    if project is None or recur is None:
        return None
    parts, order = (project.kernels[0], recur.kernels[0]), (attrs.go_backwards, attrs.return_sequences)
    begin = [at in given for at in (5, 6)]
    made = _conv_lstm.conv_lstm(tier, *parts, steps, filters, activation, gate, mask is not None, begin, *order)
    functions = (served_size(state) or 0) * FUNCTIONS_PER_UNIT * NANOSECONDS_PER_FUNCTION
    cost = steps * (project.nanoseconds + recur.nanoseconds + functions)
    reads = (0, *(() if mask is None else (4,)), *given)
    return Bound((made,), False, cost, reads, image=True)
