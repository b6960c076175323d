"""activation: one elementwise (or last-axis) function applied to a tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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


ACTIVATIONS: dict[str, Callable[..., Array]] = {
    "linear": act_linear,
    "relu": act_relu,
}


def apply_activation(x: Array, kind: str, args: tuple[float, ...] = ()) -> Array:
    """`x` through the named function; same shape and dtype."""
    return ACTIVATIONS[kind](x, *args)


def infer_activation(specs: Specs, attrs: ActivationAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    return (x,)


def run_activation(arrays: Arrays, attrs: ActivationAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    return (apply_activation(x, attrs.kind, attrs.args),)


OP = Op(ActivationAttrs, infer_activation, run_activation)
