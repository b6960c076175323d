"""complex_of: complex numbers of their real and imaginary parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

COMPLEX_DTYPES = {"float32": "complex64", "float64": "complex128"}


@dataclass(frozen=True)
class ComplexOfAttrs:
    """Nothing to choose."""


def infer_complex_of(specs: Specs, attrs: ComplexOfAttrs) -> tuple[TensorSpec, ...]:
    real, imaginary = specs
    if real.dtype not in COMPLEX_DTYPES or real.dtype != imaginary.dtype or real.rank != imaginary.rank:
        raise InputError(f"complex_of needs two tensors of floats of one shape; received {real} and {imaginary}")
    return (TensorSpec(real.shape, COMPLEX_DTYPES[real.dtype]),)


def run_complex_of(arrays: Arrays, attrs: ComplexOfAttrs) -> tuple[Array, ...]:
    """real, imaginary -> complex, of the same shape."""
    real, imaginary = arrays
    result = np.empty(real.shape, COMPLEX_DTYPES[real.dtype.name])
    result.real, result.imag = real, imaginary
    return (result,)


OP = Op(ComplexOfAttrs, infer_complex_of, run_complex_of)
