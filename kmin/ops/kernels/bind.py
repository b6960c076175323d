"""BINDERS: op name -> how its compiled kernels are bound to shapes, weights and attributes.

An op without a row, and a case that its binder declines (another dtype, a size known only at run time, a function no
kernel knows), runs on NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kmin.ops.activation import ActivationAttrs
from kmin.ops.binary import BinaryAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.kernels.bind_conv_lstm import bind_conv_lstm
from kmin.ops.kernels.bind_lookup import bind_cast, bind_gather, bind_not_equal
from kmin.ops.kernels.bind_merge import bind_batch_norm, bind_binary, bind_concat, bind_reduce
from kmin.ops.kernels.bind_move import bind_repeat, bind_slice, bind_transpose
from kmin.ops.kernels.bind_norm import bind_group_norm, bind_l2_normalize, bind_layer_norm, bind_rms_norm
from kmin.ops.kernels.bind_product import bind_batch_dot, bind_einsum, bind_matmul
from kmin.ops.kernels.bind_recurrent import bind_gru, bind_lstm, bind_simple_rnn
from kmin.ops.kernels.bind_resample import (
    bind_adaptive_pool,
    bind_crop,
    bind_resize,
    bind_resize_image,
    bind_reverse,
    bind_roll,
    bind_upsample,
)
from kmin.ops.kernels.bind_strassen import Rows, pays, strassen
from kmin.ops.kernels.bind_transposed import bind_conv_transpose
from kmin.ops.kernels.bind_unary import bind_unary
from kmin.ops.kernels.bind_window import bind_avg_pool, bind_conv, bind_depthwise_conv, bind_max_pool, bind_pad
from kmin.ops.kernels.bound import (
    FUNCTIONS,
    NANOSECONDS_PER_FUNCTION,
    NANOSECONDS_PER_MAC,
    NANOSECONDS_PER_WEIGHT,
    Binder,
    Bound,
    Constants,
    Specs,
    after_of,
    sample_size,
    served_size,
)
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.softmax import SoftmaxAttrs
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Tier


# Dtypes that native calls keep in their workspace.
RESHAPED = ("bool", "float32", "int32", "int64")


def bind_activation(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ActivationAttrs
) -> Bound | None:
    size = served_size(inputs[0])
    if size is None or constants[0] is not None:
        return None
    if attrs.kind == "linear":
        return Bound((), True, 0.0)
    if attrs.kind in ("softmax", "log_softmax"):
        return bind_softmax_last(tier, output, attrs.kind == "log_softmax")
    if attrs.kind not in FUNCTIONS:
        return None
    function, arguments = FUNCTIONS[attrs.kind]
    kernel = tier.elementwise(function, arguments(*attrs.args), size, inputs[0].shape[-1] if inputs[0] else None)
    return Bound((kernel,), True, size * NANOSECONDS_PER_FUNCTION)


def bind_softmax_last(tier: Tier, output: TensorSpec, logarithm: bool) -> Bound | None:
    """Softmax, or its logarithm, over the last axis."""
    size, last = served_size(output), output.shape[-1]
    if size is None or last is None or output.rank < 2:
        return None
    return Bound((tier.softmax(last, size // last, logarithm),), True, size * 2 * NANOSECONDS_PER_FUNCTION)


def bind_softmax(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: SoftmaxAttrs
) -> Bound | None:
    if constants[0] is not None or attrs.axes not in ((-1,), (output.rank - 1,)):
        return None
    return bind_softmax_last(tier, output, logarithm=False)


def bind_dense(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: DenseAttrs) -> Bound | None:
    (x, *_), (data, kernel, bias, *others) = inputs, constants
    size, outputs = served_size(x), served_size(output)
    if x is None or size is None or outputs is None or data is not None or x.rank < 2:
        return None
    if kernel is None or kernel.dtype != np.float32 or (bias is None) != (inputs[2] is None):
        return None  # weights that are computed
    rows = size // kernel.shape[0]
    after = after_of(attrs.activation, attrs.activation_args)
    if after is None:
        return None
    if pays(rows, kernel, tier.lanes):
        places = Rows(rows, rows, 0, kernel.shape[0], size)
        bound = strassen(tier, kernel, bias, places, after, bool(others))
    else:
        bound = tier.dense(kernel, bias, rows, *after, residual=bool(others))
    per_mac = NANOSECONDS_PER_WEIGHT if rows == 1 else NANOSECONDS_PER_MAC
    cost = size * kernel.shape[1] * per_mac + after.nanoseconds(outputs)
    return Bound((bound,), False, cost, (0, 3) if others else (0,))


def bind_reshape(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ReshapeAttrs
) -> Bound | None:
    x = inputs[0]
    size = None if x is None or x.dtype not in RESHAPED else sample_size(x)
    if not size or size != sample_size(output) or constants[0] is not None or any(inputs[1:]):
        return None
    return Bound((), True, 0.0)


def bind_pair(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: BinaryAttrs) -> Bound | None:
    bind = bind_not_equal if attrs.kind == "not_equal" else bind_binary
    return bind(tier, inputs, constants, output, attrs)


def then_softmax(bind: Binder) -> Binder:
    """`bind`, and where the activation is a softmax, plain results that are turned into it in place."""

    def bind_both(tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: Any) -> Bound | None:
        if attrs.activation not in ("softmax", "log_softmax"):
            return bind(tier, inputs, constants, output, attrs)
        plain = bind(tier, inputs, constants, output, replace(attrs, activation="linear", activation_args=()))
        softmax = bind_softmax_last(tier, output, attrs.activation == "log_softmax")
        if plain is None or softmax is None:
            return None
        cost = plain.nanoseconds + softmax.nanoseconds
        return plain._replace(kernels=plain.kernels + softmax.kernels, nanoseconds=cost)

    return bind_both


BINDERS: dict[str, Binder] = {
    "activation": bind_activation,
    "adaptive_pool": bind_adaptive_pool,
    "avg_pool": bind_avg_pool,
    "batch_dot": bind_batch_dot,
    "batch_norm": bind_batch_norm,
    "binary": bind_pair,
    "cast": bind_cast,
    "concat": bind_concat,
    "conv": then_softmax(bind_conv),
    "conv_lstm": bind_conv_lstm,
    "conv_transpose": then_softmax(bind_conv_transpose),
    "crop": bind_crop,
    "dense": then_softmax(bind_dense),
    "depthwise_conv": then_softmax(bind_depthwise_conv),
    "einsum": bind_einsum,
    "gather": bind_gather,
    "group_norm": bind_group_norm,
    "gru": bind_gru,
    "l2_normalize": bind_l2_normalize,
    "layer_norm": bind_layer_norm,
    "lstm": bind_lstm,
    "matmul": bind_matmul,
    "max_pool": bind_max_pool,
    "pad": bind_pad,
    "reduce": bind_reduce,
    "repeat": bind_repeat,
    "reshape": bind_reshape,
    "resize": bind_resize,
    "resize_image": bind_resize_image,
    "reverse": bind_reverse,
    "rms_norm": bind_rms_norm,
    "roll": bind_roll,
    "simple_rnn": bind_simple_rnn,
    "slice": bind_slice,
    "softmax": bind_softmax,
    "transpose": bind_transpose,
    "unary": bind_unary,
    "upsample": bind_upsample,
}


def bind_arrays(
    op: str, tier: Tier, arrays: Sequence[Array | None], attrs: Any, data: int = 1
) -> tuple[Bound | None, tuple[int, ...]]:
    """One op bound to batched `arrays` (the first `data` are data, the others constants), and its result's shape."""
    from kmin.ops import OPS

    specs = [None if a is None else TensorSpec(a.shape, a.dtype.name) for a in arrays]
    specs[:data] = [TensorSpec((None, *a.shape[1:]), a.dtype.name) for a in arrays[:data] if a is not None]
    output, *_ = OPS[op].infer(specs, attrs)
    bound = BINDERS[op](tier, specs, [None] * data + list(arrays[data:]), output, attrs)
    rows = next((len(array) for array in arrays if array is not None), 0)
    return bound, (rows, *(size or 0 for size in output.shape[1:]))


def run_bound(op: str, tier: Tier, arrays: Sequence[Array | None], attrs: Any, data: int = 1) -> Array | None:
    """One op on batched `arrays` by the tier's kernels, weights packed for this call alone; None when it is not served.

    For tests and comparisons: a plan binds once and runs often.
    """
    bound, shape = bind_arrays(op, tier, arrays, attrs, data)
    if bound is None:
        return None
    y = np.empty(shape, np.float32)
    sources = [array for array in (arrays[at] for at in bound.reads) if array is not None]
    for kernel in bound.kernels:
        kernel(*sources, y)
        sources = [y]
    return y if bound.kernels else sources[0].reshape(shape)
