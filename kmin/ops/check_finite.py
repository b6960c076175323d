"""check_finite: numbers as they are, if all of them are finite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class CheckFiniteAttrs:
    """label: what the error begins with."""

    label: str


def infer_check_finite(specs: Specs, attrs: CheckFiniteAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if not x.dtype.startswith("float"):
        raise InputError(f"check_finite needs floats; received {x}")
    return (x,)


def run_check_finite(arrays: Arrays, attrs: CheckFiniteAttrs) -> tuple[Array, ...]:
    """x -> x; infinite numbers and NaN are an InputError."""
    (x,) = arrays
    if not np.isfinite(x).all():
        raise InputError(f"{attrs.label}: the values must be finite; received infinite ones or NaN")
    return (x.copy(),)


OP = Op(CheckFiniteAttrs, infer_check_finite, run_check_finite)
