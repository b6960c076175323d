"""Random damage to model files, each tried in a process that may die: `python tests/hostile/fuzz.py --count 5000`.

Every file must be opened or refused with a KminError, in SECONDS for each way of opening it. Anything else (another
exception, a crash, a hang) is a finding: it is counted, its file is kept in `--keep`, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]  # an installed kmin comes first

from hostile.damage import SEEDS, damaged

SECONDS = 5.0


def open_everything(path: Path, done: Callable[[], object] = lambda: None) -> str:
    """Every way in which kmin takes a file from its user, `done` after each; "opened", "refused" or what went wrong."""
    import kmin
    from kmin.errors import KminError
    from kmin.formats.audit import audit_file
    from kmin.summary import summarise

    outcome = "opened"
    steps: tuple[Callable[[Path], object], ...] = (audit_file, summarise, kmin.load)
    for step in steps:
        try:
            step(path)
        except KminError as error:
            if "\n" in str(error) and "problems:" not in str(error):
                return f"more than one line: {str(error)[:100]!r}"
            outcome = "refused"
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}: {str(error)[:80]}"
        done()
    return outcome


def run(start: int, count: int, folder: Path, said: int) -> None:
    """The child: tries files `start`... and says an empty line per way of opening and one of JSON per file."""
    path = folder / "model"
    for number in range(start, count):
        name, data = damaged(number)
        path.write_bytes(data)
        try:
            outcome = open_everything(path, lambda: os.write(said, b"\n"))
        except BaseException as error:
            outcome = f"{type(error).__name__} while importing kmin: {error}"
        os.write(said, (json.dumps([number, name, outcome]) + "\n").encode())


def campaign(start: int, count: int, folder: Path) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Outcomes of files `start` to `count`, and the findings as (number, what happened)."""
    outcomes: Counter[str] = Counter()
    findings: list[tuple[int, str]] = []
    number = start
    while number < count:
        hear, say = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(hear)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                run(number, count, folder, say)
            finally:
                os._exit(0)
        os.close(say)
        buffer, hung = b"", False
        while True:
            if not select.select([hear], [], [], SECONDS)[0]:
                os.kill(child, signal.SIGKILL)
                hung = True
                break
            piece = os.read(hear, 1 << 16)
            if not piece:
                break
            *lines, buffer = (buffer + piece).split(b"\n")
            for line in filter(None, lines):
                number, _, outcome = json.loads(line)
                outcomes[outcome if outcome in ("opened", "refused") else "finding"] += 1
                if outcome not in ("opened", "refused"):
                    findings.append((number, outcome))
                number += 1
        os.close(hear)
        status = os.waitpid(child, 0)[1]
        if number < count:
            what = "a hang" if hung else f"a crash ({signal.Signals(status & 127).name if status & 127 else status})"
            outcomes["finding"] += 1
            findings.append((number, what))
            number += 1
    return outcomes, findings


def main() -> int:
    """Runs a campaign and prints what it met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="files to try")
    parser.add_argument("--start", type=int, default=0, help="number of the first file")
    parser.add_argument("--keep", type=Path, help="folder for files that made findings")
    options = parser.parse_args()
    before = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcomes, findings = campaign(options.start, options.start + options.count, Path(folder))
    seconds = time.perf_counter() - before
    print(f"{sum(outcomes.values())} files from {len(SEEDS)} seeds in {seconds:.0f} s: {dict(outcomes)}")
    for what, times in Counter(what for _, what in findings).most_common():
        print(f"  {times} x {what}; first with file {next(n for n, w in findings if w == what)}")
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, _ in findings:
            (options.keep / f"{number}.bin").write_bytes(damaged(number)[1])
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
