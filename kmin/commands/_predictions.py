"""Predictions as a short table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from kmin.commands._output import print_table, spell_shape

WIDTH = 6  # outputs of at most so many numbers are printed in full
WIDEST = 40  # characters of a text
TOP = 3


def print_predictions(names: Sequence[str], totals: Sequence[int], outputs: Sequence[NDArray[Any]]) -> None:
    """A table per output, of which `totals` tells the rows: its numbers, the largest of them, or figures about them."""
    for name, total, output in zip(names, totals, outputs, strict=True):
        kind, headers, cells = _cells(output)
        rows = [(str(index), *row) for index, row in enumerate(cells)]
        title = f"{name} {spell_shape((total, *output.shape[1:]))}{kind}"
        print_table(("row", *headers), rows, numeric=("row", *headers), title=title)
    hidden = max(total - len(output) for total, output in zip(totals, outputs, strict=True))
    if hidden > 0:
        click.echo(f"... {hidden:,} more rows; --output writes them all")


def _cells(output: NDArray[Any]) -> tuple[str, list[str], list[list[str]]]:
    """What the numbers are, the column headers, and a list of cells per row."""
    flat = output.reshape(len(output), math.prod(output.shape[1:]))
    if output.dtype.kind == "c" and (output.ndim > 2 or flat.shape[1] > WIDTH):
        kind, headers, cells = _cells(np.abs(output))
        return f", magnitudes{kind}", headers, cells
    if output.dtype.kind == "S":
        headers = ["text"] if flat.shape[1] == 1 else [str(index) for index in range(min(WIDTH, flat.shape[1]))]
        return "", headers, [[_text(value) for value in row[:WIDTH]] for row in flat.tolist()]
    if output.ndim <= 2 and flat.shape[1] <= WIDTH:
        headers = ["value"] if flat.shape[1] == 1 else [str(index) for index in range(flat.shape[1])]
        return "", headers, [[_spell(value) for value in row] for row in flat]
    if output.ndim == 2:
        order = np.argsort(-flat.astype(np.float64), axis=1, kind="stable")[:, :TOP]
        headers = ["argmax", *(f"#{place}" for place in range(1, TOP + 1))]
        rows = [
            [str(best[0]), *(f"{at}: {_spell(row[at])}" for at in best)] for row, best in zip(flat, order, strict=True)
        ]
        return f", the {TOP} largest", headers, rows
    if flat.shape[1] == 0:
        return ", empty", [], [[] for _ in flat]
    figures = [flat.min(axis=1), flat.mean(axis=1, dtype=np.float64), flat.max(axis=1)]
    return (
        ", figures per row",
        ["min", "mean", "max"],
        [[_spell(value) for value in row] for row in zip(*figures, strict=True)],
    )


def _text(value: bytes) -> str:
    """A text as far as it fits, characters that a terminal may obey left out."""
    whole = value.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in whole[:WIDEST]) + ("..." if len(whole) > WIDEST else "")


def _spell(value: Any) -> str:
    if isinstance(value, (np.integer, np.bool_)):
        return str(value)
    return f"{value:.6g}" if isinstance(value, np.complexfloating) else f"{float(value):.6g}"
