"""is_bundle: what a bundle is recognised by."""

from __future__ import annotations

import os
from pathlib import Path

# The archive's first member: the graph as JSON text, stored as an array of bytes.
DOCUMENT = "kmin.json"


def is_bundle(path: str | os.PathLike[str]) -> bool:
    """Whether the file is a kmin bundle, complete or not, judged by its content."""
    name = f"{DOCUMENT}.npy".encode()
    try:
        with Path(path).open("rb") as file:
            start = file.read(30 + len(name))
    except (OSError, ValueError):
        return False
    if start[:4] != b"PK\x03\x04":
        return False
    return start[30:] == name or _lists(path, name.decode())


def _lists(path: str | os.PathLike[str], member: str) -> bool:
    import zipfile  # most files are no archives, and it takes a MB

    from kmin.export.npz import DAMAGE

    try:
        with zipfile.ZipFile(path) as archive:
            return member in archive.namelist()
    except DAMAGE:
        return False
