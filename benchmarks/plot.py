"""draw: the times of all engines relative to kmin's, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.models import MODELS
from benchmarks.results import Row
from benchmarks.table import OURS, milliseconds

COLOURS = {
    "keras-call": "#c9b8a8",
    "keras-function": "#a08c7a",
    "keras-predict": "#e0d6cc",
    "kmin-bundle": "#d4697c",
    "kmin-native": "#c8102e",
    "kmin-numpy": "#e8909c",
    "litert": "#4c9f70",
    "onnxruntime": "#3b6fb6",
    "openvino": "#7b5ea7",
}


def draw(rows: Sequence[Row], engines: Sequence[str], path: Path) -> None:
    """One group of bars per row: medians as multiples of kmin's, to the right of 1 where an engine is slower."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    rows = [row for row in rows if row.find(OURS) is not None]
    others = [engine for engine in engines if engine != OURS]
    figure = Figure(figsize=(9, 1.6 + 0.15 * len(rows) * (len(others) + 1.2)), layout="constrained")
    axes = figure.add_subplot()
    height = 0.84 / max(1, len(others))
    labels = []
    for place, row in enumerate(rows):
        own = row.find(OURS)
        assert own is not None
        threads = f"{row.threads} thread{'s' if row.threads > 1 else ''}"
        labels.append(f"{MODELS[row.model].title}\nbatch {row.batch:,}, {threads}: {milliseconds(own.median)} ms")
        run = [(name, timing.median) for name in others if (timing := row.find(name)) is not None]
        for position, (name, median) in enumerate(run):
            ratio, at = median / own.median, place + (position - (len(run) - 1) / 2) * height
            axes.barh(at, ratio - 1, height * 0.9, left=1, color=COLOURS[name])
            axes.annotate(
                f"{ratio:.3g}",
                (ratio, at),
                xytext=(3 if ratio >= 1 else -3, 0),
                textcoords="offset points",
                ha="left" if ratio >= 1 else "right",
                va="center",
                fontsize=6,
            )
    for name in others:
        axes.barh(0, 0, left=1, color=COLOURS[name], label=name)
    axes.set_yticks(range(len(rows)), labels, fontsize=7)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=20))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(1, color=COLOURS[OURS], linewidth=1.5)
    axes.grid(axis="x", linewidth=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.8), max(high, 1.25) * 1.1)
    axes.set_xlabel(f"median time of a call / that of {OURS} (red line); to the right: slower than kmin", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    figure.legend(loc="outside upper center", ncols=len(others), frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)
