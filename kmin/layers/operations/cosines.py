"""Cosine transforms over the last axis (TensorFlow's signal.dct, idct, mdct and inverse_mdct)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmin.formats.spec import Array
from kmin.layers.call import LayerCall, Tensor
from kmin.layers.operations.arguments import binary, integer, integers, is_float, tensor_of
from kmin.layers.operations.complex_numbers import overlapped
from kmin.layers.operations.products import contract
from kmin.layers.operations.shaping import pad
from kmin.layers.operations.signal_windows import window_named
from kmin.layers.operations.windowed import framed

# The transform that undoes each type, but for a factor.
_INVERSES = {1: 1, 2: 3, 3: 2, 4: 4}


def _waves(kind: int, size: int, ortho: bool) -> Array:
    """Values (rows) to waves (columns)."""
    at = np.arange(size)
    if kind == 1:
        waves = 2 * np.cos(np.pi / (size - 1) * at[:, None] * at)
        return np.asarray(waves * np.where((at == 0) | (at == size - 1), 0.5, 1)[:, None])
    first = at + (0.0 if kind == 3 else 0.5)
    waves = 2 * np.cos(np.pi / size * first[:, None] * (at + (0.0 if kind == 2 else 0.5)))
    if not ortho:
        return np.asarray(waves * np.where(at == 0, 0.5, 1)[:, None] if kind == 3 else waves)
    once = np.sqrt(np.where(at == 0, 0.25 if kind != 4 else 0.5, 0.5) / size)
    return np.asarray(waves * (once[:, None] if kind == 3 else once))


def _settled(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any, inverse: bool) -> tuple[Tensor, Array]:
    value = tensor_of(call, x)
    size = value.shape[-1]
    if kind not in _INVERSES or norm not in (None, "ortho") or integers(call, axis, "axis") != (-1,):
        raise call.fail(f"needs type 1 to 4 over the last axis; received type {kind!r:.40}, norm {norm!r:.40}")
    if size is None or not is_float(value.dtype):
        raise call.fail(f"needs floats of a known number; received {value.spec}")
    count = size if n is None else integer(call, n, "n")
    if count < (2 if kind == 1 else 1) or (kind == 1 and norm is not None):
        raise call.fail(f"needs values, and type 1 two of them and no norm; received {count} and {norm!r:.40}")
    waves = _waves(_INVERSES[kind] if inverse else kind, count, norm is not None)
    matrix = np.zeros((size, count))
    matrix[:count] = waves[:size]
    return value, matrix


def _mixed(call: LayerCall, x: Tensor, matrix: Array) -> Tensor:
    return contract(call, x, call.constant("waves", matrix.astype(x.dtype)), [x.rank - 1], [0])


def cosine_transform(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any) -> Tensor:
    """signal.dct."""
    return _mixed(call, *_settled(call, x, kind, n, axis, norm, False))


def inverse(call: LayerCall, x: Any, kind: Any, n: Any, axis: Any, norm: Any) -> Tensor:
    """signal.idct, which leaves the factor of transforms that are not orthonormal."""
    return _mixed(call, *_settled(call, x, kind, n, axis, norm, True))


def cepstrum(call: LayerCall, x: Any) -> Tensor:
    """signal.mfccs_from_log_mel_spectrograms: the transform as HTK scales it."""
    value, waves = _settled(call, x, 2, None, -1, None, False)
    return binary(call, _mixed(call, value, waves), float(1 / np.sqrt(2 * len(waves))), "multiply")


def lapped(call: LayerCall, x: Any, length: Any, window: Any, padded: Any, norm: Any) -> Tensor:
    """signal.mdct: frames that overlap by half, folded and transformed."""
    value, size = tensor_of(call, x), integer(call, length, "frame_length")
    total = value.shape[-1]
    if total is None or not is_float(value.dtype) or size < 4 or size % 4 or norm not in (None, "ortho"):
        raise call.fail(f"needs floats of a known number and frames of a multiple of 4; received {value.spec}, {size}")
    hop = size // 2
    call.mix_samples(value, (value.rank - 1,))
    if padded:
        more = max((-(-total // hop) - 1) * hop + size - total, 0)
        value = pad(call, value, [[0, 0]] * (value.rank - 1) + [[0, more]], "CONSTANT", 0)
    a, b, c, d = np.split(np.diag(window_named(call, window, size)), 4, axis=1)
    folded = np.concatenate([-c[:, ::-1] - d, a - b[:, ::-1]], axis=1)
    return _mixed(call, framed(call, value, value.rank - 1, size, hop), folded @ _waves(4, hop, norm is not None))


def unlapped(call: LayerCall, x: Any, window: Any, norm: Any) -> Tensor:
    """signal.inverse_mdct of a batch of frames."""
    value = tensor_of(call, x)
    half = value.shape[-1]
    if half is None or half % 2 or not is_float(value.dtype) or norm not in (None, "ortho"):
        raise call.fail(f"needs floats of a known even number; received {value.spec}")
    waves = _waves(4, half, norm is not None) * (1 if norm is not None else 0.5 / half)
    first, second = np.split(waves, 2, axis=1)
    frames = np.concatenate([second, -second[:, ::-1], -first[:, ::-1], -first], axis=1)
    return overlapped(call, _mixed(call, value, frames * window_named(call, window, 2 * half)), half)
