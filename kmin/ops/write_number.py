"""write_number: numbers as decimal texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class WriteNumberAttrs:
    """form: as Python's `%` takes it, for floats, whole numbers or words."""

    form: str = "%d"


def infer_write_number(specs: Specs, attrs: WriteNumberAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    kinds = {"b": "s", "f": "efg", "i": "d", "u": "d"}
    if x.dtype == "string" or not attrs.form.startswith("%") or attrs.form[-1] not in kinds[np.dtype(x.dtype).kind]:
        raise InputError(f"write_number needs numbers and a form for them; received {x} and {attrs.form!r:.40}")
    return (TensorSpec(x.shape, "string"),)


def run_write_number(arrays: Arrays, attrs: WriteNumberAttrs) -> tuple[Array, ...]:
    """numbers -> bytes."""
    (x,) = arrays
    values = x.reshape(-1).tolist()
    if x.dtype.kind == "b":
        values = ["true" if value else "false" for value in values]
    return (np.array([number_text(value, attrs.form).encode() for value in values], "S").reshape(x.shape),)


def number_text(value: Any, form: str) -> str:
    """One value as C's printf writes it: no zeros before infinity, and NaN with its sign."""
    if not isinstance(value, float) or math.isfinite(value):
        return form % value
    plain = "%" + form[1:].removeprefix("0")
    return (plain % math.copysign(math.inf, value)).replace("inf", "nan" if math.isnan(value) else "inf")


OP = Op(WriteNumberAttrs, infer_write_number, run_write_number)
