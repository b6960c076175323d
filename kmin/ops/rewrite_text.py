"""rewrite_text: what a regular expression finds in texts replaced, or whether it is the whole text."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kmin.errors import InputError
from kmin.ops.tensor import Array, Arrays, Op, Specs, TensorSpec


@dataclass(frozen=True)
class RewriteTextAttrs:
    """What to find and what to write.

    Attributes:
        pattern: in Python's `re`.
        parts: literal texts and numbers of groups (0: all that was found); None to ask for a match of whole texts.
        every: replace all that is found, not the first alone.
    """

    pattern: str
    parts: tuple[str | int, ...] | None = None
    every: bool = True


def infer_rewrite_text(specs: Specs, attrs: RewriteTextAttrs) -> tuple[TensorSpec, ...]:
    (x,) = specs
    try:
        groups = re.compile(attrs.pattern).groups
    except re.error:
        raise InputError(f"rewrite_text needs a regular expression; received {attrs.pattern!r:.80}") from None
    if x.dtype != "string" or any(isinstance(part, int) and not 0 <= part <= groups for part in attrs.parts or ()):
        raise InputError(f"rewrite_text needs texts and groups that exist; received {x} and {attrs.parts!r:.80}")
    return (TensorSpec(x.shape, "bool" if attrs.parts is None else "string"),)


def run_rewrite_text(arrays: Arrays, attrs: RewriteTextAttrs) -> tuple[Array, ...]:
    """UTF-8 bytes -> bytes, or bool; each different text is looked at once.

    An empty find right behind the last one does not count, as in RE2's GlobalReplace.

    Raises:
        InputError: a text is no UTF-8.
    """
    (x,) = arrays
    pattern = re.compile(attrs.pattern)
    different, places = np.unique(x.reshape(-1), return_inverse=True)
    texts = texts_of(different)
    if attrs.parts is None:
        found = np.array([pattern.fullmatch(text) is not None for text in texts], bool)
    else:
        rewritten = [rewritten_text(text, pattern, attrs.parts, attrs.every).encode() for text in texts]
        found = np.array(rewritten, "S")
    return (found[places.reshape(-1)].reshape(x.shape) if len(different) else x.astype(found.dtype),)


def texts_of(x: Array) -> list[str]:
    """UTF-8 bytes as Python's texts."""
    try:
        return [text.decode() for text in x.tolist()]
    except UnicodeDecodeError as error:
        raise InputError(f"texts must be UTF-8 here; received {error.object[:40]!r}") from None


def rewritten_text(text: str, pattern: re.Pattern[str], parts: tuple[str | int, ...], every: bool) -> str:
    """One text with what was found replaced."""
    result, at, last = [], 0, -1
    while at <= len(text) and (found := pattern.search(text, at)) is not None:
        start, end = found.span()
        result.append(text[at:start])
        if start == end == last:
            result.append(text[start : start + 1])
            at = start + 1
            continue
        result += [part if isinstance(part, str) else found[part] or "" for part in parts]
        at = last = end
        if not every:
            break
    return "".join([*result, text[at:]])


OP = Op(RewriteTextAttrs, infer_rewrite_text, run_rewrite_text)
