"""cast: another dtype, same values."""

from __future__ import annotations

from dataclasses import dataclass

from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CastAttrs:
    """dtype: NumPy dtype name of the result."""

    dtype: str


def infer_cast(specs: Specs, attrs: CastAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    return (TensorSpec(x.shape, attrs.dtype),)


def run_cast(arrays: Arrays, attrs: CastAttrs) -> tuple[Array, ...]:
    (x,) = arrays
    return (x.astype(attrs.dtype),)


OP = Op(CastAttrs, infer_cast, run_cast)
