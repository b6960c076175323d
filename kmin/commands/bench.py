"""kmin bench: time Keras and kmin on the same model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmin.commands._benchmark import check_plot, print_benchmark, print_steps, save_plot
from kmin.commands._options import model_argument, samples_option, seed_option, trust_option
from kmin.commands._output import progress_bar

if TYPE_CHECKING:
    from kmin.formats.source import Source


@click.command()
@model_argument()
@samples_option
@click.option(
    "--engines",
    metavar="NAMES",
    default="keras,kmin",
    show_default=True,
    help="Engines or families, separated by commas.",
)
@click.option(
    "--threads", metavar="N", type=click.IntRange(min=1), help="Threads per engine; left to each runtime unless given."
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Time an engine may spend on batches, and again on single predictions.",
)
@click.option("--steps", is_flag=True, help="Time each step of kmin's own plan on one sample instead.")
@trust_option
@seed_option
@click.option(
    "--format",
    "style",
    type=click.Choice(["rich", "plain", "markdown", "csv", "json"]),
    help="Of the result. [default: rich on a terminal, else plain]",
)
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also draw the result, as .png, .svg or .pdf (needs matplotlib).",
)
def command(model: Source, engines: str, steps: bool, style: str | None, plot: Path | None, **options: Any) -> None:
    """Time MODEL with Keras and with kmin.

    Each engine runs in its own process, and all must agree before anything is timed. The speed-up is that over Keras'
    model.predict. Engines: keras-call, keras-predict, kmin-native, kmin-numpy.

    \b
    Example: kmin bench model.h5 --samples 10000
             kmin bench model.keras --engines kmin --format json
             kmin bench model.keras --steps --threads 1
    """
    if steps:
        from kmin.steps import time_steps

        if plot is not None:
            raise click.UsageError("--plot draws engines; --steps has none.")
        times = time_steps(model, threads=options["threads"], budget=options["budget"], seed=options["seed"])
        print_steps(times, style)
        return
    from kmin.bench import bench

    check_plot(plot)
    with progress_bar("timing") as progress:
        found = bench(model, engines=engines.split(","), progress=progress, **options)
    print_benchmark(found, style)
    if plot is not None:
        save_plot(found, plot)
