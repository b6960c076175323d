"""Attribute dataclasses to and from JSON values, checked field by field on the way back."""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from typing import Any

from kmin.errors import FormatError
from kmin.ops import OPS
from kmin.ops.activation import ACTIVATIONS

NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
# Fields that name an activation, in whatever op they occur.
NAMES_ACTIVATION = frozenset({"activation", "recurrent_activation"})


def attrs_to_json(attrs: Any) -> dict[str, Any]:
    """Field name to JSON value, for every field."""
    return {field.name: _encode(getattr(attrs, field.name)) for field in dataclasses.fields(attrs)}


def attrs_from_json(op: str, values: Any) -> Any:
    """The attributes of `op`.

    Raises:
        FormatError: an unknown op or field, a field without default that is missing, or a value of another type.
    """
    if op not in OPS or op == "extension":
        raise FormatError(f"op '{op}' is not known to this version of kmin")
    if not isinstance(values, dict):
        raise FormatError(f"attributes of op '{op}' must be an object; received {type(values).__name__}")
    made = OPS[op].attrs
    hints = _hints(made)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise FormatError(f"op '{op}' has no attribute '{unknown[0]}'")
    decoded = {name: _decode(value) for name, value in values.items()}
    for name, value in decoded.items():
        if not _fits(value, hints[name]):
            raise FormatError(f"attribute '{name}' of op '{op}' must be {hints[name]}; received {value!r}")
        if (name in NAMES_ACTIVATION or (op, name) == ("activation", "kind")) and value not in ACTIVATIONS:
            raise FormatError(f"attribute '{name}' of op '{op}' names the unknown activation {value!r}")
    for field in dataclasses.fields(made):
        if field.name not in decoded and field.default is dataclasses.MISSING:
            raise FormatError(f"op '{op}' needs the attribute '{field.name}'")
    return made(**decoded)


@functools.cache
def _hints(made: type) -> dict[str, Any]:
    return typing.get_type_hints(made)


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise AssertionError(f"an attribute value must be a number, text, None or a tuple of them; received {value!r}")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    if isinstance(value, dict):
        if set(value) != {"float"} or value["float"] not in NOT_FINITE:
            raise FormatError(f"an attribute value must be a number, text, null or a list of them; received {value!r}")
        return NOT_FINITE[value["float"]]
    return value


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, option) for option in inner)
    if origin is typing.Literal:
        return value in inner
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(_fits(item, inner[0]) for item in value)
        return len(value) == len(inner) and all(_fits(item, part) for item, part in zip(value, inner, strict=True))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint is Any or (value is None if hint in (None, type(None)) else isinstance(value, hint))
