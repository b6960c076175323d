"""Arrays in mapped files: the file behind a view, and its memory given back."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np

from kmin.graph.mapped import forget, mapped_file
from kmin.ops.tensor import Array


def mapped(path: Path, count: int) -> Array:
    np.arange(count, dtype=np.float32).tofile(path)
    with path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.float32)


def test_the_file_is_found_behind_views(tmp_path: Path) -> None:
    there = mapped(tmp_path / "a", 64)
    views = (there, there[3:], there.reshape(8, 8).T, there.view(np.uint8)[4:])
    assert len({id(mapped_file(view)) for view in views}) == 1
    assert mapped_file(there.copy()) is None


def test_forgotten_pages_come_back(tmp_path: Path) -> None:
    there = mapped(tmp_path / "a", 1 << 16)
    for part in (there, there[1000:50000], there.reshape(256, 256).T, there[::2], there[:3], there[:0], np.zeros(9)):
        before = part.copy()
        forget(part)
        np.testing.assert_array_equal(part, before)
