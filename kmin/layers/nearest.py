"""nearest: the names that an unknown one may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The end of a message that refuses `name`: the known names most like it, or nothing."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=2, cutoff=cutoff)
    return f"; the nearest supported: {', '.join(near)}" if near else ""
