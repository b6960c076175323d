"""parse_number: texts read as decimal numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec

WHOLE_NUMBER = re.compile(rb"[ \t\n\v\f\r]*-?[0-9]+[ \t\n\v\f\r]*")
FLOAT_NUMBER = re.compile(
    rb"[ \t\n\v\f\r]*[+-]?([0-9]+\.?[0-9]*(e[+-]?[0-9]+)?|\.[0-9]+(e[+-]?[0-9]+)?|inf|nan)[ \t\n\v\f\r]*",
    re.IGNORECASE,
)
HEXADECIMAL = re.compile(rb"[ \t\n\v\f\r]*[+-]?0x[0-9a-f]+[ \t\n\v\f\r]*", re.IGNORECASE)


@dataclass(frozen=True)
class ParseNumberAttrs:
    """dtype: float32, float64, int32 or int64."""

    dtype: str = "float32"


def infer_parse_number(specs: Specs, attrs: ParseNumberAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    if x.dtype != "string" or attrs.dtype not in ("float32", "float64", "int32", "int64"):
        raise InputError(f"parse_number makes float32, float64, int32 or int64 of texts; received {x}, {attrs}")
    return (TensorSpec(x.shape, attrs.dtype),)


def run_parse_number(arrays: Arrays, attrs: ParseNumberAttrs) -> tuple[Array, ...]:
    """bytes -> numbers.

    Raises:
        InputError: a text is no number of that kind.
    """
    (x,) = arrays
    whole = attrs.dtype.startswith("int")
    pattern, texts = WHOLE_NUMBER if whole else FLOAT_NUMBER, x.reshape(-1).tolist()
    for text in texts:
        if pattern.fullmatch(text) is None and (whole or HEXADECIMAL.fullmatch(text) is None):
            raise InputError(f"a text must be a number of {attrs.dtype}; received {text[:40]!r}")
    try:
        found = np.array([int(text) if whole else float_of(text) for text in texts], "int64" if whole else "float64")
        if attrs.dtype == "int32" and (np.abs(found + 0.5) > 2**31).any():
            raise OverflowError
    except (OverflowError, ValueError):
        raise InputError(f"a number is too large for {attrs.dtype}") from None
    with np.errstate(over="ignore"):
        return (found.astype(attrs.dtype).reshape(x.shape),)


def float_of(text: bytes) -> float:
    """A float written as FLOAT_NUMBER or HEXADECIMAL."""
    return float(int(text, 16)) if HEXADECIMAL.fullmatch(text) is not None else float(text)


OP = Op(ParseNumberAttrs, infer_parse_number, run_parse_number)
