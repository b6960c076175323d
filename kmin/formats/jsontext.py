"""JSON text from a file, with limits on size and depth."""

from __future__ import annotations

import json
from typing import Any

from kmin.errors import FormatError

MAX_TEXT = 256 << 20


def parse_json(text: str, what: str) -> Any:
    """The value of a JSON text.

    Raises:
        FormatError: not JSON, too long or nested too deeply.
    """
    if len(text) > MAX_TEXT:
        raise FormatError(f"{what} must be at most {MAX_TEXT} characters; received {len(text)}")
    try:
        return json.loads(text)
    except RecursionError:
        raise FormatError(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise FormatError(f"{what} is not valid JSON ({error})") from None
