"""Opens files in every way under guard: a limit on memory, and a record of whatever else is touched or run.

`python guarded.py FOLDER` opens each file in FOLDER and prints a line of JSON for each.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]  # an installed kmin comes first

import kmin
from kmin import layers, ops
from kmin.errors import KminError
from kmin.formats.audit import audit_file
from kmin.summary import stage_text, summarise

MEMORY = 500 << 20
HARMLESS = (
    "array.",
    "builtins.id",
    "compile",
    "gc.",
    "mmap.",
    "object.__",
    "os.listdir",
    "os.scandir",
    "sys.",
    "time.",
)
EVENTS = (
    "exec",
    "import",
    "marshal.",
    "open",
    "os.",
    "pickle.",
    "shutil.",
    "socket.",
    "subprocess.",
    "ctypes.",
    "winreg.",
)
touched: list[str] = []
allowed: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if not allowed or not event.startswith(EVENTS) or event.startswith(HARMLESS):
        return
    if event == "open" and str(arguments[0]) in allowed and not (arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        return
    if event == "open" and (arguments[0] == os.devnull or isinstance(arguments[0], int)):  # pipes to the probe
        return
    if event in ("os.posix_spawn", "subprocess.Popen") and _is_probe(arguments[1]):
        return
    touched.append(f"{event} {str(arguments)[:200]}")


def _is_probe(command: list[str]) -> bool:
    return command[1:3] == ["-I", "-c"] and "kmin.formats.probe" in command[3]


def status(key: str) -> int:
    """A line of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(key))


def seconds() -> float:
    """Processor time of this process and its children; the time of day would count the machine's other work, too."""
    return sum(os.times()[:4])


def open_all(path: Path) -> dict[str, Any]:
    """What each way of opening a file ended in."""
    found: dict[str, Any] = {}
    for name, step in (
        ("audit", lambda: [finding.kind for finding in audit_file(path)]),
        ("inspect", lambda: len(summarise(path).problems)),
        ("spec", lambda: bool(stage_text(path, "spec"))),
        ("load", lambda: str(kmin.load(path).name)),
    ):
        before = seconds()
        try:
            found[name] = step()
        except KminError as error:
            found[f"{name} refused"] = str(error)
        except BaseException as error:
            found[f"{name} failed"] = f"{type(error).__name__}: {error}"
        found[f"{name} seconds"] = seconds() - before
    return found


def main(folder: Path) -> None:
    """Warms up with all layers and ops and the files called `clean...`, then opens the others under guard."""
    for package in (layers, ops):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    import_module("difflib")  # names that resemble an unknown one
    files = sorted(folder.iterdir())
    for path in files:
        if path.name.startswith("clean"):
            open_all(path)
    resource.setrlimit(resource.RLIMIT_AS, (status("VmSize") + MEMORY, resource.RLIM_INFINITY))
    base = status("VmRSS")
    sys.addaudithook(watch)
    for path in files:
        if path.name.startswith("clean") or path.name == "secret.h5":
            continue
        allowed[:] = [str(path)]
        found = open_all(path)
        allowed.clear()
        told = {"name": path.name, "bytes": status("VmHWM") - base, "touched": touched, **found}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        touched.clear()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
