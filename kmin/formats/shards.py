"""The weights of a .keras archive or a .weights.h5 file, in one HDF5 file or cut into shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

from kmin.errors import FormatError
from kmin.formats.hdf5 import opened
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.store import Store

# The weights in a .keras archive, whole and sharded.
WHOLE = "model.weights.h5"
SHARDED = "model.weights.json"


class Files(Protocol):
    """Files by name: an Archive or a Folder."""

    @property
    def names(self) -> frozenset[str]:
        """The files there are."""

    def read(self, name: str, limit: int) -> bytes:
        """A short file's bytes."""

    def content(self, name: str) -> memoryview:
        """A file's bytes, unread as yet."""


@contextmanager
def opened_store(files: Files, name: str) -> Iterator[Store]:
    """The Store of the weights file `name`: an HDF5 file, or a map of shards as JSON (Keras 3.10 and later).

    Raises:
        FormatError: damaged, or a shard is missing or not beside its map.
    """
    shards = shard_names(files, name) if name.endswith(".json") else [name]
    with ExitStack() as stack:
        yield Store([stack.enter_context(opened(files.content(shard))) for shard in shards])


def shard_names(files: Files, name: str) -> list[str]:
    """The shards that a map mentions, each once, in order."""
    document = parse_json(files.read(name, MAX_TEXT).decode("utf-8", "replace"), f"'{name}'")
    table = document.get("weight_map") if isinstance(document, Mapping) else None
    if not isinstance(table, Mapping):
        raise FormatError(f"'{name}' must be a map of sharded weights with a weight_map")
    found: dict[str, None] = {}
    for place, value in table.items():
        for shard in value if isinstance(value, list) else [value]:
            if not isinstance(shard, str) or not shard.endswith(".h5") or any(mark in shard for mark in "/\\:\0"):
                raise FormatError(f"'{name}': the shard of '{place}' must be a .h5 file beside it; received {shard!r}")
            if shard not in files.names:
                raise FormatError(f"'{name}': the shard '{shard}' is not there")
            found[shard] = None
    if not found:
        raise FormatError(f"'{name}' must name at least one shard")
    return list(found)
