"""bitwise: the bits of two integers combined, or shifted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.promote import broadcast_shapes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class BitwiseAttrs:
    """kind: key of BITWISE."""

    kind: str


BITWISE: dict[str, Callable[..., Array]] = {
    "and": np.bitwise_and,
    "left_shift": np.left_shift,
    "or": np.bitwise_or,
    "right_shift": np.right_shift,
    "xor": np.bitwise_xor,
}


def infer_bitwise(specs: Specs, attrs: BitwiseAttrs) -> tuple[TensorSpec, ...]:
    left, right = specs
    kinds = "iu" if "shift" in attrs.kind else "iub"
    if attrs.kind not in BITWISE or any(np.dtype(spec.dtype).kind not in kinds for spec in specs):
        raise InputError(f"bitwise '{attrs.kind}' needs integers; received {left} and {right}")
    dtype = np.promote_types(left.dtype, right.dtype)
    if dtype.kind == "f":
        raise InputError(f"bitwise '{attrs.kind}' needs integers of one kind; received {left} and {right}")
    return (TensorSpec(broadcast_shapes((left.shape, right.shape)), dtype.name),)


def run_bitwise(arrays: Arrays, attrs: BitwiseAttrs) -> tuple[Array, ...]:
    """left, right -> left (kind) right."""
    left, right = arrays
    dtype = np.promote_types(left.dtype, right.dtype)
    return (np.asarray(BITWISE[attrs.kind](left.astype(dtype, copy=False), right.astype(dtype, copy=False))),)


OP = Op(BitwiseAttrs, infer_bitwise, run_bitwise)
