"""activation: one elementwise (or last-axis) function applied to a tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.erf import erfc_positive
from kmin.ops.softmax import log_softmax_along, softmax_along, sparsemax_last
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class ActivationAttrs:
    """kind: key of ACTIVATIONS; args: its numeric parameters, in the function's order."""

    kind: str
    args: tuple[float, ...] = ()


def act_linear(x: Array) -> Array:
    """x"""
    return x


def act_relu(x: Array) -> Array:
    """max(x, 0)"""
    return np.maximum(x, x.dtype.type(0))


def act_relu6(x: Array) -> Array:
    """min(max(x, 0), 6)"""
    return np.clip(x, x.dtype.type(0), x.dtype.type(6))


def act_leaky_relu(x: Array, slope: float) -> Array:
    """x, below zero slope * x"""
    return np.where(x > 0, x, x * x.dtype.type(slope))


def act_shifted_relu(x: Array, slope: float, threshold: float) -> Array:
    """x above threshold, else slope * (x - threshold)"""
    shift = x.dtype.type(threshold)
    below = (x - shift) * x.dtype.type(slope) if slope != 0 else x.dtype.type(0)
    return np.where(x > shift, x, below)


def act_bounded_relu(x: Array, slope: float, threshold: float, largest: float) -> Array:
    """shifted_relu whose upper part is at most `largest` (>= 0)"""
    shift = x.dtype.type(threshold)
    below = (x - shift) * x.dtype.type(slope) if slope != 0 else x.dtype.type(0)
    return np.where(x > shift, np.clip(x, x.dtype.type(0), x.dtype.type(largest)), below)


def act_elu(x: Array, alpha: float) -> Array:
    """x, below zero alpha * (exp(x) - 1)"""
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, x.dtype.type(0))))


def act_celu(x: Array, alpha: float) -> Array:
    """x, below zero alpha * (exp(x / alpha) - 1)"""
    scale = x.dtype.type(alpha)
    return np.maximum(x, x.dtype.type(0)) + scale * np.expm1(np.minimum(x, x.dtype.type(0)) / scale)


def act_selu(x: Array) -> Array:
    """1.0507... * elu(x, 1.6732...): Klambauer et al., 2017, arXiv:1706.02515"""
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    return x.dtype.type(scale) * act_elu(x, alpha)


def act_sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)); far below zero exp overflows to inf and the result is rightly 0"""
    return 1 / (1 + np.exp(-x))


def act_log_sigmoid(x: Array) -> Array:
    """log(sigmoid(x)) = -softplus(-x)"""
    return -act_softplus(-x)


def act_hard_sigmoid(x: Array, slope: float, offset: float) -> Array:
    """slope * x + offset within [0, 1]; Keras 3 means (1/6, 0.5), Keras 1 and 2 mean (0.2, 0.5)"""
    return np.clip(x * x.dtype.type(slope) + x.dtype.type(offset), x.dtype.type(0), x.dtype.type(1))


def act_sparse_sigmoid(x: Array) -> Array:
    """(x + 1) / 2 within [0, 1]"""
    return np.clip((x + 1) * x.dtype.type(0.5), x.dtype.type(0), x.dtype.type(1))


def act_silu(x: Array) -> Array:
    """x * sigmoid(x)"""
    return x / (1 + np.exp(-x))


def act_hard_silu(x: Array) -> Array:
    """x * hard_sigmoid(x) in Keras 3's meaning"""
    return x * (act_relu6(x + 3) / x.dtype.type(6))


def act_tanh(x: Array) -> Array:
    """tanh(x)"""
    return np.tanh(x)


def act_hard_tanh(x: Array) -> Array:
    """x within [-1, 1]"""
    return np.clip(x, x.dtype.type(-1), x.dtype.type(1))


def act_tanh_shrink(x: Array) -> Array:
    """x - tanh(x)"""
    return x - np.tanh(x)


def act_hard_shrink(x: Array, threshold: float) -> Array:
    """x where |x| > threshold, else 0"""
    return np.where(np.abs(x) > x.dtype.type(threshold), x, x.dtype.type(0))


def act_soft_shrink(x: Array, threshold: float) -> Array:
    """x moved towards zero by threshold, 0 within it"""
    shift = x.dtype.type(threshold)
    return np.where(x > shift, x - shift, np.where(x < -shift, x + shift, x.dtype.type(0)))


def act_threshold(x: Array, threshold: float, default: float) -> Array:
    """x where x > threshold, else default"""
    return np.where(x > x.dtype.type(threshold), x, x.dtype.type(default))


def act_softplus(x: Array) -> Array:
    """log(1 + exp(x)) without overflow"""
    return np.maximum(x, x.dtype.type(0)) + np.log1p(np.exp(-np.abs(x)))


def act_sparse_plus(x: Array) -> Array:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x"""
    return np.where(x <= -1, x.dtype.type(0), np.where(x < 1, np.square(x + 1) * x.dtype.type(0.25), x))


def act_squareplus(x: Array, b: float) -> Array:
    """(x + sqrt(x^2 + b)) / 2"""
    return (x + np.sqrt(x * x + x.dtype.type(b))) / x.dtype.type(2)


def act_softsign(x: Array) -> Array:
    """x / (1 + |x|)"""
    return x / (1 + np.abs(x))


def act_mish(x: Array) -> Array:
    """x * tanh(softplus(x))"""
    return x * np.tanh(act_softplus(x))


def act_exponential(x: Array) -> Array:
    """exp(x)"""
    return np.exp(x)


def act_gelu(x: Array) -> Array:
    """x * P(X <= x) for a normal X, by erfc, so that small tails keep their digits"""
    tail = erfc_positive(np.abs(x) * x.dtype.type(0.70710678118654752440)) * x.dtype.type(0.5)
    return x * np.where(x > 0, 1 - tail, tail)


def act_gelu_tanh(x: Array) -> Array:
    """gelu by tanh: Hendrycks et al., 2016, arXiv:1606.08415"""
    inner = x.dtype.type(0.79788456080286535588) * (x + x.dtype.type(0.044715) * (x * x * x))
    return x.dtype.type(0.5) * x * (1 + np.tanh(inner))


def act_softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x)) over the last axis"""
    return softmax_along(x, (-1,))


def act_log_softmax(x: Array) -> Array:
    """log(softmax(x)) over the last axis"""
    return log_softmax_along(x, (-1,))


def act_sparsemax(x: Array) -> Array:
    """sparsemax over the last axis, as Keras 3.15 computes it"""
    return sparsemax_last(x)


ACTIVATIONS: dict[str, Callable[..., Array]] = {
    "bounded_relu": act_bounded_relu,
    "celu": act_celu,
    "elu": act_elu,
    "exponential": act_exponential,
    "gelu": act_gelu,
    "gelu_tanh": act_gelu_tanh,
    "hard_shrink": act_hard_shrink,
    "hard_sigmoid": act_hard_sigmoid,
    "hard_silu": act_hard_silu,
    "hard_tanh": act_hard_tanh,
    "leaky_relu": act_leaky_relu,
    "linear": act_linear,
    "log_sigmoid": act_log_sigmoid,
    "log_softmax": act_log_softmax,
    "mish": act_mish,
    "relu": act_relu,
    "relu6": act_relu6,
    "selu": act_selu,
    "shifted_relu": act_shifted_relu,
    "sigmoid": act_sigmoid,
    "silu": act_silu,
    "soft_shrink": act_soft_shrink,
    "softmax": act_softmax,
    "softplus": act_softplus,
    "softsign": act_softsign,
    "sparse_plus": act_sparse_plus,
    "sparse_sigmoid": act_sparse_sigmoid,
    "sparsemax": act_sparsemax,
    "squareplus": act_squareplus,
    "tanh": act_tanh,
    "tanh_shrink": act_tanh_shrink,
    "threshold": act_threshold,
}
# Kinds that mix the values of the last axis; all others work on each value alone.
LAST_AXIS_ACTIVATIONS = ("log_softmax", "softmax", "sparsemax")


def apply_activation(x: Array, kind: str, args: tuple[float, ...] = ()) -> Array:
    """`x` through the named function; same shape and dtype. Half floats are computed in float32."""
    if kind == "linear":
        return x
    with np.errstate(all="ignore"):
        wide = x.astype(np.float32) if x.dtype == np.float16 else x
        return np.asarray(ACTIVATIONS[kind](wide, *args)).astype(x.dtype, copy=False)


def infer_activation(specs: Specs, attrs: ActivationAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if attrs.kind not in ACTIVATIONS:
        raise InputError(f"activation '{attrs.kind}' does not exist")
    if attrs.kind not in ("linear", "relu", "relu6") and not x.dtype.startswith("float"):
        raise InputError(f"activation '{attrs.kind}' needs a floating input; received {x}")
    if attrs.kind in LAST_AXIS_ACTIVATIONS and x.rank < 2:
        raise InputError(f"activation '{attrs.kind}' needs an axis besides the batch; received {x}")
    return (x,)


def run_activation(arrays: Arrays, attrs: ActivationAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    return (apply_activation(x, attrs.kind, attrs.args),)


OP = Op(ActivationAttrs, infer_activation, run_activation)
