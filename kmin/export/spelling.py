"""Values as Python source."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any


def literal(value: Any) -> str:
    """Python source of a number, text, None, or a tuple, list or dict of them; safe whatever the text holds."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, tuple):
        return f"({', '.join(literal(item) for item in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    raise AssertionError(f"no source text for {value!r}")


def call_text(name: str, value: Any) -> str:
    """Python source that makes a dataclass or a named tuple again; fields at their defaults are left out."""
    if not dataclasses.is_dataclass(value):
        return f"{name}({', '.join(literal(item) for item in value)})"
    given = []
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        if field.default is dataclasses.MISSING or literal(held) != literal(field.default):
            given.append(f"{field.name}={literal(held)}")
    return f"{name}({', '.join(given)})"
