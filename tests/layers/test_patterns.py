"""Regular expressions: RE2's meaning in Python's `re`, and what is refused."""

from __future__ import annotations

import re

import pytest

from kmin.layers.operations.patterns import UnlikeError, python_pattern, rewrite_parts


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\s", "\x0b", None),
        (r"[\S]", "\x0b", "\x0b"),
        (r"\d", "\u0663", None),
        (r"\w+", "é", None),
        (r"\bé", " é", None),
        (r"a$", "a\n", None),
        (r"[]a]+", "]a", "]a"),
        (r"[^]a]", "]", None),
        (r"[a-c-]+", "-b", "-b"),
        (r"[[:^digit:]]", "7", None),
        (r"[[a]", "[", "["),
        (r"a{,2}", "a{,2}", "a{,2}"),
        (r"\Qa.b\E+", "a.ba.b", "a.ba.b"),
        (r"\Qa+", "a+", "a+"),
        (r"\077", "?", "?"),
        (r"(?i)é", "É", "É"),
        (r"(?-i:a)b", "ab", "ab"),
        (r"a-z&&~~", "a-z&&~~", "a-z&&~~"),
    ],
)
def test_meaning(pattern: str, text: str, found: str | None) -> None:
    match = re.search(python_pattern(pattern), text)
    assert (match[0] if match is not None else None) == found


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?=a)", "begins with"),
        (r"(?<!a)b", "begins with"),
        (r"(?#a)", "begins with"),
        (r"(?m)^a", "begins with"),
        (r"a(?i)b", "begins with"),
        (r"(a)\1", r"escape \\1"),
        (r"\B", r"inside of letters"),
        (r"\pL", r"escape \\p"),
        (r"\Z", r"escape \\Z"),
        (r"a++", "follows another"),
        (r"a**", "follows another"),
        (r"*a", "follows nothing"),
        (r"(a+)+b", "may take forever"),
        (r"(a|b*)*", "may take forever"),
        (r"(a|)+", "may be empty"),
        (r"(a?b?){2}", "may be empty"),
        (r"\b{2}", "may be empty"),
        (r"a{1001}", "more than 1000"),
        (r"a{2,1}", "no regular expression"),
        (r"(a", "ends too soon"),
        (r"a)", "closes nothing"),
        (r"[a", "ends too soon"),
        (r"[z-a]", "runs backwards"),
        (r"[[:word]", "ends too soon"),
        (r"[[:nothing:]]", "not known"),
        (r"(?i)[\W]", "negated class"),
        ("\\", "ends too soon"),
        ("(" * 60, "too deep"),
    ],
)
def test_refused(pattern: str, reason: str) -> None:
    with pytest.raises(UnlikeError, match=reason):
        python_pattern(pattern)


def test_rewrites() -> None:
    assert rewrite_parts(r"a\1\\\0b", "(x)") == ("a", 1, "\\", 0, "b")
    for text in (r"\2", r"\n", "\\"):
        with pytest.raises(UnlikeError, match="the rewrite holds"):
            rewrite_parts(text, "(x)")
