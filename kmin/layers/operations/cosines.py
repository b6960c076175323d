"""Cosine transforms over the last axis (TensorFlow's signal.dct and idct)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, integers, is_float, tensor_of
from kmin.layers.operations.products import contract


def _waves(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any) -> tuple[Tensor, Array]:
    value = tensor_of(call, x)
    size = value.shape[-1]
    if kind != 2 or n is not None or norm not in (None, "ortho") or integers(call, axis, "axis") != (-1,):
        raise call.fail(f"only type 2 over the whole last axis is supported; received type {kind!r:.40}, n {n!r:.40}")
    if size is None or not is_float(value.dtype):
        raise call.fail(f"needs floats of a known number; received {value.spec}")
    waves: Array = 2 * np.cos(np.pi / size * (np.arange(size)[:, None] + 0.5) * np.arange(size))
    if norm is not None:
        waves = waves * np.sqrt(np.where(np.arange(size) == 0, 0.25, 0.5) / size)
    return value, waves


def _mixed(call: LayerCall, x: Tensor, matrix: Array) -> Tensor:
    return contract(call, x, call.constant("waves", matrix.astype(x.dtype)), [x.rank - 1], [0])


def cosine_transform(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any) -> Tensor:
    """signal.dct of type 2."""
    return _mixed(call, *_waves(call, x, kind, n, axis, norm))


def inverse(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any) -> Tensor:
    """signal.idct of type 2, which counts the first wave once where the transform is not orthonormal."""
    value, waves = _waves(call, x, kind, n, axis, norm)
    if norm is None:
        waves = waves * np.where(np.arange(len(waves)) == 0, 0.5, 1)
    return _mixed(call, value, waves.T)


def cepstrum(call: LayerCall, x: Any) -> Tensor:
    """signal.mfccs_from_log_mel_spectrograms: the transform as HTK scales it."""
    value, waves = _waves(call, x, 2, None, -1, None)
    return binary(call, _mixed(call, value, waves), float(1 / np.sqrt(2 * len(waves))), "multiply")
