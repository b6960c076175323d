"""kmin inspect: show what is in a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kmin.commands._options import json_option, model_argument
from kmin.commands._output import print_json, print_kernels

if TYPE_CHECKING:
    from kmin.formats.source import Source


@click.command()
@model_argument(required=False)
@click.option(
    "--stage",
    type=click.Choice(["spec", "graph", "simplified", "plan"]),
    help="Print this stage of the model instead of the summary.",
)
@click.option("--kernels", is_flag=True, help="Print which kernels this machine uses and why; MODEL is not needed.")
@click.option("--audit", is_flag=True, help="List what in MODEL could harm whoever trusts it; exit code 1 if anything.")
@json_option
def command(model: Source | None, stage: str | None, kernels: bool, audit: bool, as_json: bool) -> None:
    """Show what is in MODEL and whether kmin runs it.

    Layers, shapes, parameters and costs. Works on any Keras file that can be read and on bundles; everything
    that is not supported is listed at once.

    \b
    Example: kmin inspect model.h5
             kmin inspect model.keras --stage plan
             kmin inspect model.keras --audit
             kmin inspect architecture.json --weights w.h5 --by-name --skip-mismatch
    """
    if kernels + audit + (stage is not None) > 1:
        raise click.UsageError("--stage, --kernels and --audit print different things; give one of them.")
    if stage is not None and as_json:
        raise click.UsageError("--stage prints text; the summary, --kernels and --audit have --json.")
    if kernels:
        from kmin.ops.kernels import report

        print_kernels(report(), as_json)
        return
    if model is None:
        raise click.UsageError("Missing argument 'MODEL'.")
    if audit:
        from kmin.commands._audit import print_findings
        from kmin.formats.audit import audit_file

        paths = [Path(path) for path in (model.path, model.weights) if path is not None]
        findings = [finding for path in paths for finding in audit_file(path)]
        print_findings(findings, paths[0], as_json)
        raise click.exceptions.Exit(1 if findings else 0)
    if stage is not None:
        from kmin.summary import stage_text

        click.echo(stage_text(model, stage))
        return
    from kmin.commands._summary import print_summary
    from kmin.summary import summarise

    summary = summarise(model)
    if as_json:
        print_json(summary.as_dict())
    else:
        print_summary(summary, Path(model))
