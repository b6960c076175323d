"""Printing: tables that fit a terminal or a pipe, JSON, sizes and progress."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kmin.ops.kernels import Report

Row = Sequence[Any]


def print_json(value: Any) -> None:
    """`value` as indented JSON on stdout; NaN and infinities, which JSON lacks, as null."""
    click.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def print_table(
    headers: Sequence[str],
    rows: Sequence[Row],
    *,
    numeric: Sequence[str] = (),
    unbroken: Sequence[str] = (),
    title: str = "",
    rich: bool = False,
) -> None:
    """A rich table on a terminal, a plain one in a pipe; columns in `numeric` are set flush right.

    On a narrow terminal text is folded, except in columns that are `numeric` or `unbroken`.
    """
    if rich or sys.stdout.isatty():
        _print_rich(headers, rows, numeric, unbroken, title)
        return
    if title:
        click.echo(f"{title}\n")
    click.echo(f"{table_text(headers, rows, numeric=numeric)}\n")


def table_text(headers: Sequence[str], rows: Sequence[Row], style: str = "simple", numeric: Sequence[str] = ()) -> str:
    """The table in one of tabulate's styles."""
    import tabulate

    sides = ["right" if header in numeric else "left" for header in headers]
    cells = [[str(cell) for cell in row] for row in rows]
    return tabulate.tabulate(cells, list(headers), tablefmt=style, colalign=sides, disable_numparse=True)


def _print_rich(
    headers: Sequence[str], rows: Sequence[Row], numeric: Sequence[str], unbroken: Sequence[str], title: str
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for header in headers:
        number = header in numeric
        whole = number or header in unbroken
        table.add_column(Text(header), justify="right" if number else "left", no_wrap=whole, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console = Console()
    console.print(table)
    console.print()


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """`name  value` lines, the names flush left."""
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        click.echo(f"{name:<{width}}  {value}")


def print_kernels(report: Report, as_json: bool) -> None:
    """Which compiled kernels are in use, and which there are."""
    if as_json:
        print_json({**report._asdict(), "choices": [choice._asdict() for choice in report.choices]})
        return
    print_facts(
        [
            ("tier in use", f"{report.active}{' (forced by KMIN_KERNELS)' if report.forced else ''}"),
            ("tiers that run here", ", ".join(report.available)),
            (
                "compiled kernels",
                "installed" if report.compiled else "none in this installation: NumPy does everything",
            ),
            ("processor", ", ".join(report.cpu) if report.cpu else "no feature that a tier asks about"),
        ]
    )
    click.echo()
    rows = [(choice.op, choice.tier, ", ".join(choice.available)) for choice in report.choices]
    print_table(("op", "tier", "available"), rows)


def say(text: str) -> None:
    """A remark on stderr."""
    click.echo(text, err=True)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A callback (done, total) that moves a bar on stderr, or None when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def spell_bytes(size: float) -> str:
    """`512 bytes`, `1.5 kB`, `98.2 MB`, ... in powers of 1000."""
    if size < 1000:
        return f"{size:.0f} bytes"
    power = min(4, int(math.log10(size) // 3))
    return f"{size / 1000**power:.1f} {['', 'kB', 'MB', 'GB', 'TB'][power]}"


def spell_seconds(seconds: float | None) -> str:
    """`12.3 ms`, with three digits and a unit that suits; `-` for None."""
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 1000 else f"{seconds * factor:.0f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def spell_shape(shape: Sequence[int | None]) -> str:
    """`(None, 28, 28)`"""
    return f"({', '.join(str(size) for size in shape)}{',' if len(shape) == 1 else ''})"


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
