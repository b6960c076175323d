"""binary: arithmetic and comparison of two tensors with broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kmin.ops.promote import broadcast_shapes, promote_dtypes
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec, sample_size


@dataclass(frozen=True)
class BinaryAttrs:
    """kind: key of BINARIES."""

    kind: str


BINARIES: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "arctan2": np.arctan2,
    "divide": np.true_divide,
    "equal": np.equal,
    "floor_divide": np.floor_divide,
    "fmod": np.fmod,
    "gcd": np.gcd,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "hypot": np.hypot,
    "lcm": np.lcm,
    "less": np.less,
    "less_equal": np.less_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "mod": np.mod,
    "multiply": np.multiply,
    "not_equal": np.not_equal,
    "power": np.power,
    "subtract": np.subtract,
}
# Kinds that make float32 of integers.
FLOATING_BINARIES = ("arctan2", "divide", "hypot")
PREDICATES = (
    "equal",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
    "not_equal",
)


def binary_operand_dtype(left: str, right: str, kind: str) -> str:
    """The dtype both operands are brought to before they meet; integers divide as float32, as in Keras."""
    dtype = promote_dtypes((left, right))
    return "float32" if kind in FLOATING_BINARIES and np.dtype(dtype).kind != "f" else dtype


def infer_binary(specs: Specs, attrs: BinaryAttrs) -> tuple[TensorSpec, ...]:
    left, right = specs
    dtype = "bool" if attrs.kind in PREDICATES else binary_operand_dtype(left.dtype, right.dtype, attrs.kind)
    return (TensorSpec(broadcast_shapes((left.shape, right.shape)), dtype),)


def run_binary(arrays: Arrays, attrs: BinaryAttrs) -> tuple[Array, ...]:
    """left, right -> left (kind) right; a division by zero is inf or nan, as in every engine."""
    left, right = arrays
    dtype = binary_operand_dtype(left.dtype.name, right.dtype.name, attrs.kind)
    with np.errstate(all="ignore"):
        result = BINARIES[attrs.kind](left.astype(dtype, copy=False), right.astype(dtype, copy=False))
    return (np.asarray(result),)


def macs_binary(specs: Specs, outputs: Specs, attrs: BinaryAttrs) -> int | None:
    if attrs.kind not in ("multiply", "divide"):
        return 0
    return sample_size(outputs[0])


OP = Op(BinaryAttrs, infer_binary, run_binary, macs_binary)
