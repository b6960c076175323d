"""The probe: a child process in which libhdf5 reads a file first, and may crash or hang without harm."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys

from kmin.errors import FormatError

SECONDS = 4.0
BYTES_PER_SECOND = 20_000_000
MEMORY = 1 << 30
_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from kmin.formats.probe import main; main()"


def send_ahead(data: memoryview) -> None:
    """Returns when a child process has read all of the file without crashing; what it says of it does not matter.

    Raises:
        FormatError: it crashed, took too long, or no process can be started.
    """
    if getattr(sys, "frozen", False) or not sys.executable:
        raise FormatError("its HDF5 layout is one that kmin reads only where it can start a Python process")
    limit = _seconds(data)
    paths = json.dumps([path for path in sys.path if isinstance(path, str)])
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CODE, paths],
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        raise FormatError(f"the HDF5 data is damaged (libhdf5 was still at it after {limit:.0f} s)") from None
    if done.returncode != 0:
        raise FormatError(f"the HDF5 data is damaged (it crashes libhdf5, exit code {done.returncode})")


def _seconds(data: bytes | memoryview) -> float:
    """How long the child may take over so much data."""
    return SECONDS + len(data) / BYTES_PER_SECOND


def main() -> None:
    """Reads a whole HDF5 file from stdin: every link, attribute and array that kmin would accept."""
    data = sys.stdin.buffer.read()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY + 102 * len(data), resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        seconds = math.ceil(_seconds(data)) + 1  # the parent may be killed before it ends this process
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    from kmin.formats.hdf5 import DAMAGE
    from kmin.formats.library import LibraryReader

    with contextlib.suppress(FormatError, MemoryError, *DAMAGE):
        reader = LibraryReader(memoryview(data))
        for place, node in reader.places():
            if isinstance(node, str):
                continue
            with contextlib.suppress(FormatError, MemoryError, *DAMAGE):
                for name in node.attrs:
                    with contextlib.suppress(FormatError):
                        reader.attribute(node, name)
            with contextlib.suppress(FormatError, MemoryError, *DAMAGE):
                if not reader.is_group(node):
                    reader.array_of(node, place)
