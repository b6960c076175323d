"""The bundle: a simplified graph and its weights in one .npz that NumPy alone can read."""

from __future__ import annotations

import os

from kmin.graph.ir import Graph


def is_bundle(path: str | os.PathLike[str]) -> bool:
    """Whether the file is a kmin bundle, judged by its content."""
    return False


def read_bundle(path: str | os.PathLike[str]) -> Graph:
    """The graph saved in a bundle."""
    raise AssertionError(path)
