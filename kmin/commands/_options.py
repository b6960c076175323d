"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def model_argument(required: bool = True) -> Callable[[Command], Command]:
    """MODEL and the options about its weights, handed to the command together as the Source `model`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_source(
            *args: Any,
            model: Path | None,
            weights: Path | None,
            by_name: bool,
            skip_mismatch: bool,
            plugins: tuple[str, ...],
            **options: Any,
        ) -> Any:
            from kmin.commands._loading import print_loading
            from kmin.commands._plugins import load_plugin
            from kmin.formats.source import Source

            for plugin in plugins:
                load_plugin(plugin)
            if weights is None and (by_name or skip_mismatch):
                raise click.UsageError("--by-name and --skip-mismatch are about the file given with --weights.")
            if model is None and weights is not None:
                raise click.UsageError("Missing argument 'MODEL'.")
            source = None if model is None else Source(model, weights, by_name, skip_mismatch, print_loading)
            return command(*args, model=source, **options)

        for option in (
            click.option(
                "--plugin",
                "plugins",
                metavar="MODULE:ATTR",
                multiple=True,
                help="Your own functions for custom layers and Lambdas: a dict by class or layer name.",
            ),
            click.option("--skip-mismatch", is_flag=True, help="Leave out the weights in FILE that do not fit."),
            click.option("--by-name", is_flag=True, help="Match the weights in FILE by layer name, not in order."),
            click.option(
                "--weights",
                metavar="FILE",
                type=click.Path(path_type=Path),
                help="Take the weights from FILE; MODEL may then be an architecture as JSON.",
            ),
            click.argument("model", type=click.Path(path_type=Path), required=required),
        ):
            option(with_source)
        return cast("Command", with_source)

    return decorate


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON with stable keys.")
samples_option = click.option(
    "--samples",
    metavar="N",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Number of random samples.",
)
trust_option = click.option(
    "--trust", is_flag=True, help="Hand MODEL to Keras whatever kmin inspect --audit finds in it."
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
threads_option = click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(min=1),
    help="Most threads for one call; KMIN_NUM_THREADS, OMP_NUM_THREADS or all cores unless given.",
)


def input_option(help: str, required: bool) -> Callable[[Command], Command]:
    """`--input`, repeatable: x.npy, x.npz, x.csv or name=path."""
    return click.option("--input", "-i", "sources", multiple=True, required=required, metavar="[NAME=]FILE", help=help)
