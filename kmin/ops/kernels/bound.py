"""Bound: a node's compiled form, and what binders of all ops read from specs and attributes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kmin.ops.tensor import Array, TensorSpec

if TYPE_CHECKING:
    from kmin.ops.kernels._tiers import Kernel, Tier


class Bound(NamedTuple):
    """A node's compiled form.

    Attributes:
        kernels: the first reads inputs of the node and writes its output, the others rewrite that in place.
            None at all: the output is the first input's values under another shape.
        in_place: whether the first kernel may write over the first array it reads.
        nanoseconds: rough cost of one sample, for deciding about threads and locks.
        reads: which of the node's inputs the first kernel reads, in its order.
        image: whether a sample is so large, or so much work, that samples are best taken one by one.
    """

    kernels: tuple[Kernel, ...]
    in_place: bool
    nanoseconds: float
    reads: tuple[int, ...] = (0,)
    image: bool = False


# Floats of a vector up to which it is short; kernels.h says what of.
SHORT_LANES = 8

# Rough costs on a 2020s core.
NANOSECONDS_PER_MAC = 0.02
NANOSECONDS_PER_WEIGHT = 0.04  # of a product of one row: reading them takes longer than the arithmetic
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


class After(NamedTuple):
    """What a kernel does to its results while they are in registers or near."""

    low: float = -INFINITE
    high: float = INFINITE
    function: str | None = None
    args: tuple[float, ...] = ()

    def nanoseconds(self, results: int) -> float:
        return results * NANOSECONDS_PER_FUNCTION if self.function is not None else 0.0


def after_of(kind: str, args: Sequence[float]) -> After | None:
    """The fused form of an activation; None when no kernel knows it."""
    if kind == "linear":
        return After()
    if kind not in FUNCTIONS:
        return None
    function, make = FUNCTIONS[kind]
    arguments = make(*args)
    if function == "clip":
        low, high = arguments
        return After(low, high)
    return After(function=function, args=arguments)


def constant_weights(inputs: Specs, constants: Constants) -> Array | None:
    """The float32 kernel of a layer whose weights are all constants and whose data is not."""
    data, kernel, bias, *_ = constants
    if data is not None or kernel is None or (bias is None) != (inputs[2] is None):
        return None
    return kernel if kernel.dtype == np.float32 else None
