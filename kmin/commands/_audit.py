"""The findings of an audit as lines or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from kmin.commands._output import print_json
from kmin.formats.suspects import Finding


def print_findings(findings: Sequence[Finding], path: Path, as_json: bool) -> None:
    """What was found in the file at `path`."""
    if as_json:
        print_json({"file": str(path), "findings": [asdict(finding) for finding in findings]})
        return
    for finding in findings:
        click.echo(f"{finding.kind:<16} {finding}")
    count = len(findings)
    told = "nothing suspicious" if not count else "1 finding" if count == 1 else f"{count} findings"
    click.echo(f"{path}: {told}")
