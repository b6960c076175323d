"""JSON text from a file, with limits on size, depth, number of values and magnitude."""

from __future__ import annotations

import json
from typing import Any

from kmin.errors import FormatError

MAX_TEXT = 64 << 20
MAX_VALUES = 2_000_000
MAX_DEPTH = 200
MAX_WHOLE = 1 << 64


def parse_json(text: str, what: str) -> Any:
    """The value of a JSON text.

    Raises:
        FormatError: not JSON, too long, nested too deeply, of too many values, or with a number beyond 64 bits.
    """
    if len(text) > MAX_TEXT:
        raise FormatError(f"{what} must be at most {MAX_TEXT} characters; received {len(text)}")
    # An upper bound before anything is built: commas and brackets in strings count, too.
    if sum(text.count(mark) for mark in ",[{") > MAX_VALUES:
        raise FormatError(f"{what} must have at most {MAX_VALUES} values; it has more")
    try:
        value = json.loads(text)
    except RecursionError:
        raise FormatError(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise FormatError(f"{what} is not valid JSON ({str(error)[:160]})") from None
    _check(value, what)
    return value


def _check(value: Any, what: str) -> None:
    """Depth and magnitude of everything inside, level by level."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif type(item) is int and not -MAX_WHOLE < item < MAX_WHOLE:
                raise FormatError(f"{what} has a number of more than 64 bits")
        if not below:
            return
        level = below
    raise FormatError(f"{what} is nested too deeply")
