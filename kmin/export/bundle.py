"""The bundle: a simplified graph and its weights in one .npz that NumPy alone can read."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from kmin import __version__
from kmin.errors import FormatError
from kmin.export.bundle_mark import DOCUMENT
from kmin.export.document import graph_from_json, graph_to_json
from kmin.export.files import Staged
from kmin.export.npz import NpzReader, distinct_members, write_npz
from kmin.export.refusals import refuse_unsupported
from kmin.graph.ir import Graph, TensorSpec
from kmin.ops.tensor import Array, dtype_name

if TYPE_CHECKING:
    from kmin.formats.spec import FileFacts

FORMAT = "kmin bundle"
VERSION = 1
MOST_VALUES = 2_000_000


def write_bundle(
    graph: Graph, path: str | os.PathLike[str], source: FileFacts | None = None, *, compress: bool = False
) -> None:
    """Writes `graph` to `path`, replacing what is there once the new file is complete.

    Args:
        graph: the simplified graph; equal weights are stored once.
        path: the `.npz` to write.
        source: facts about the file that the graph was read from, kept for `inspect`.
        compress: deflate the arrays: smaller, slower to load, and not fit for memory-mapping.

    Raises:
        UnsupportedError: the graph holds layers that could not be lowered, or functions of the user.
        KminError: the file cannot be written.
    """
    with Staged() as staged:
        stage_bundle(graph, staged.open(path), source, compress=compress)


def stage_bundle(graph: Graph, file: BinaryIO, source: FileFacts | None = None, *, compress: bool = False) -> None:
    """Writes the bundle into an open file; see `write_bundle`."""
    refuse_unsupported(graph)
    stored, members = distinct_members(graph.constants, (DOCUMENT,))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "kmin": __version__,
        "source": None if source is None else dataclasses.asdict(source),
        **graph_to_json(graph, members),
    }
    text = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
    write_npz(file, [(DOCUMENT, np.frombuffer(text, np.uint8)), *stored.items()], compress=compress)


def read_bundle(path: str | os.PathLike[str]) -> Graph:
    """The graph saved in a bundle.

    Raises:
        FormatError: not a bundle, of another version, cut short, damaged or forged.
    """
    with _opened(path) as file:
        reader = NpzReader(file, os.fspath(path))
        arrays: dict[str, Array] = {}

        def array_of(member: str, spec: TensorSpec) -> Array:
            shape = tuple(size for size in spec.shape if size is not None)
            if len(shape) != spec.rank:
                raise FormatError(f"'{reader.path}': array '{member}' must have a known shape; received {spec}")
            if member not in arrays or arrays[member].shape != shape or dtype_name(arrays[member]) != spec.dtype:
                arrays[member] = reader.read(member, shape, spec.dtype)
            return arrays[member]

        return graph_from_json(_document(reader), array_of)


def read_facts(path: str | os.PathLike[str]) -> FileFacts:
    """What a bundle knows about the file that it was extracted from; `container` is `bundle`, `size` its own.

    Raises:
        FormatError: as `read_bundle`.
    """
    from kmin.formats.spec import FileFacts  # a bundle predicts without the readers of Keras' files

    with _opened(path) as file:
        document = _document(NpzReader(file, os.fspath(path)))
    source = document.get("source")
    told: Mapping[str, Any] = source if isinstance(source, dict) else {}
    version, backend, dialect = told.get("keras_version"), told.get("backend"), document.get("dialect")
    return FileFacts(
        container="bundle",
        dialect=dialect if isinstance(dialect, int) else 3,
        keras_version=version if isinstance(version, str) else None,
        backend=backend if isinstance(backend, str) else None,
        size=Path(path).stat().st_size,
    )


def _opened(path: str | os.PathLike[str]) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise FormatError(f"cannot read '{os.fspath(path)}': {error.strerror}") from error


def _document(reader: NpzReader) -> dict[str, Any]:
    if DOCUMENT not in reader:
        raise FormatError(f"'{reader.path}': not a kmin bundle, the member '{DOCUMENT}' is missing")
    try:
        text = reader.read(DOCUMENT, None, "uint8").tobytes()
        if sum(text.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
            raise FormatError(f"'{reader.path}': the bundle's description must have at most {MOST_VALUES} values")
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"'{reader.path}': the bundle's description is damaged ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FormatError(f"'{reader.path}': not a kmin bundle")
    if document.get("version") != VERSION:
        raise FormatError(
            f"'{reader.path}': bundle version {document.get('version')!r}; this kmin ({__version__}) reads {VERSION}"
        )
    return document
