"""kmin extract: write a model in another form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kmin.commands._options import model_argument
from kmin.commands._output import print_facts, spell_bytes

if TYPE_CHECKING:
    from kmin.formats.source import Source


@click.command()
@model_argument()
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="What to write: a .npz bundle, or a standalone .py with its weights beside it.",
)
def command(model: Source, output: Path) -> None:
    """Extract MODEL into a file that NumPy alone can run.

    A .npz bundle is loaded by kmin with NumPy alone; a .py runs with NumPy alone, without kmin.

    \b
    Example: kmin extract model.h5 -o model.npz
             kmin extract model.keras -o model.py
             kmin extract architecture.json --weights w.h5 -o model.npz
    """
    from kmin.export import export
    from kmin.model import read_graph

    graph, facts = read_graph(model)
    written = export(graph, output, source=facts)
    names = [str(path) for path in (model.path, model.weights) if path is not None]
    before = facts.size if facts is not None else Path(model).stat().st_size
    sizes = [(" + ".join(names), before), *((str(part.path), part.size) for part in written)]
    after = sum(size for _, size in sizes[1:])
    print_facts([(name, spell_bytes(size)) for name, size in sizes])
    click.echo(f"{spell_bytes(before)} before, {spell_bytes(after)} after: {after / before:.0%} of the size")
