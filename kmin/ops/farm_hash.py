"""FarmHash's 64-bit fingerprint and SipHash-2-4, of many strings of one length at a time.

Sources: farmhash.cc (namespace farmhashna) of google/farmhash; "SipHash" of Aumasson and Bernstein (2012).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kmin.ops.tensor import Array

FARM_K0 = 0xC3A5C85C97CB3127
FARM_K1 = 0xB492B66FBE98F273
FARM_K2 = 0x9AE16A3B2F90404F
WORD_MASK = (1 << 64) - 1


def word64(value: int) -> Array:
    """A 64-bit constant that wraps around as C's do."""
    return np.asarray([value & WORD_MASK], np.uint64)


def rotate_right(x: Array, bits: int) -> Array:
    return (x >> np.uint64(bits)) | (x << np.uint64(64 - bits))


def shift_mix(x: Array) -> Array:
    return x ^ (x >> np.uint64(47))


def fetch64(text: Array, at: int) -> Array:
    """Eight bytes of each row of `text` [N, length] as little-endian numbers [N]."""
    return np.ascontiguousarray(text[:, at : at + 8]).view("<u8")[:, 0]


def fetch32(text: Array, at: int) -> Array:
    return np.ascontiguousarray(text[:, at : at + 4]).view("<u4")[:, 0].astype(np.uint64)


def hash_len16(u: Array, v: Array, mul: Array) -> Array:
    a = shift_mix((u ^ v) * mul)
    return shift_mix((v ^ a) * mul) * mul


def hash_len0to16(text: Array) -> Array:
    rows, size = text.shape
    k2 = word64(FARM_K2)
    mul = word64(FARM_K2 + 2 * size)
    if size >= 8:
        a, b = fetch64(text, 0) + k2, fetch64(text, size - 8)
        return hash_len16(rotate_right(b, 37) * mul + a, (rotate_right(a, 25) + b) * mul, mul)
    if size >= 4:
        return hash_len16(word64(size) + (fetch32(text, 0) << np.uint64(3)), fetch32(text, size - 4), mul)
    if size:
        first, middle, last = (text[:, at].astype(np.uint64) for at in (0, size >> 1, size - 1))
        y, z = first + (middle << np.uint64(8)), word64(size) + (last << np.uint64(2))
        return shift_mix((y * k2) ^ (z * word64(FARM_K0))) * k2
    return np.repeat(k2, rows)


def hash_len17to32(text: Array) -> Array:
    size = text.shape[1]
    k2, mul = word64(FARM_K2), word64(FARM_K2 + 2 * size)
    a, b = fetch64(text, 0) * word64(FARM_K1), fetch64(text, 8)
    c, d = fetch64(text, size - 8) * mul, fetch64(text, size - 16) * k2
    mixed = rotate_right(a + b, 43) + rotate_right(c, 30) + d
    return hash_len16(mixed, a + rotate_right(b + k2, 18) + c, mul)


def hash_len33to64(text: Array) -> Array:
    size = text.shape[1]
    k2, mul = word64(FARM_K2), word64(FARM_K2 + 2 * size)
    a, b = fetch64(text, 0) * k2, fetch64(text, 8)
    c, d = fetch64(text, size - 8) * mul, fetch64(text, size - 16) * k2
    y = rotate_right(a + b, 43) + rotate_right(c, 30) + d
    z = hash_len16(y, a + rotate_right(b + k2, 18) + c, mul)
    e, f = fetch64(text, 16) * mul, fetch64(text, 24)
    g, h = (y + fetch64(text, size - 32)) * mul, (z + fetch64(text, size - 24)) * mul
    return hash_len16(rotate_right(e + f, 43) + rotate_right(g, 30) + h, e + rotate_right(f + a, 18) + g, mul)


def weak_hash_len32(text: Array, at: int, a: Array, b: Array) -> tuple[Array, Array]:
    w, x, y, z = (fetch64(text, at + 8 * i) for i in range(4))
    a = a + w
    b = rotate_right(b + a + z, 21)
    c = a
    a = a + x + y
    return a + z, b + rotate_right(a, 44) + c


def hash_long(text: Array) -> Array:
    """More than 64 bytes: 64 at a time, then the last 64."""
    rows, size = text.shape
    k1, zero = word64(FARM_K1), np.zeros(rows, np.uint64)
    x = word64(81) * word64(FARM_K2) + fetch64(text, 0)
    y = word64(81 * FARM_K1 + 113)
    z = shift_mix(y * word64(FARM_K2) + word64(113)) * word64(FARM_K2)
    v, w = (zero, zero), (zero, zero)

    def step(at: int, mul: Array, nine: Array) -> None:
        nonlocal x, y, z, v, w
        x = rotate_right(x + y + v[0] + fetch64(text, at + 8), 37) * mul
        y = rotate_right(y + v[1] + fetch64(text, at + 48), 42) * mul
        x = x ^ (w[1] * nine)
        y = y + v[0] * nine + fetch64(text, at + 40)
        z = rotate_right(z + w[0], 33) * mul
        v = weak_hash_len32(text, at, v[1] * mul, x + w[0])
        w = weak_hash_len32(text, at + 32, z + w[1], y + fetch64(text, at + 16))
        z, x = x, z

    for block in range((size - 1) // 64):
        step(64 * block, k1, word64(1))
    mul = k1 + ((z & np.uint64(255)) << np.uint64(1))
    first = w[0] + word64((size - 1) & 63)
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    step(size - 64, mul, word64(9))
    left = hash_len16(v[0], w[0], mul) + shift_mix(y) * word64(FARM_K0) + z
    return hash_len16(left, hash_len16(v[1], w[1], mul) + x, mul)


def farm_fingerprints(text: Array) -> Array:
    """uint8 [N, length] -> uint64 [N]: Fingerprint64 of each row."""
    size = text.shape[1]
    if size <= 16:
        return hash_len0to16(text)
    return hash_len17to32(text) if size <= 32 else hash_len33to64(text) if size <= 64 else hash_long(text)


def sip_hashes(text: Array, key: tuple[int, int]) -> Array:
    """uint8 [N, length] -> uint64 [N]: SipHash-2-4 of each row under a key of two words."""
    rows, size = text.shape
    padded = np.zeros((rows, size // 8 * 8 + 8), np.uint8)
    padded[:, :size] = text
    padded[:, -1] = size & 255
    words = padded.view("<u8")
    a, b = word64(key[0]), word64(key[1])
    v0, v1 = a ^ word64(0x736F6D6570736575), b ^ word64(0x646F72616E646F6D)
    v2, v3 = a ^ word64(0x6C7967656E657261), b ^ word64(0x7465646279746573)

    def mix(times: int) -> None:
        nonlocal v0, v1, v2, v3
        for _ in range(times):
            v0, v2 = v0 + v1, v2 + v3
            v1, v3 = rotate_right(v1, 51) ^ v0, rotate_right(v3, 48) ^ v2
            v0 = rotate_right(v0, 32)
            v2, v0 = v2 + v1, v0 + v3
            v1, v3 = rotate_right(v1, 47) ^ v2, rotate_right(v3, 43) ^ v0
            v2 = rotate_right(v2, 32)

    for at in range(words.shape[1]):
        v3 = v3 ^ words[:, at]
        mix(2)
        v0 = v0 ^ words[:, at]
    v2 = v2 ^ word64(255)
    mix(4)
    return v0 ^ v1 ^ v2 ^ v3


def hashes_of_strings(x: Array, function: Callable[[Array], Array]) -> Array:
    """Bytes or integers of any shape -> uint64 of the same shape; integers are hashed as they are written."""
    texts = np.ascontiguousarray(x if x.dtype.kind == "S" else x.astype("S21")).reshape(-1)
    result = np.zeros(len(texts), np.uint64)
    wide = texts.view(np.uint8).reshape(len(texts), texts.dtype.itemsize) if len(texts) else None
    lengths = np.char.str_len(texts)
    for size in np.unique(lengths):
        rows = lengths == size
        if wide is not None:
            result[rows] = function(wide[rows, :size])
    return result.reshape(x.shape)
