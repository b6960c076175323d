"""hash_bucket: strings or integers hashed into a number of bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.farm_hash import farm_fingerprints, hashes_of_strings, sip_hashes
from kmin.ops.murmur_hash import murmur_hashes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, array_dtype


@dataclass(frozen=True)
class HashBucketAttrs:
    """How to hash.

    Attributes:
        bins: of the result, the one of the mask not counted.
        salt: two words, for SipHash; empty for FarmHash.
        mask: the value that goes to bin 0, while all others move up by one; None for none.
        murmur: TensorFlow's older hash, not FarmHash.
    """

    bins: int
    salt: tuple[int, ...] = ()
    mask: str | int | None = None
    murmur: bool = False


def infer_hash_bucket(specs: Specs, attrs: HashBucketAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if array_dtype(x.dtype).kind not in "iuS" or attrs.bins < 1 or len(attrs.salt) not in (0, 2):
        raise InputError(f"hash_bucket needs strings or integers, bins and no or two words of salt; received {x}")
    if attrs.mask is not None and isinstance(attrs.mask, str) != (x.dtype == "string"):
        raise InputError(f"hash_bucket needs a mask of the kind of {x}; received {attrs.mask!r}")
    return (TensorSpec(x.shape, "int64"),)


def run_hash_bucket(arrays: Arrays, attrs: HashBucketAttrs) -> tuple[Array, ...]:
    """x -> int64 of the same shape: the hash modulo the bins."""
    (x,) = arrays
    salt = attrs.salt
    plain = murmur_hashes if attrs.murmur else farm_fingerprints
    function = plain if not salt else lambda text: sip_hashes(text, (salt[0], salt[1]))
    result = (hashes_of_strings(x, function) % np.uint64(attrs.bins)).astype(np.int64)
    if attrs.mask is not None:
        mask = np.asarray(attrs.mask.encode() if isinstance(attrs.mask, str) else attrs.mask)
        result = np.where(x == mask, 0, result + 1)
    return (result,)


OP = Op(HashBucketAttrs, infer_hash_bucket, run_hash_bucket)
