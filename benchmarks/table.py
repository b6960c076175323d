"""Tables of what was measured, as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.engines import PEERS
from benchmarks.models import MODELS
from benchmarks.results import Row, Timing, geometric_mean

OURS = "kmin-native"
# Ratio to the best peer that kmin aims at: batch 1, 2 threads.
TARGETS = {
    ("mlp", 1): 5.0,
    ("konverter", 1): 1.8,
    ("konverter", 10_000): 1.1,
    ("digits", 1): 1.8,
    ("cnn", 1): 1.5,
    ("autoencoder", 1): 1.05,
    ("lstm", 1): 2.2,
    ("gru", 1): 30.0,
    ("transformer", 1): 1.3,
    ("mobilenet", 1): 1.05,
    ("mobilenetv2", 1): 1.05,
    ("resnet50", 1): 1.15,
    ("vgg16", 1): 1.8,
    ("densenet121", 1): 1.1,
    ("inceptionv3", 1): 1.1,
    ("xception", 1): 1.1,
    ("efficientnetb0", 1): 1.1,
}
MEAN_TARGET = 1.8


def print_rows(rows: Sequence[Row], engines: Sequence[str]) -> str:
    """Medians and minima in milliseconds, one line per row, and kmin's ratio to the best peer."""
    head = ["model", "batch", "threads", *engines, "best peer", "ratio", "target"]
    body = []
    for row in rows:
        ratio, best = row.ratio(OURS, PEERS), row.best(PEERS)
        target = TARGETS.get((row.model, row.batch)) if row.threads == 2 else None
        body.append(
            [
                MODELS[row.model].title,
                f"{row.batch:,}",
                str(row.threads),
                *(_cell(row, name) for name in engines),
                best.engine if best is not None else "-",
                f"{ratio:.2f}" if ratio is not None else "-",
                f"{target:g}" if target is not None else "",
            ]
        )
    text = ["median / minimum, milliseconds per call", *grid(head, body)]
    for threads in sorted({row.threads for row in rows}):
        found = [row.ratio(OURS, PEERS) for row in rows if row.batch == 1 and row.threads == threads]
        ratios = [ratio for ratio in found if ratio is not None]
        mean = geometric_mean(ratios)
        if mean is not None:
            text.append(
                f"geometric mean of the {len(ratios)} ratios at batch 1, {threads} threads: {mean:.2f}"
                + (f" (target {MEAN_TARGET})" if threads == 2 else "")
            )
    return "\n".join(text)


def print_costs(rows: Sequence[Row], engines: Sequence[str]) -> str:
    """Peak memory, load time, first prediction and error per row."""
    head = ["model", "batch", "threads", "engine", "load", "first call", "memory", "error"]
    body = [
        [
            MODELS[row.model].title,
            f"{row.batch:,}",
            str(row.threads),
            timing.engine,
            f"{timing.load:.3f} s",
            f"{milliseconds(timing.first)} ms",
            f"{timing.peak / 1e6:,.0f} MB" if timing.peak is not None else "-",
            f"{timing.error:.1e}",
        ]
        for row in rows
        for timing in row.timings
        if timing.engine in engines
        and timing.load is not None
        and timing.first is not None
        and timing.error is not None
    ]
    return "\n".join(grid(head, body, left=4))


def print_reasons(rows: Sequence[Row]) -> str:
    """What was not run, and why, each reason once per model and engine."""
    lines = {
        f"not run: {timing.engine} on {MODELS[row.model].title}, batch {row.batch:,}: {timing.reason}"
        for row in rows
        for timing in row.timings
        if timing.reason
    }
    return "\n".join(sorted(lines))


def grid(head: Sequence[str], body: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines of a table; the first `left` columns are flush left, the others flush right."""
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, ["-" * width for width in widths], *body)
    ]


def milliseconds(seconds: float | None) -> str:
    """Three digits that count."""
    if seconds is None:
        return "-"
    value = seconds * 1e3
    for limit, digits in ((0.0995, 5), (0.995, 4), (9.95, 2), (99.5, 1)):
        if value < limit:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def _cell(row: Row, engine: str) -> str:
    timing: Timing | None = row.find(engine)
    return f"{milliseconds(timing.median)} / {milliseconds(timing.least)}" if timing is not None else "-"
