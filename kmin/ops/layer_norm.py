"""layer_norm: normalisation of each sample over some of its own axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class LayerNormAttrs:
    """How to normalise.

    Attributes:
        axes: positive, increasing; what mean and variance are taken over, and what gamma and beta span.
        epsilon: added to the variance.
        center: whether the mean is subtracted. False divides by the standard deviation alone (Keras 3's
            deprecated `rms_scaling`, which is not a root mean square).
    """

    axes: tuple[int, ...]
    epsilon: float
    center: bool = True


def infer_layer_norm(specs: Specs, attrs: LayerNormAttrs) -> tuple[TensorSpec, ...]:
    x = specs[0]
    if (
        not attrs.axes
        or list(attrs.axes) != sorted(set(attrs.axes))
        or not 0 < attrs.axes[0] <= attrs.axes[-1] < x.rank
    ):
        raise InputError(f"layer_norm needs increasing axes of {x} other than the batch; received {attrs.axes}")
    sizes = [x.shape[axis] for axis in attrs.axes]
    wanted = None if None in sizes else int(np.prod(sizes))
    for spec in specs[1:]:
        if spec is not None and wanted is not None and int(np.prod(spec.shape)) != wanted:
            raise InputError(f"layer_norm of {x} over axes {attrs.axes} needs {wanted} weights; received {spec}")
    return (x,)


def run_layer_norm(arrays: Arrays, attrs: LayerNormAttrs) -> tuple[Array, ...]:
    """x, gamma | None, beta | None (one value per position of the normalised axes, row-major) -> like x."""
    x, gamma, beta = arrays
    work = x.astype(np.float32) if x.dtype == np.float16 else x
    shape = [size if axis in attrs.axes else 1 for axis, size in enumerate(x.shape)]
    centred = work - np.mean(work, axis=attrs.axes, keepdims=True)
    variance = np.mean(np.square(centred), axis=attrs.axes, keepdims=True)
    y = centred if attrs.center else work
    y = y / np.sqrt(variance + work.dtype.type(attrs.epsilon))
    if gamma is not None:
        y *= gamma.astype(work.dtype, copy=False).reshape(shape)
    if beta is not None:
        y += beta.astype(work.dtype, copy=False).reshape(shape)
    return (y.astype(x.dtype, copy=False),)


def macs_layer_norm(specs: Specs, outputs: Specs, attrs: LayerNormAttrs) -> int | None:
    size = sample_size(specs[0])
    return None if size is None else 2 * size  # once for the variance, once for the scale


OP = Op(LayerNormAttrs, infer_layer_norm, run_layer_norm, macs_layer_norm)
