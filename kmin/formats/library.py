"""HDF5 through libhdf5, for files that use more than Keras ever writes: chunks, compression, the newer layouts."""

from __future__ import annotations

import io
import math
from typing import Any

import h5py
import numpy as np

from kmin.errors import FormatError
from kmin.formats.hdf5 import Node, Reader
from kmin.formats.spec import Array

# A file may unpack to at most this many times its own size, beyond an allowance that any file has.
EXPANSION = 100
ALLOWANCE = 128 << 20
# Deflate, the densest filter there is, packs about a thousand bytes into one.
DEFLATES = 1100
MAX_ATTRIBUTE = 64 << 20
MAX_OBJECTS = 100_000


class LibraryReader(Reader):
    """Groups, attributes and arrays as libhdf5 reads them, with a count of what they unpack to."""

    def __init__(self, data: memoryview) -> None:
        self._file = h5py.File(_Window(data), "r")
        self.root = self._file
        self._left = EXPANSION * len(data) + ALLOWANCE
        self._objects = 0

    def is_group(self, node: Node) -> bool:
        return isinstance(node, h5py.Group)

    def member(self, group: Node, name: str) -> Node | str | None:
        key = name.encode()
        if not group.id.links.exists(key):
            return None
        kind = group.id.links.get_info(key).type
        if kind != h5py.h5l.TYPE_HARD:
            return "soft" if kind == h5py.h5l.TYPE_SOFT else "external"
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            raise FormatError(f"the HDF5 file has more than {MAX_OBJECTS} objects")
        return group[name]

    def array_of(self, dataset: Node, label: str) -> Array:
        shape, dtype = dataset.shape, dataset.dtype
        if shape is None:
            raise FormatError(f"'{label}' must have values; received an empty dataset")
        if dtype.kind not in "biuf" and not (dtype.kind == "V" and dtype.itemsize == 2):
            raise FormatError(f"'{label}' must hold numbers; received dtype {dtype}")
        stored = self.size_of(dataset)
        if stored is None:
            raise FormatError(f"'{label}' is stored in another file")
        size = math.prod(shape) * dtype.itemsize
        self._left -= size
        if not self.is_credible(dataset) or self._left < 0:
            raise FormatError(f"'{label}' declares {size} bytes; only {stored} are stored")
        values = np.empty(shape, dtype.newbyteorder("="))
        if values.size:
            dataset.read_direct(values)
        return values

    def size_of(self, dataset: Node) -> int | None:
        plan = dataset.id.get_create_plist()
        if plan.get_layout() == h5py.h5d.VIRTUAL or plan.get_external_count() > 0:
            return None
        return int(dataset.id.get_storage_size())

    def is_credible(self, dataset: Node) -> bool:
        if dataset.shape is None or dataset.dtype.kind not in "biufV":
            return True
        size, stored = math.prod(dataset.shape) * dataset.dtype.itemsize, dataset.id.get_storage_size()
        if dataset.id.get_create_plist().get_layout() != h5py.h5d.CHUNKED:
            return bool(stored >= size)
        return bool(size <= DEFLATES * stored)

    def has_attribute(self, node: Node, name: str) -> bool:
        return bool(h5py.h5a.exists(node.id, name.encode()))

    def attribute(self, node: Node, name: str) -> list[str] | None:
        if not self.has_attribute(node, name):
            return None
        handle = h5py.h5a.open(node.id, name.encode())
        kind, count = handle.get_type(), math.prod(handle.shape)
        if count == 0:
            return []
        if kind.get_class() != h5py.h5t.STRING:
            raise FormatError(f"the attribute {name} must be text")
        if count * max(1, kind.get_size()) > MAX_ATTRIBUTE:
            raise FormatError(f"the attribute {name} is too large")
        return _texts(node.attrs[name])


def _texts(value: Any) -> list[str]:
    items = [value] if isinstance(value, (bytes, str)) else np.asarray(value, dtype=object).reshape(-1)
    return [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in items]


class _Window(io.RawIOBase):
    """A read-only, seekable file over a piece of memory; reads copy straight into the caller's buffer."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._view[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
