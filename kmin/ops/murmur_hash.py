"""TensorFlow's older 64-bit hash of texts, of the family of MurmurHash (Hash64 in hash.cc of TensorFlow 2.15)."""

from __future__ import annotations

import numpy as np

from kmin.ops.farm_hash import fetch64, shift_mix, word64
from kmin.ops.tensor import Array

MURMUR_FACTOR = 0xC6A4A7935BD1E995
MURMUR_SEED = 0xDECAFCAFFE


def murmur_hashes(text: Array) -> Array:
    """Bytes [N, length] -> uint64 [N]."""
    rows, size = text.shape
    factor = word64(MURMUR_FACTOR)
    result = np.repeat(word64(MURMUR_SEED) ^ (word64(size) * factor), rows)
    for at in range(0, size - 7, 8):
        result = (result ^ (shift_mix(fetch64(text, at) * factor) * factor)) * factor
    rest = size % 8
    if rest:
        tail = np.zeros((rows, 8), np.uint8)
        tail[:, :rest] = text[:, size - rest :]
        result = (result ^ fetch64(tail, 0)) * factor
    return shift_mix(shift_mix(result) * factor)
