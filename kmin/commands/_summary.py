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
    chain = _is_chain(summary.layers)
    headers = ["layer", "class", "output shape", "params", "MACs", *([] if chain else ["connected to"])]
    rows = [_row(layer, chain) for layer in summary.layers]
    print_table(headers, rows, numeric=("params", "MACs"), unbroken=("output shape",))
    macs = "unknown" if summary.macs is None else f"{summary.macs:,}"
    click.echo(f"{summary.parameters:,} parameters, {macs} multiply-accumulates per sample")
    if not summary.problems:
        click.echo("kmin can run this model")
        return
    click.echo(f"kmin cannot run this model, for {_count(len(summary.problems))}:")
    for problem in summary.problems:
        click.echo(f"  - {problem}")


def _row(layer: LayerSummary, chain: bool) -> list[str]:
    name = "· " * layer.depth + layer.path.rpartition("/")[2]
    shapes = " ".join("?" if shape is None else spell_shape(shape) for shape in layer.shapes)
    macs = "?" if layer.macs is None else f"{layer.macs:,}"
    mark = "" if layer.runs else " (!)"
    row = [name, f"{layer.class_name}{mark}", shapes, f"{layer.parameters:,}", macs]
    return row if chain else [*row, ", ".join(layer.connected_to)]


def _is_chain(layers: Sequence[LayerSummary]) -> bool:
    """Whether every layer reads just the one before it, so that a column of sources says nothing."""
    names = [layer.path.rpartition("/")[2] for layer in layers]
    flat = all(layer.depth == 0 for layer in layers)
    follows = all(layer.connected_to in ((), (before,)) for layer, before in zip(layers[1:], names, strict=False))
    return flat and follows


def _end(name: str, shape: Sequence[int | None] | None, dtype: str) -> str:
    return f"{name} {'of unknown shape' if shape is None else f'{spell_shape(shape)} {dtype}'}"


def _count(number: int) -> str:
    return "one reason" if number == 1 else f"{number} reasons"
