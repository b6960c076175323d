"""Guarded access to HDF5: hard links only, no external or virtual storage, no declared size without bytes behind it."""

from __future__ import annotations

import mmap
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kmin.errors import FormatError
from kmin.formats.classic import Classic, Object
from kmin.formats.messages import Unusual
from kmin.formats.spec import Array

# A group as some reader knows it; its length and its `in` are those of its members.
Node = Any
MAX_DEPTH = 64
# What libhdf5 reports damage as.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    SystemError,
    TypeError,
    ValueError,
    struct.error,
)


@contextmanager
def opened(source: str | os.PathLike[str] | bytes | memoryview) -> Iterator[Reader]:
    """A Reader on an HDF5 file; whatever goes wrong inside the block becomes a FormatError.

    Files of the layout that Keras writes are read by kmin itself. For any other, libhdf5 is first sent ahead in a
    process of its own, because damaged files can crash or hang it.

    Args:
        source: a path, or the file's bytes.
    """
    try:
        if isinstance(source, (bytes, memoryview)):
            yield _reader(memoryview(source))
            return
        with Path(source).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # unmapped when nobody reads from it any more
        yield _reader(memoryview(mapped))
    except (FormatError, RecursionError):
        raise
    except MemoryError:
        raise FormatError("the HDF5 data needs more memory than there is") from None
    except DAMAGE as error:
        raise FormatError(f"the HDF5 data is damaged or truncated ({_first_line(error)})") from None


def _reader(data: memoryview) -> Reader:
    try:
        return ClassicReader(Classic(data))
    except Unusual:
        from kmin.formats.library import LibraryReader
        from kmin.formats.probe import send_ahead

        send_ahead(data)
        return LibraryReader(data)


def _first_line(error: Exception) -> str:
    text = str(error).strip().strip("'\"")
    return text.splitlines()[0][:160] if text else type(error).__name__


class Reader(ABC):
    """Groups, attributes and arrays of one file.

    Attributes:
        root: the file's root group.
    """

    root: Node

    @abstractmethod
    def is_group(self, node: Node) -> bool:
        """Whether `node` is a group (and not a dataset)."""

    @abstractmethod
    def member(self, group: Node, name: str) -> Node | str | None:
        """The member of that very name; the kind of its link when that is not followed; None when there is none."""

    @abstractmethod
    def array_of(self, dataset: Node, label: str) -> Array:
        """The values of a dataset.

        Raises:
            FormatError: not numbers, stored outside the file, or larger than its bytes allow.
        """

    @abstractmethod
    def size_of(self, dataset: Node) -> int | None:
        """Bytes that a dataset takes in the file; None when they are in another file."""

    @abstractmethod
    def is_credible(self, dataset: Node) -> bool:
        """Whether a dataset's bytes can hold the values that it declares; nothing is read."""

    @abstractmethod
    def has_attribute(self, node: Node, name: str) -> bool:
        """Whether the attribute exists; it is not read."""

    @abstractmethod
    def attribute(self, node: Node, name: str) -> list[str] | None:
        """A text attribute's strings, or None when there is none.

        Raises:
            FormatError: it is not text, or damaged.
        """

    def child(self, parent: Node, name: str) -> Node | None:
        """The object at the path `name` below `parent`, or None; every step must be a hard link.

        Raises:
            FormatError: a step is a soft or external link.
        """
        current = parent
        for part in name.split("/"):
            if part in ("", "."):
                continue
            if not self.is_group(current):
                return None
            found = self.member(current, part)
            if found is None:
                return None
            if isinstance(found, str):
                raise FormatError(f"'{name}' is a link of kind {found}; only data inside the file itself is read")
            current = found
        return current

    def group(self, parent: Node, name: str) -> Node | None:
        """The group at `name`, or None when there is none (or something else)."""
        found = self.child(parent, name)
        return found if found is not None and self.is_group(found) else None

    def array(self, parent: Node, name: str, label: str) -> Array:
        """The values of the dataset at `name`, read once into their final array; bfloat16 becomes float32.

        Raises:
            FormatError: absent, not numbers, stored outside the file, or larger than its bytes allow.
        """
        dataset = self.child(parent, name)
        if dataset is None:
            raise FormatError(f"'{label}' is not in the file")
        if self.is_group(dataset):
            raise FormatError(f"'{label}' must be a dataset; received a group")
        values = self.array_of(dataset, label)
        whole = values.dtype.kind in "iu" and self.text(dataset, "dtype") == "bfloat16"
        if values.dtype.itemsize == 2 and (whole or values.dtype.kind == "V"):  # opaque, in legacy .h5 files of Keras 3
            wide: Array = values.view(np.uint16).astype(np.uint32) << np.uint32(16)
            return wide.view(np.float32)
        if values.dtype.kind == "V":
            raise FormatError(f"'{label}' must hold numbers; received dtype {values.dtype}")
        return values

    def text(self, node: Node, name: str) -> str | None:
        """An attribute as text, whatever flavour of string it is; None when absent or not one string."""
        texts = self.attribute(node, name)
        return texts[0] if texts is not None and len(texts) == 1 else None

    def names(self, node: Node, name: str) -> list[str] | None:
        """A list of names in an attribute, which may be split into `<name>0`, `<name>1`, ...; None when absent."""
        whole = self.attribute(node, name)
        if whole is not None:
            return whole
        texts: list[str] = []
        part = 0
        while (piece := self.attribute(node, f"{name}{part}")) is not None:
            texts += piece
            part += 1
        return texts if part else None

    def places(self, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, Node | str]]:
        """Every object of the file by path, those in `skip` (and all below) left out; links are their kind.

        Raises:
            FormatError: nested too deeply.
        """
        stack: list[tuple[str, Node]] = [("", self.root)]
        while stack:
            path, node = stack.pop()
            yield path, node
            if isinstance(node, str) or not self.is_group(node):
                continue
            if path.count("/") > MAX_DEPTH:
                raise FormatError("the HDF5 groups are nested too deeply")
            for name in node:
                place = f"{path}/{name}" if path else name
                if place not in skip:
                    stack.append((place, self.member(node, name)))

    def groups(self, skip: frozenset[str] = frozenset()) -> dict[str, Node]:
        """Every group of the file by path, those in `skip` (and all below) left out.

        Raises:
            FormatError: nested too deeply, or a link that is not followed.
        """
        found: dict[str, Node] = {}
        for path, node in self.places(skip):
            if isinstance(node, str):
                raise FormatError(f"'{path}' is a link of kind {node}; only data inside the file itself is read")
            if self.is_group(node):
                found[path] = node
        return found

    def stored_bytes(self, name: str) -> int:
        """Bytes stored in the datasets below the root's group `name`."""
        total = 0
        for path, node in self.places():
            if path.startswith(f"{name}/") and not isinstance(node, str) and not self.is_group(node):
                size = self.size_of(node)
                total += size if size is not None else 0
        return total


class ClassicReader(Reader):
    """Reads what Keras writes, without libhdf5."""

    def __init__(self, file: Classic) -> None:
        self._file = file
        self.root = file.root

    def is_group(self, node: Node) -> bool:
        return node.storage is None

    def member(self, group: Node, name: str) -> Node | str | None:
        address = group.members.get(name)
        return self._file.object(address) if isinstance(address, int) else address

    def array_of(self, dataset: Object, label: str) -> Array:
        assert dataset.storage is not None
        try:
            return self._file.array(dataset.storage)
        except FormatError as error:
            raise FormatError(f"'{label}' {error}") from None

    def size_of(self, dataset: Object) -> int | None:
        return None if dataset.storage is None or dataset.storage.outside else dataset.storage.size

    def is_credible(self, dataset: Object) -> bool:
        return self._file.holds(dataset.storage) if dataset.storage is not None else True

    def has_attribute(self, node: Node, name: str) -> bool:
        return name in node.attributes

    def attribute(self, node: Node, name: str) -> list[str] | None:
        found = node.attributes.get(name)
        if found is None:
            return None
        if found.count == 0:
            return []
        if not found.text:
            raise FormatError(f"the attribute {name} must be text")
        return self._file.texts(found)
