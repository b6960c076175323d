"""kmin predict: run a model over arrays on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kmin.commands._options import batch_size_option, input_option, model_argument, threads_option
from kmin.commands._output import progress_bar, say

if TYPE_CHECKING:
    from kmin.formats.source import Source


@click.command()
@model_argument()
@input_option("Input array: .npy, .npz or .csv; repeat, or name them, for several inputs.", True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Where to write: .npy, or .npz for several outputs. Without it the first rows are printed.",
)
@batch_size_option
@threads_option
def command(
    model: Source, sources: tuple[str, ...], output: Path | None, batch_size: int | None, threads: int | None
) -> None:
    """Predict with MODEL from arrays on disk.

    MODEL is a Keras file or a bundle from kmin extract. Inputs are mapped into memory and outputs written as
    they come, so both may be larger than memory.

    \b
    Example: kmin predict model.h5 --input x.npy --output y.npy
             kmin predict model.keras --input image=a.npy --input meta=b.npy
             kmin predict architecture.json --weights w.h5 --input x.npy
    """
    import kmin
    from kmin.arrays import predict_file, preview, read_inputs
    from kmin.commands._predictions import print_predictions

    loaded = kmin.load(model, threads=threads)
    arrays = read_inputs(loaded, sources)
    if output is None:
        print_predictions([info.name for info in loaded.outputs], *preview(loaded, arrays))
        return
    with progress_bar("predicting") as progress:
        rows = predict_file(loaded, arrays, output, batch_size, progress)
    names = ", ".join(info.name for info in loaded.outputs)
    say(f"{output}: {names} from {rows:,} rows" if loaded.mixes_samples else f"{output}: {rows:,} rows of {names}")
