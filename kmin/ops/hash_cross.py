"""hash_cross: several strings or integers at a time, hashed together into a number of bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.farm_hash import farm_fingerprints, hashes_of_strings, shift_mix, word64
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, array_dtype

CROSS_SEED = 0xDECAFCAFFE
CROSS_MUL = 0xC6A4A7935BD1E995


@dataclass(frozen=True)
class HashCrossAttrs:
    """bins: of the result; key: what hashing starts with."""

    bins: int
    key: int = CROSS_SEED


def infer_hash_cross(specs: Specs, attrs: HashCrossAttrs) -> tuple[TensorSpec, ...]:
    if len(specs) < 2 or attrs.bins < 1 or any(array_dtype(x.dtype).kind not in "iuS" for x in specs):
        raise InputError(f"hash_cross needs two strings or integers and bins; received {', '.join(map(str, specs))}")
    return (TensorSpec(broadcast_shapes([x.shape for x in specs]), "int64"),)


def run_hash_cross(arrays: Arrays, attrs: HashCrossAttrs) -> tuple[Array, ...]:
    """Arrays that broadcast -> int64: FingerprintCat64 of one value after the other (tf.sparse.cross_hashed)."""
    mul = word64(CROSS_MUL)
    total = np.full(np.broadcast_shapes(*(x.shape for x in arrays)), word64(attrs.key), np.uint64)
    for x in arrays:
        word = hashes_of_strings(x, farm_fingerprints) if x.dtype.kind == "S" else x.astype(np.int64).view(np.uint64)
        total = ((total ^ mul) ^ (shift_mix(word * mul) * mul)) * mul
        total = shift_mix(shift_mix(total) * mul)
    return ((total % np.uint64(attrs.bins)).astype(np.int64),)


OP = Op(HashCrossAttrs, infer_hash_cross, run_hash_cross)
