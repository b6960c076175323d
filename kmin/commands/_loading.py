"""What became of each layer's weights, as a table on stderr."""

from __future__ import annotations

from collections import Counter

import click

from kmin.commands._output import table_text
from kmin.formats.spec import LayerWeights


def print_loading(rows: tuple[LayerWeights, ...]) -> None:
    """One row per layer with weights, then how many went which way."""
    cells = [(row.layer, row.class_name, row.outcome, row.reason) for row in rows]
    click.echo(table_text(("layer", "class", "weights", "because"), cells), err=True)
    counts = Counter(row.outcome for row in rows)
    click.echo(f"\n{', '.join(f'{count} {outcome}' for outcome, count in counts.items())}", err=True)
