"""A Benchmark as tables, CSV, JSON or a picture."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kmin.commands._output import print_json, print_table, say, spell_bytes, spell_seconds, table_text
from kmin.errors import DependencyError, InputError

if TYPE_CHECKING:
    from kmin.bench import Benchmark
    from kmin.steps import StepTime

PICTURES = (".pdf", ".png", ".svg")
SPEED = ("engine", "min", "median", "speed-up")
START = ("engine", "kernels", "import", "load", "first call", "memory", "max error")


def print_benchmark(found: Benchmark, style: str | None) -> None:
    """Prints in `style`: rich, plain, markdown, csv or json; None is rich on a terminal, else plain."""
    if style == "json":
        print_json(
            {
                "samples": found.samples,
                "requested": found.requested,
                "rounds": found.rounds,
                "single_rows": found.single_rows,
                "threads": found.threads,
                "reference": found.reference,
                "skipped": list(found.skipped),
                "engines": found.rows(),
            }
        )
    elif style == "csv":
        rows = found.rows()
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        for title, headers, cells in _tables(found):
            numbers = [header for header in headers[1:] if header != "kernels"]
            if style in ("plain", "markdown"):
                text = table_text(headers, cells, "pipe" if style == "markdown" else "simple", numbers)
                click.echo(f"{title}\n\n{text}\n")
            else:
                print_table(
                    headers, cells, numeric=numbers, unbroken=("engine", "kernels"), title=title, rich=style == "rich"
                )
    _say_limits(found)


def print_steps(times: Sequence[StepTime], style: str | None) -> None:
    """Prints steps in the order in which they run, in the styles of `print_benchmark`."""
    rows = [asdict(step) for step in times]
    if style == "json":
        print_json(rows)
        return
    if style == "csv":
        writer = csv.DictWriter(sys.stdout, ["layer", "kernel", "seconds", "share"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    cells = [(step.layer, step.kernel, spell_seconds(step.seconds), f"{step.share:.1%}") for step in times]
    total = sum(step.seconds for step in times)
    cells.append((f"{len(times):,} steps", "", spell_seconds(total), "100.0%"))
    headers = ("layer", "kernel", "time", "share")
    if style in ("plain", "markdown"):
        click.echo(table_text(headers, cells, "pipe" if style == "markdown" else "simple", headers[2:]))
    else:
        print_table(headers, cells, numeric=headers[2:], title="one sample, step by step", rich=style == "rich")


def _tables(found: Benchmark) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    rows = found.rows()
    batch = [(row["engine"], *_speed(row, "batch")) for row in rows]
    single = [(row["engine"], *_speed(row, "single"), f"{row['singles']:,}") for row in rows]
    start = [
        (
            f"{row['engine']}",
            row["kernels"],
            spell_seconds(row["import_s"]),
            spell_seconds(row["load_s"]),
            spell_seconds(row["first_s"]),
            "-" if row["peak_bytes"] is None else spell_bytes(row["peak_bytes"]),
            "reference" if row["scaled_error"] is None else f"{row['scaled_error']:.1e}",
        )
        for row in rows
    ]
    return [
        (f"{found.samples:,} samples at once", SPEED, batch),
        (_single_title(found), (*SPEED, "calls timed"), single),
        ("start-up", START, start),
    ]


def _single_title(found: Benchmark) -> str:
    return f"{found.single_rows:,} samples at a time" if found.single_rows > 1 else "one sample at a time"


def _speed(row: dict[str, Any], kind: str) -> tuple[str, str, str]:
    ratio = row[f"{kind}_speedup"]
    spelt = "-" if ratio is None else f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.2f}x"
    return spell_seconds(row[f"{kind}_min_s"]), spell_seconds(row[f"{kind}_median_s"]), spelt


def _say_limits(found: Benchmark) -> None:
    if found.samples < found.requested:
        few = f"{found.samples:,} sample{'s' if found.samples > 1 else ''}"
        say(f"{few} instead of {found.requested:,}: memory or --budget allows no more.")
    for engine in found.skipped:
        say(f"{engine} is left out: no compiled kernel is in use for this model, see kmin inspect --kernels.")


def check_plot(path: Path | None) -> None:
    """Finds out before the timing whether `save_plot` will work after it.

    Raises:
        InputError: the file's name or folder is wrong.
        DependencyError: matplotlib is not installed.
    """
    if path is None:
        return
    if path.suffix.lower() not in PICTURES:
        raise InputError(f"plot {path}: must end in {', '.join(PICTURES[:-1])} or {PICTURES[-1]}")
    if not path.parent.is_dir():
        raise InputError(f"plot {path}: the folder {path.parent} does not exist")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise DependencyError("--plot needs matplotlib; install it with: pip install 'kmin[plot]'") from None


def save_plot(found: Benchmark, path: Path) -> None:
    """Draws both speeds, on logarithmic axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.6 * len(found.timings) + 1.8), layout="constrained")
    rows = found.rows()[::-1]
    names = [row["engine"] for row in rows]
    titles = {"batch": f"{found.samples:,} samples at once", "single": _single_title(found)}
    for axes, (kind, title) in zip(figure.subplots(1, 2, sharey=True), titles.items(), strict=True):
        values = [row[f"{kind}_min_s"] for row in rows]
        colours = ["#6b7a89" if name.startswith("keras") else "#d9534f" for name in names]
        axes.scatter(values, names, s=60, c=colours, zorder=2)
        for name, value in zip(names, values, strict=True):
            axes.annotate(spell_seconds(value), (value, name), (9, 0), textcoords="offset points", va="center")
        axes.set(title=title, xscale="log", xlabel="seconds, best of all rounds (left is better)")
        span = max(values) / min(values)
        axes.set_xlim(min(values) / 3, max(values) * 6 * span**0.2)
        axes.grid(axis="y", color="#e3e6e9")
        axes.margins(y=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=144)
