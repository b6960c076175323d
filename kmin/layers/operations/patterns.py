"""Regular expressions of RE2, which TensorFlow uses, as those of Python's `re`; what differs in meaning is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

Ranges = list[tuple[int, int]]

_LAST = 0x10FFFF
_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_CLASSES: dict[str, Ranges] = {
    "d": [(48, 57)],
    "s": [(9, 10), (12, 13), (32, 32)],
    "w": [(48, 57), (65, 90), (95, 95), (97, 122)],
}
_POSIX: dict[str, Ranges] = {
    "alnum": [(48, 57), (65, 90), (97, 122)],
    "alpha": [(65, 90), (97, 122)],
    "ascii": [(0, 127)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 31), (127, 127)],
    "digit": [(48, 57)],
    "graph": [(33, 126)],
    "lower": [(97, 122)],
    "print": [(32, 126)],
    "punct": [(33, 47), (58, 64), (91, 96), (123, 126)],
    "space": [(9, 13), (32, 32)],
    "upper": [(65, 90)],
    "word": [(48, 57), (65, 90), (95, 95), (97, 122)],
    "xdigit": [(48, 57), (65, 70), (97, 102)],
}
_POSITIONS = {"A": r"\A", "b": r"(?a:\b)", "z": r"\Z"}
_REPEAT = re.compile(r"[*+?]|\{(\d+)(,(\d*))?\}")


class UnlikeError(ValueError):
    """A pattern that RE2 refuses, or that Python would read in another way: the reason."""


def python_pattern(text: str) -> str:
    """The pattern that finds with Python's `re` what RE2 finds.

    Raises:
        UnlikeError: it holds what the two read differently, or what Python's engine may take forever over.
    """
    source = _Source(text)
    flags = ""
    if (start := re.match(r"\(\?([is]+)\)", text)) is not None:
        source.at, flags = start.end(), start[0]
    result = _alternatives(source, "i" in flags, 0).text
    if source.at < len(text):
        raise UnlikeError("a ')' closes nothing")
    try:
        re.compile(flags + result)
    except (re.error, OverflowError, RecursionError):
        raise UnlikeError("it is no regular expression") from None
    return flags + result


class _Part(NamedTuple):
    """A part of a pattern, whether it repeats without a limit, and whether it may be empty."""

    text: str
    endless: bool = False
    empty: bool = False


class _Source:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def take(self, count: int = 1) -> str:
        part = self.peek(count)
        if len(part) < count:
            raise UnlikeError("it ends too soon")
        self.at += count
        return part

    def until(self, end: str) -> str:
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise UnlikeError("it ends too soon")
        part = self.text[self.at : stop]
        self.at = stop + len(end)
        return part


def _alternatives(source: _Source, folded: bool, depth: int) -> _Part:
    """Everything up to a ')' or the end."""
    if depth > 50:
        raise UnlikeError("its groups are nested too deep")
    parts, endless, empty, some = [], False, True, False
    while source.peek() not in ("", ")"):
        if source.peek() == "|":
            parts.append(source.take())
            some, empty = some or empty, True
            continue
        piece, inside, nothing = _piece(source, folded, depth)
        found = _REPEAT.match(source.text, source.at)
        if found is not None and piece != "":
            source.at = found.end()
            piece, repeats = piece + found[0], found[0] in "*+" or found[2] == ","
            if max(int(found[1] or 0), int(found[3] or 0)) > 1000:
                raise UnlikeError("it repeats more than 1000 times")
            most = int(found[3] or 0) if found[2] else int(found[1] or 0)
            if repeats and inside:
                raise UnlikeError("a repeated group repeats inside, over which Python may take forever")
            if nothing and (repeats or most > 1):
                raise UnlikeError("what repeats may be empty, which Python reads in another way")
            nothing = nothing or found[0] in "*?" or found[1] == "0"
            inside = inside or repeats
            if source.peek() == "?":
                piece += source.take()
            if _REPEAT.match(source.text, source.at) is not None:
                raise UnlikeError("one repetition follows another")
        parts.append(piece)
        endless, empty = endless or inside, empty and nothing
    return _Part("".join(parts), endless, some or empty)


def _piece(source: _Source, folded: bool, depth: int) -> _Part:
    letter = source.take()
    if letter == "(":
        return _group(source, folded, depth)
    if letter == "[":
        return _Part(_set(source, folded))
    if letter == "\\":
        place = source.peek() in _POSITIONS
        return _Part(_escape(source, folded), False, place)
    if letter in "*+?":
        raise UnlikeError("a repetition follows nothing")
    return _Part({"$": r"\Z", ".": ".", "^": r"\A"}.get(letter, re.escape(letter)), False, letter in "$^")


def _group(source: _Source, folded: bool, depth: int) -> _Part:
    head = "("
    if source.peek() == "?":
        found = re.compile(r"\?(P<[A-Za-z_]\w*>|[is]*(-[is]+)?:)", re.ASCII).match(source.text, source.at)
        if found is None:
            raise UnlikeError(f"a group begins with ({source.peek(3)!r})")
        source.at, head = found.end(), "(" + found[0]
        on, _, off = found[0].strip("?:").partition("-")
        if not on.startswith("P<"):
            folded = (folded or "i" in on) and "i" not in off
    inner = _alternatives(source, folded, depth + 1)
    if source.take() != ")":
        raise UnlikeError("a '(' stays open")
    return inner._replace(text=f"{head}{inner.text})")


def _escape(source: _Source, folded: bool) -> str:
    letter = source.peek()
    if letter == "Q":
        source.at += 1
        literal = (
            source.until("\\E") if "\\E" in source.text[source.at :] else source.take(len(source.text) - source.at)
        )
        return f"(?:{re.escape(literal)})" if len(literal) > 1 else re.escape(literal)
    if letter == "B":
        raise UnlikeError("the escape \\B, which RE2 finds inside of letters of several bytes")
    if letter in _POSITIONS:
        source.at += 1
        return _POSITIONS[letter]
    if letter.lower() in _CLASSES:
        source.at += 1
        return f"[{'^' if letter.isupper() else ''}{_written(_CLASSES[letter.lower()])}]"
    return re.escape(chr(_code(source)))


def _code(source: _Source) -> int:
    """The character that an escape means, the backslash being read."""
    letter = source.take()
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter == "x":
        digits = source.until("}") if source.peek() == "{" and source.take() else source.take(2)
        if re.fullmatch("[0-9A-Fa-f]{1,6}", digits) is None or int(digits, 16) > _LAST:
            raise UnlikeError(f"\\x{digits} is no character")
        return int(digits, 16)
    if letter == "0":
        found = re.compile("[0-7]{0,2}").match(source.text, source.at)
        assert found is not None
        source.at = found.end()
        return int(found[0] or "0", 8)
    if letter.isalnum() or ord(letter) > 127:
        raise UnlikeError(f"the escape \\{letter} is not supported")
    return ord(letter)


def _set(source: _Source, folded: bool) -> str:
    """A class of characters, written as ranges of code points."""
    negated = source.peek() == "^"
    source.at += negated
    found: Ranges = []
    first = True
    while first or source.peek() != "]":
        first = False
        special = _named(source, folded)
        if special is not None:
            found += special
            continue
        low = high = _member(source)
        if source.peek() == "-" and source.peek(2) != "-]":
            source.at += 1
            if source.peek() == "[" and source.peek(2) == "[:":
                raise UnlikeError("a range ends with a class")
            high = _member(source)
        if high < low:
            raise UnlikeError("a range of characters runs backwards")
        found.append((low, high))
    source.at += 1
    return f"[{'^' if negated else ''}{_written(found)}]"


def _named(source: _Source, folded: bool) -> Ranges | None:
    """[:alpha:] and \\d inside of a class."""
    if source.peek(2) == "[:":
        source.at += 2
        name = source.until(":]")
        kind, ranges = name.startswith("^"), _POSIX.get(name.lstrip("^"))
        if ranges is None:
            raise UnlikeError(f"the class [:{name}:] is not known")
    elif source.peek() == "\\" and (letter := source.peek(2)[1:]) and letter.lower() in _CLASSES:
        source.at += 2
        kind, ranges = letter.isupper(), _CLASSES[letter.lower()]
    else:
        return None
    if kind and folded:
        raise UnlikeError("a negated class inside of a class, capitals or not")
    return _others(ranges) if kind else list(ranges)


def _member(source: _Source) -> int:
    letter = source.take()
    return _code(source) if letter == "\\" else ord(letter)


def _others(ranges: Iterable[tuple[int, int]]) -> Ranges:
    found, at = [], 0
    for low, high in sorted(ranges):
        if at < low:
            found.append((at, low - 1))
        at = high + 1
    return [*found, (at, _LAST)]


def _written(ranges: Iterable[tuple[int, int]]) -> str:
    write: Callable[[int], str] = lambda code: f"\\U{code:08x}"  # noqa: E731
    return "".join(write(low) if low == high else f"{write(low)}-{write(high)}" for low, high in ranges)


def rewrite_parts(text: str, pattern: str) -> tuple[str | int, ...]:
    """RE2's rewrite: literal parts, and numbers of groups.

    Raises:
        UnlikeError: RE2 refuses it.
    """
    groups = re.compile(pattern).groups
    parts: list[str | int] = []
    for found in re.finditer(r"\\(.?)|[^\\]+", text, re.DOTALL):
        escape = found[1]
        if escape is None:
            parts.append(found[0])
        elif escape == "\\":
            parts.append("\\")
        elif escape and escape in "0123456789" and int(escape) <= groups:
            parts.append(int(escape))
        else:
            raise UnlikeError(f"the rewrite holds {found[0]!r}, and the pattern {groups} groups")
    return tuple(parts)
