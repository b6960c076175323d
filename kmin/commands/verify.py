"""kmin verify: compare kmin with real Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kmin.commands._options import (
    batch_size_option,
    input_option,
    json_option,
    model_argument,
    samples_option,
    seed_option,
    trust_option,
)
from kmin.commands._output import print_json, print_table, progress_bar

if TYPE_CHECKING:
    from kmin.formats.source import Source


@click.command()
@model_argument()
@samples_option
@input_option("Compare on real inputs instead of random ones: .npy, .npz or .csv; repeat for several inputs.", False)
@click.option(
    "--tolerance",
    metavar="X",
    type=click.FloatRange(min=0),
    help="Largest error as a share of the output's magnitude. [default: 1e-5; 2e-2 in half precision]",
)
@seed_option
@batch_size_option
@click.option("--layers", is_flag=True, help="Also compare layer by layer and name the first that differs.")
@trust_option
@json_option
def command(model: Source, sources: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Compare MODEL's predictions with those of real Keras.

    The reference runs in a process of its own: Keras 3 for its files, tf-keras for those of Keras 1 and 2. Ends with
    exit code 1 when an output differs by more than the tolerance.

    \b
    Example: kmin verify model.h5 --samples 10000
             kmin verify model.keras --input x.npy --layers
    """
    from kmin.verify import verify

    with progress_bar("verifying") as progress:
        found = verify(model, sources=sources, progress=progress, **options)
    if as_json:
        print_json(found.as_dict())
    else:
        headers = ("output", "MAE", "MSE", "max error", "scaled", "same argmax", "verdict")
        numeric = headers[1:6]
        if found.layers:
            print_table(("layer", *headers[1:]), [_row(check) for check in found.layers], numeric=numeric)
        print_table(headers, [_row(check) for check in found.outputs], numeric=numeric)
        if found.first_bad_layer is not None:
            click.echo(f"first layer that differs: {found.first_bad_layer}")
        verdict = "PASS" if found.passed else "FAIL"
        click.echo(f"{verdict}: {found.samples} samples against {found.reference}, tolerance {found.tolerance:g}")
    if not found.passed:
        raise click.exceptions.Exit(1)


def _row(check: Any) -> tuple[str, ...]:
    figures = check.difference
    share = figures.argmax_share
    return (
        check.name,
        f"{figures.mae:.2e}",
        f"{figures.mse:.2e}",
        f"{figures.largest:.2e}",
        f"{figures.scaled:.2e}",
        "-" if share is None else f"{share:.2%}",
        "PASS" if check.passed else "FAIL",
    )
