"""complex_parts: the real and imaginary parts of complex numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

PART_DTYPES = {"complex64": "float32", "complex128": "float64"}


@dataclass(frozen=True)
class ComplexPartsAttrs:
    """Nothing to choose."""


def infer_complex_parts(specs: Specs, attrs: ComplexPartsAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.dtype not in PART_DTYPES:
        raise InputError(f"complex_parts needs complex numbers; received {x}")
    return (TensorSpec(x.shape, PART_DTYPES[x.dtype]),) * 2


def run_complex_parts(arrays: Arrays, attrs: ComplexPartsAttrs) -> tuple[Array, ...]:
    """complex -> real, imaginary, each of the same shape."""
    (x,) = arrays
    return np.ascontiguousarray(x.real).reshape(x.shape), np.ascontiguousarray(x.imag).reshape(x.shape)


OP = Op(ComplexPartsAttrs, infer_complex_parts, run_complex_parts)
