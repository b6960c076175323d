"""BINDERS: op name -> how its compiled kernels are bound to shapes, weights and attributes.

An op without a row, and a case that its binder declines (another dtype, a size known only at run time, a function no
kernel knows), runs on NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kmin.ops.activation import ActivationAttrs
from kmin.ops.dense import DenseAttrs
from kmin.ops.reshape import ReshapeAttrs
from kmin.ops.softmax import SoftmaxAttrs
from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier


class Bound(NamedTuple):
    """A node's compiled form.

    Attributes:
        kernels: the first reads the node's first input and writes its output, the others rewrite that in place.
            None at all: the output is the input's values under another shape.
        in_place: whether the first kernel may write over its input.
        nanoseconds: rough cost of one sample, for deciding about threads and locks.
    """

    kernels: tuple[Kernel, ...]
    in_place: bool
    nanoseconds: float


# Rough costs on a 2020s core.
NANOSECONDS_PER_MAC = 0.02
NANOSECONDS_PER_FUNCTION = 0.5

Specs = Sequence["TensorSpec | None"]
Constants = Sequence["Array | None"]
Binder = Callable[["Tier", Specs, Constants, TensorSpec, Any], "Bound | None"]

INFINITE = math.inf
# Activation kind -> (kernel function, its arguments from the activation's arguments).
FUNCTIONS: dict[str, tuple[str, Callable[..., tuple[float, ...]]]] = {
    "bounded_relu": ("relu", lambda slope, threshold, largest: (slope, threshold, 0.0, largest)),
    "celu": ("celu", lambda alpha: (alpha,)),
    "elu": ("elu", lambda alpha: (alpha,)),
    "exponential": ("exp", lambda: ()),
    "gelu": ("gelu", lambda: ()),
    "gelu_tanh": ("gelu_tanh", lambda: ()),
    "hard_shrink": ("hard_shrink", lambda threshold: (threshold,)),
    "hard_sigmoid": ("hard_sigmoid", lambda slope, offset: (slope, offset)),
    "hard_silu": ("hard_silu", lambda: ()),
    "hard_tanh": ("clip", lambda: (-1.0, 1.0)),
    "leaky_relu": ("leaky_relu", lambda slope: (slope,)),
    "linear": ("linear", lambda: ()),
    "log_sigmoid": ("log_sigmoid", lambda: ()),
    "mish": ("mish", lambda: ()),
    "relu": ("clip", lambda: (0.0, INFINITE)),
    "relu6": ("clip", lambda: (0.0, 6.0)),
    "selu": ("selu", lambda: (1.6732632423543772, 1.0507009873554805)),
    "shifted_relu": ("relu", lambda slope, threshold: (slope, threshold, -INFINITE, INFINITE)),
    "sigmoid": ("sigmoid", lambda: ()),
    "silu": ("silu", lambda: ()),
    "soft_shrink": ("soft_shrink", lambda threshold: (threshold,)),
    "softplus": ("softplus", lambda: ()),
    "softsign": ("softsign", lambda: ()),
    "sparse_plus": ("sparse_plus", lambda: ()),
    "sparse_sigmoid": ("sparse_sigmoid", lambda: ()),
    "squareplus": ("squareplus", lambda b: (b,)),
    "tanh": ("tanh", lambda: ()),
    "tanh_shrink": ("tanh_shrink", lambda: ()),
    "threshold": ("threshold", lambda threshold, default: (threshold, default)),
}


def sample_size(spec: TensorSpec) -> int | None:
    """Values in one sample of a batched tensor; None when it has no batch axis or another axis is unknown."""
    if spec.rank == 0 or spec.shape[0] is not None or None in spec.shape[1:]:
        return None
    return math.prod(size for size in spec.shape[1:] if size is not None)


def served_size(spec: TensorSpec | None) -> int | None:
    """`sample_size` when it is not zero and the kernels know the dtype."""
    return (sample_size(spec) or None) if spec is not None and spec.dtype == "float32" else None


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
    kernel = tier.elementwise(function, arguments(*attrs.args), size)
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
    (x, *_), (data, kernel, bias) = inputs, constants
    size, outputs = served_size(x), served_size(output)
    if x is None or size is None or outputs is None or data is not None or x.rank < 2:
        return None
    if kernel is None or kernel.dtype != np.float32 or (bias is None) != (inputs[2] is None):
        return None  # weights that are computed
    rows = size // kernel.shape[0]
    after: tuple[Kernel, ...] = ()
    low, high = -INFINITE, INFINITE
    function: str | None = None
    arguments: tuple[float, ...] = ()
    if attrs.activation in ("softmax", "log_softmax"):
        softmax = bind_softmax_last(tier, output, attrs.activation == "log_softmax")
        if softmax is None:
            return None
        after = softmax.kernels
    elif attrs.activation != "linear":
        if attrs.activation not in FUNCTIONS:
            return None
        function, make = FUNCTIONS[attrs.activation]
        arguments = make(*attrs.activation_args)
        if function == "clip":
            (low, high), function, arguments = arguments, None, ()
    bound = tier.dense(kernel, bias, rows, low, high, function, arguments)
    cost = size * kernel.shape[1] * NANOSECONDS_PER_MAC + (outputs * NANOSECONDS_PER_FUNCTION if function else 0.0)
    return Bound((bound, *after), False, cost)


def bind_reshape(
    tier: Tier, inputs: Specs, constants: Constants, output: TensorSpec, attrs: ReshapeAttrs
) -> Bound | None:
    x = inputs[0]
    size = served_size(x)
    if size is None or size != served_size(output) or constants[0] is not None or any(inputs[1:]):
        return None
    return Bound((), True, 0.0)


BINDERS: dict[str, Binder] = {
    "activation": bind_activation,
    "dense": bind_dense,
    "reshape": bind_reshape,
    "softmax": bind_softmax,
}


def run_bound(op: str, tier: Tier, arrays: Sequence[Array | None], attrs: Any) -> Array | None:
    """One op on batched `arrays` by the tier's kernels, weights packed for this call alone; None when it is not served.

    For tests and comparisons: a plan binds once and runs often. Only the first array is data, the others are constants.
    """
    from kmin.ops import OPS

    specs = [None if a is None else TensorSpec(a.shape, a.dtype.name) for a in arrays]
    x = arrays[0]
    if x is None:
        return None
    specs[0] = TensorSpec((None, *x.shape[1:]), x.dtype.name)
    (output,) = OPS[op].infer(specs, attrs)
    bound = BINDERS[op](tier, specs, [None, *arrays[1:]], output, attrs)
    if bound is None:
        return None
    y = np.empty((len(x), *(size or 0 for size in output.shape[1:])), np.float32)
    source = x
    for kernel in bound.kernels:
        kernel(source, y)
        source = y
    return y if bound.kernels else x.reshape(y.shape)
