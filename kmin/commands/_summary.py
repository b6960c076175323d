"""A Summary as facts and a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kmin.commands._output import print_facts, print_table, spell_bytes, spell_shape
from kmin.summary import LayerSummary, Summary

CONTAINERS = {"bundle": "kmin bundle (.npz)", "h5": "HDF5 (.h5)", "keras": "Keras archive (.keras)"}


def print_summary(summary: Summary, path: Path) -> None:
    """Facts, the table of layers, totals, and whatever keeps kmin from running the model."""
    file = summary.file
    written = f"Keras {file.keras_version}" if file.keras_version is not None else "a version not stated"
    size = spell_bytes(file.size)
    if file.optimizer_size:
        size += f", of which {spell_bytes(file.optimizer_size)} ({file.optimizer_size / file.size:.0%}) optimizer state"
    print_facts(
        [
            ("model", f"{summary.name} ({summary.class_name})"),
            ("file", str(path)),
            ("container", CONTAINERS.get(file.container, file.container)),
            ("written by", f"{written}, Keras {file.dialect} meaning"),
            ("dtype", ", ".join(summary.dtypes) if summary.dtypes else "float32"),
            ("size", size),
            *(("input", _end(*end)) for end in summary.inputs),
            *(("output", _end(*end)) for end in summary.outputs),
        ]
    )
    click.echo()
    headers = ["layer", "class", "output shape", "params", "MACs", "connected to"]
    rows = [_row(layer) for layer in summary.layers]
    print_table(headers, rows, numeric=("params", "MACs"), unbroken=("output shape",))
    macs = "unknown" if summary.macs is None else f"{summary.macs:,}"
    click.echo(f"{summary.parameters:,} parameters, {macs} multiply-accumulates per sample")
    if not summary.problems:
        mixed = "; it mixes the samples of a batch, so all rows are computed together" if summary.mixes_samples else ""
        click.echo(f"kmin can run this model{mixed}")
        return
    click.echo(f"kmin cannot run this model, for {_count(len(summary.problems))}:")
    for problem in summary.problems:
        click.echo(f"  - {problem}")


def _row(layer: LayerSummary) -> list[str]:
    name = "· " * layer.depth + layer.path.rpartition("/")[2]
    shapes = " ".join("?" if shape is None else spell_shape(shape) for shape in layer.shapes)
    macs = "?" if layer.macs is None else f"{layer.macs:,}"
    mark = "" if layer.runs else " (!)"
    sources = ", ".join(layer.connected_to)
    return [name, f"{layer.class_name}{mark}", shapes, f"{layer.parameters:,}", macs, sources]


def _end(name: str, shape: Sequence[int | None] | None, dtype: str) -> str:
    return f"{name} {'of unknown shape' if shape is None else f'{spell_shape(shape)} {dtype}'}"


def _count(number: int) -> str:
    return "one reason" if number == 1 else f"{number} reasons"
