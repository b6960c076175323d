"""KminError and its few children: every refusal that kmin makes on purpose."""

from __future__ import annotations

from collections.abc import Sequence


def plain_text(text: str) -> str:
    """`text` with all that is no printable character spelled out: line ends, and what a terminal takes as commands."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


class KminError(Exception):
    """Base of every error kmin raises on purpose; its text is one sentence for the user."""


class FormatError(KminError):
    """The file cannot be read: wrong kind, truncated, damaged or inconsistent."""

    def __init__(self, text: str) -> None:
        super().__init__(plain_text(text))


class UnsupportedError(KminError):
    """The file was read, but kmin cannot run it.

    Attributes:
        problems: every reason found, one sentence each, not just the first.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = tuple(
            plain_text(problem) for problem in ((problems,) if isinstance(problems, str) else problems)
        )
        if len(self.problems) == 1:
            super().__init__(self.problems[0])
        else:
            lines = "".join(f"\n  - {problem}" for problem in self.problems)
            super().__init__(f"{len(self.problems)} problems:{lines}")


class InputError(KminError):
    """The caller's arrays do not fit the model: names, number, rank, size or dtype."""


class DependencyError(KminError):
    """An optional package is missing; the text says what to install."""


class EngineError(KminError):
    """Another runtime (Keras, ...) failed, or could not open the file."""
