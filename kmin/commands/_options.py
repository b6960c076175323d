"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

model_argument = click.argument("model", type=click.Path(path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON with stable keys.")
samples_option = click.option(
    "--samples",
    metavar="N",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Number of random samples.",
)
seed_option = click.option(
    "--seed", metavar="N", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random samples."
)
batch_size_option = click.option(
    "--batch-size",
    metavar="N",
    type=click.IntRange(min=1),
    help="Rows computed at a time; chosen by memory unless given.",
)


def input_option(help: str, required: bool) -> Callable[[Command], Command]:
    """`--input`, repeatable: x.npy, x.npz, x.csv or name=path."""
    return click.option("--input", "-i", "sources", multiple=True, required=required, metavar="[NAME=]FILE", help=help)
