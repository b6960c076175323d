"""softmax: exponentials that sum to one along any axes, and its relatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class SoftmaxAttrs:
    """axes: the axes that sum to one together; may be negative."""

    axes: tuple[int, ...]


def softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """exp(x - max) / sum(exp(x - max)) along `axes`; an infinite maximum gives nan, as in TensorFlow."""
    y = np.exp(x - np.max(x, axis=axes, keepdims=True, initial=-np.inf))
    y /= np.sum(y, axis=axes, keepdims=True)
    return y


def log_softmax_along(x: Array, axes: tuple[int, ...]) -> Array:
    """The logarithm of softmax, without ever taking the logarithm of a rounded 0."""
    shifted = x - np.max(x, axis=axes, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axes, keepdims=True))


def sparsemax_last(x: Array) -> Array:
    """max(x - tau, 0) over the last axis (Martins and Astudillo, 2016), with the threshold of Keras 3.15.

    Keras sums the running sums of the whole support, where the paper takes only the last one; the result is
    what models trained with Keras saw, so it is kept.
    """
    ordered = -np.sort(-x, axis=-1)
    sums = np.cumsum(ordered, axis=-1, dtype=x.dtype)
    ranks = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    support = ordered - (sums - 1) / ranks > 0
    count = np.sum(support, axis=-1, keepdims=True, dtype=x.dtype)
    tau = (np.sum(np.where(support, sums, x.dtype.type(0)), axis=-1, keepdims=True) - 1) / count
    return np.maximum(x - tau, x.dtype.type(0))


def infer_softmax(specs: Specs, attrs: SoftmaxAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not attrs.axes or any(not -x.rank <= axis < x.rank for axis in attrs.axes):
        raise InputError(f"softmax needs axes of {x}; received {attrs.axes}")
    if not x.dtype.startswith("float"):
        raise InputError(f"softmax needs a floating input; received {x}")
    return (x,)


def run_softmax(arrays: Arrays, attrs: SoftmaxAttrs) -> tuple[Array, ...]:
    """x -> same shape and dtype."""
    (x,) = arrays
    with np.errstate(all="ignore"):
        wide = x.astype(np.float32) if x.dtype == np.float16 else x
        return (softmax_along(wide, attrs.axes).astype(x.dtype, copy=False),)


OP = Op(SoftmaxAttrs, infer_softmax, run_softmax)
