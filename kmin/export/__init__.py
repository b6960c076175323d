"""What `kmin extract` writes: one module per target, one row per target in TARGETS.

Writers are imported when they are asked for, because reading a bundle needs none of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kmin.errors import KminError
from kmin.export.files import Staged, Written
from kmin.graph.ir import Graph

if TYPE_CHECKING:
    from kmin.formats.spec import FileFacts

__all__ = ["TARGETS", "Written", "export"]


def _bundle(graph: Graph, path: Path, staged: Staged, source: FileFacts | None, compress: bool) -> None:
    from kmin.export.bundle import stage_bundle

    stage_bundle(graph, staged.open(path), source, compress=compress)


def _standalone(graph: Graph, path: Path, staged: Staged, source: FileFacts | None, compress: bool) -> None:
    from kmin.export.standalone import stage_standalone

    stage_standalone(graph, path, staged, source, compress=compress)


# Suffix -> (what it is, its writer).
TARGETS: dict[str, tuple[str, Callable[[Graph, Path, Staged, FileFacts | None, bool], None]]] = {
    ".npz": ("a bundle for kmin", _bundle),
    ".py": ("a standalone Python file", _standalone),
}


def export(
    graph: Graph,
    output: str | os.PathLike[str],
    *,
    target: str | None = None,
    source: FileFacts | None = None,
    compress: bool = False,
) -> list[Written]:
    """Writes the graph, simplified, to `output`; all files appear complete, or none does.

    Args:
        graph: the model.
        output: the file to write; others may be put beside it, named after it.
        target: a suffix in TARGETS, for an `output` whose own says something else.
        source: facts about the file that the graph was read from, kept in what is written.
        compress: smaller files that take longer to load.

    Returns:
        Every file written and its size, `output` first.

    Raises:
        KminError: the suffix is unknown, the graph cannot run, or a file cannot be written.
    """
    path = Path(output)
    suffix = target if target is not None else path.suffix
    if suffix not in TARGETS:
        known = " or ".join(f"{name} ({what})" for name, (what, _) in TARGETS.items())
        raise KminError(f"cannot tell what to write from '{path.name}': its name must end in {known}")
    from kmin.graph.passes import simplify

    with Staged() as staged:
        TARGETS[suffix][1](simplify(graph), path, staged, source, compress)
    return staged.written
