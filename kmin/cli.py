"""The Click group: commands load lazily; the one place that turns a KminError into a message and an exit code."""

from __future__ import annotations


def main() -> None:
    """Entry point."""
