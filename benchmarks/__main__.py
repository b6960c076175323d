"""python -m benchmarks: the command line of the comparison."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import limits
from benchmarks.compare import ROOT, compare
from benchmarks.engines import ENGINES
from benchmarks.kernels import measure_kernels, print_kernels
from benchmarks.models import MODELS, TABLE
from benchmarks.prepare import FORMATS, bundle_of, is_ready
from benchmarks.probe import measure_peak
from benchmarks.results import Row, row_from
from benchmarks.table import print_costs, print_reasons, print_rows

EXAMPLES = """
examples:
  python -m benchmarks                                     the table's models, batch 1, 1 and 2 threads
  python -m benchmarks resnet50 mlp --batch 1 32 --threads 2
  python -m benchmarks --engines kmin-native onnxruntime --json rows.json --plot rows.png
  python -m benchmarks --show rows.json                    print a run again
  python -m benchmarks --python keras=/opt/tf/bin/python   engines may live in different environments
  python -m benchmarks kernels                             single layers, beside the machine's peak
  python -m benchmarks limits                              call overhead, cold start, busy machine, Python threads
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["kernels"]:
        kernels_main(given[1:])
        return
    if given[:1] == ["limits"]:
        limits_main(given[1:])
        return
    parser = argparse.ArgumentParser(
        "python -m benchmarks",
        description="Times Keras models with kmin and with other runtimes, in turns, outputs checked first.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(MODELS)}")
    parser.add_argument(
        "--survey",
        action="store_true",
        help=f"the networks that follow {list(TABLE)[-1]}; without it and without names, the others",
    )
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), metavar="NAME")
    parser.add_argument("--batch", nargs="+", type=int, default=[1], help="rows of a call; 10000 for the MLPs only")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=2.0, help="that every engine is timed for in a row")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder of models and converted files")
    parser.add_argument(
        "--python", action="append", default=[], metavar="FAMILY=PATH", help="the Python that has an engine"
    )
    parser.add_argument("--prepare", action="store_true", help="only build and convert what is missing")
    parser.add_argument("--json", type=Path, help="writes everything measured; rows of an older run stay")
    parser.add_argument("--plot", type=Path, help="draws the ratios (needs matplotlib)")
    parser.add_argument("--show", type=Path, help="prints what --json wrote, instead of measuring")
    parser.add_argument("--costs", action="store_true", help="also prints load time, first call, memory and error")
    options = parser.parse_args(given)
    unknown = [name for name in options.models if name not in MODELS]
    if unknown:
        parser.error(f"unknown models {', '.join(unknown)}; there are {', '.join(MODELS)}")
    if options.show is not None:
        rows = read_rows(options.show)
    else:
        pythons = dict(item.split("=", 1) for item in options.python)
        wanted = [
            (name, batch)
            for name in options.models or [name for name in MODELS if (name not in TABLE) == options.survey]
            for batch in options.batch
            if batch in MODELS[name].batches
        ]
        make_ready(options.cache, wanted, pythons.get("keras", sys.executable))
        if options.prepare:
            return
        rows = [
            told(compare(options.cache, name, batch, threads, options.engines, pythons, options.seconds))
            for threads in options.threads
            for name, batch in wanted
        ]
        if options.json is not None:
            rows = write_rows(options.json, rows)
    report(rows, options)


def kernels_main(arguments: Sequence[str]) -> None:
    """Entry point of `python -m benchmarks kernels`."""
    parser = argparse.ArgumentParser("python -m benchmarks kernels", description="Times single layers of kmin.")
    parser.add_argument("wanted", nargs="?", default="", help="only kernels with this in their title")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=0.3, help="that every kernel is timed for")
    options = parser.parse_args(arguments)
    for threads in options.threads:
        peak = measure_peak(threads)
        print(print_kernels(measure_kernels(threads, options.wanted, options.seconds), peak), flush=True)


def limits_main(arguments: Sequence[str]) -> None:
    """Entry point of `python -m benchmarks limits`."""
    parser = argparse.ArgumentParser("python -m benchmarks limits", description="Times kmin where rows do not look.")
    parser.add_argument("models", nargs="*", default=["mlp", "konverter", "mobilenet", "resnet50"], metavar="MODEL")
    parser.add_argument("--cold", default="resnet50", metavar="MODEL", help="that fresh processes load")
    parser.add_argument("--seconds", type=float, default=2.0, help="for every figure")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder of models and converted files")
    parser.add_argument("--keras", default=sys.executable, metavar="PATH", help="the Python that has Keras")
    options = parser.parse_args(arguments)
    make_ready(options.cache, [(name, 1) for name in {*options.models, options.cold}], options.keras)
    whole = options.cache / options.cold / "model.h5"
    files = [whole, bundle_of(whole)]
    print(limits.call_overhead(options.seconds), flush=True)
    print(limits.cold_start(options.cache, options.cold, [path.name for path in files]), flush=True)
    print(limits.python_threads(options.cache, options.models, options.seconds), flush=True)
    print(limits.busy_machine(options.cache, options.models, options.seconds), flush=True)


def report(rows: list[Row], options: argparse.Namespace) -> None:
    """Prints the tables, and draws the plot."""
    engines = [name for name in ENGINES if any(row.find(name) for row in rows)]
    print(print_rows(rows, engines))
    for text in (print_reasons(rows), print_costs(rows, engines) if options.costs else ""):
        if text:
            print(f"\n{text}")
    if options.plot is not None:
        from benchmarks.plot import draw

        draw(rows, engines, options.plot)


def make_ready(cache: Path, wanted: Sequence[tuple[str, int]], python: str) -> None:
    """Builds and converts what is missing, one process each: converters leave much memory behind."""
    for name, batch in wanted:
        if not is_ready(cache, name, batch):
            print(f"preparing {name}, batch {batch}", file=sys.stderr)
            command = [python, "-m", "benchmarks.prepare", str(cache), name, str(batch)]
            for _ in range(len(FORMATS) + 1):  # a converter that is killed is left out the next time
                run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
                if run.returncode >= 0:
                    break
            if run.returncode:
                sys.exit(f"preparing {name} failed: {run.stderr.strip()[-2000:]}")


def told(row: Row) -> Row:
    """The row; says on stderr that it has been measured."""
    print(f"measured {row.model}, batch {row.batch}, {row.threads} threads", file=sys.stderr)
    return row


def read_rows(path: Path) -> list[Row]:
    """Rows that `write_rows` wrote."""
    return [row_from(values) for values in json.loads(path.read_text())["rows"]]


def write_rows(path: Path, rows: list[Row]) -> list[Row]:
    """Writes rows, after those of an older run that were not measured anew; returns all."""
    new = {(row.model, row.batch, row.threads) for row in rows}
    old = read_rows(path) if path.exists() else []
    kept = [row for row in old if (row.model, row.batch, row.threads) not in new]
    order = list(MODELS)
    every = sorted([*kept, *rows], key=lambda row: (row.threads, row.batch, order.index(row.model)))
    path.write_text(json.dumps({"machine": machine(), "rows": [row.as_dict() for row in every]}, indent=1))
    return every


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    model = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}


def default_cache() -> Path:
    """The folder for files that can be made again, as the system has it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "kmin-benchmarks"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "kmin-benchmarks"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kmin-benchmarks"


if __name__ == "__main__":
    main()
