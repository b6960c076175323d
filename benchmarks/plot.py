"""draw: the times of all engines relative to kmin's, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.models import MODELS
from benchmarks.results import Row
from benchmarks.table import OURS

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
    """One group of bars per row: medians as multiples of kmin's, so that a longer bar is a slower engine."""
    from matplotlib.figure import Figure

    rows = [row for row in rows if row.find(OURS) is not None]
    figure = Figure(figsize=(9, 1.2 + 0.16 * max(1, len(rows)) * (len(engines) + 1)), layout="constrained")
    axes = figure.add_subplot()
    height = 0.86 / len(engines)
    for position, engine in enumerate(engines):
        places, values = [], []
        for place, row in enumerate(rows):
            timing, own = row.find(engine), row.find(OURS)
            if timing is not None and own is not None:
                places.append(place + (position - (len(engines) - 1) / 2) * height)
                values.append(timing.median / own.median)
        bars = axes.barh(places, values, height, color=COLOURS[engine], label=engine)
        axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=2, fontsize=6)
    labels = [f"{MODELS[row.model].title}\nbatch {row.batch:,}, {row.threads} threads" for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=7)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.margins(x=0.12)
    axes.set_xlabel(f"median time per call / that of {OURS}; right of the line: slower than kmin")
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)
