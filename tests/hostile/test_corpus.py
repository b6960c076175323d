"""Every hostile file ends in a named error, soon, in bounded memory, and nothing else is opened or run."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hostile.corpus import CASES
from hostile.damage import SEEDS, seed_file

SECONDS = 5.0
IN_ACCESS, IN_OPEN = 0x1, 0x20  # of Linux' inotify
STEPS = ("audit", "inspect", "spec", "load")

if sys.platform != "linux":
    pytest.skip("limits and measures of memory are Linux' own", allow_module_level=True)


def watched(path: Path) -> int:
    """A descriptor on which the kernel tells when anybody opens the file: audit hooks see Python's own calls only."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor: int = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(descriptor, os.fsencode(path), IN_ACCESS | IN_OPEN) >= 0
    return descriptor


def events(descriptor: int) -> bytes:
    """What the kernel has told."""
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""
    finally:
        os.close(descriptor)


def test_the_kernel_tells_of_files_that_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    watch = watched(path)
    path.read_text()
    assert events(watch) != b""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a guarded process said of each file."""
    folder = tmp_path_factory.mktemp("hostile")
    for kind in SEEDS:
        (folder / f"clean {kind}").write_bytes(seed_file(kind))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, case in CASES.items():
            case.make(folder / name)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    watch = watched(folder / "secret.h5")
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "KMIN_THREADS": "1"}
    script = Path(__file__).with_name("guarded.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        cwd=folder,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after '{found[-1]['name'] if found else ''}': {done.stderr[-2000:]}"
    assert events(watch) == b"", "another file was opened, if not by Python then by a library or a child process"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, "a file was written"
    return {item["name"]: item for item in found}


@pytest.mark.parametrize("name", CASES)
def test_refused_with_a_named_error(results: dict[str, dict[str, Any]], name: str) -> None:
    found = results[name]
    assert not [found[f"{step} failed"] for step in STEPS if f"{step} failed" in found]
    assert not [step for step in STEPS if "needs more memory" in found.get(f"{step} refused", "")]
    if CASES[name].says is not None:
        assert "load refused" in found
        assert re.search(str(CASES[name].says), found["load refused"].replace(f"/{name}:", ":"))
    else:
        assert "load" in found


@pytest.mark.parametrize("name", CASES)
def test_soon_and_in_bounded_memory(results: dict[str, dict[str, Any]], name: str) -> None:
    found = results[name]
    assert max(found[f"{step} seconds"] for step in STEPS) < SECONDS
    assert found["bytes"] < 500 << 20


@pytest.mark.parametrize("name", CASES)
def test_nothing_else_is_touched(results: dict[str, dict[str, Any]], name: str) -> None:
    assert results[name]["touched"] == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kind is not None])
def test_the_audit_names_it(results: dict[str, dict[str, Any]], name: str) -> None:
    assert CASES[name].kind in results[name].get("audit", [])
