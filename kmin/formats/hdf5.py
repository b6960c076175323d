"""Guarded access to HDF5: hard links only, no external or virtual storage, no declared size without bytes behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from kmin.errors import FormatError
from kmin.formats.spec import Array

# A file may unpack to at most this many times its own size, beyond an allowance that any file has.
EXPANSION = 100
ALLOWANCE = 128 << 20
MAX_ATTRIBUTE = 256 << 20
MAX_DEPTH = 64
MAX_OBJECTS = 1_000_000


@contextmanager
def opened(source: Any, size: int) -> Iterator[Reader]:
    """A Reader on an open HDF5 file; every error of h5py inside the block becomes a FormatError.

    Args:
        source: a path or a binary file object.
        size: bytes of the file.
    """
    try:
        with h5py.File(source, "r") as file:
            yield Reader(file, size)
    except (FormatError, RecursionError):
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise FormatError(f"the HDF5 data is damaged or truncated ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    text = str(error).strip().strip("'\"")
    return text.splitlines()[0][:160] if text else type(error).__name__


class Reader:
    """Reads groups, attributes and arrays of one file, keeping count of what they unpack to.

    Attributes:
        root: the file's root group.
    """

    def __init__(self, file: h5py.File, size: int) -> None:
        self.root: h5py.Group = file
        self._left = EXPANSION * size + ALLOWANCE

    def child(self, parent: h5py.Group, name: str) -> Any:
        """The object at `name` below `parent`, or None; every step must be a hard link.

        Raises:
            FormatError: a step is a soft or external link.
        """
        current: Any = parent
        for part in name.split("/"):
            if part in ("", "."):
                continue
            if not isinstance(current, h5py.Group):
                return None
            key = part.encode()
            if not current.id.links.exists(key):
                return None
            kind = current.id.links.get_info(key).type
            if kind != h5py.h5l.TYPE_HARD:
                label = "soft" if kind == h5py.h5l.TYPE_SOFT else "external"
                raise FormatError(f"'{name}' is a link of kind {label}; only data inside the file itself is read")
            current = current[part]
        return current

    def group(self, parent: h5py.Group, name: str) -> h5py.Group | None:
        """The group at `name`, or None when there is none (or something else)."""
        found = self.child(parent, name)
        return found if isinstance(found, h5py.Group) else None

    def array(self, parent: h5py.Group, name: str, label: str) -> Array:
        """The values of the dataset at `name`, read once into their final array; bfloat16 becomes float32.

        Raises:
            FormatError: absent, not numbers, stored outside the file, or larger than its bytes allow.
        """
        dataset = self.child(parent, name)
        if dataset is None:
            raise FormatError(f"'{label}' is not in the file")
        if not isinstance(dataset, h5py.Dataset):
            raise FormatError(f"'{label}' must be a dataset; received a group")
        shape, dtype = dataset.shape, dataset.dtype
        if shape is None:
            raise FormatError(f"'{label}' must have values; received an empty dataset")
        if dtype.kind not in "biuf" and not (dtype.kind == "V" and dtype.itemsize == 2):
            raise FormatError(f"'{label}' must hold numbers; received dtype {dtype}")
        self._account(dataset, math.prod(shape) * dtype.itemsize, label)
        values = np.empty(shape, dtype.newbyteorder("="))
        if values.size:
            dataset.read_direct(values)
        if dtype.itemsize == 2 and dtype.kind != "f" and self.text(dataset, "dtype") == "bfloat16":
            wide: Array = values.view(np.uint16).astype(np.uint32) << np.uint32(16)
            return wide.view(np.float32)
        if dtype.kind == "V":
            raise FormatError(f"'{label}' must hold numbers; received dtype {dtype}")
        return values

    def _account(self, dataset: h5py.Dataset, size: int, label: str) -> None:
        """Refuses data kept elsewhere and data that would unpack to more than the file can hold."""
        plan = dataset.id.get_create_plist()
        layout = plan.get_layout()
        if layout == h5py.h5d.VIRTUAL or plan.get_external_count() > 0:
            raise FormatError(f"'{label}' is stored in another file")
        stored = dataset.id.get_storage_size()
        self._left -= size
        if (layout != h5py.h5d.CHUNKED and stored < size) or self._left < 0:
            raise FormatError(f"'{label}' declares {size} bytes; only {stored} are stored")

    def has_attribute(self, node: Any, name: str) -> bool:
        """Whether the attribute exists; it is not read."""
        return bool(h5py.h5a.exists(node.id, name.encode()))

    def attribute(self, node: Any, name: str) -> Any:
        """A text attribute's value, or None when there is none.

        Only strings are handed to libhdf5: it crashes on other variable-length types in damaged files (1.14, 2.0).

        Raises:
            FormatError: it is not text, or declares more than any attribute Keras writes.
        """
        if not self.has_attribute(node, name):
            return None
        handle = h5py.h5a.open(node.id, name.encode())
        kind, count = handle.get_type(), math.prod(handle.shape)
        if count == 0:
            return []
        if count * max(1, kind.get_size()) > MAX_ATTRIBUTE:
            raise FormatError(f"the attribute {name} is too large")
        if kind.get_class() != h5py.h5t.STRING:
            raise FormatError(f"the attribute {name} must be text")
        return node.attrs[name]

    def text(self, node: Any, name: str) -> str | None:
        """An attribute as text, whatever flavour of string it is; None when absent or not text."""
        return _text(self.attribute(node, name))

    def names(self, node: Any, name: str) -> list[str] | None:
        """A list of names in an attribute, which may be split into `<name>0`, `<name>1`, ...; None when absent."""
        whole = self.attribute(node, name)
        if whole is not None:
            return _texts(whole)
        texts: list[str] = []
        part = 0
        while (piece := self.attribute(node, f"{name}{part}")) is not None:
            texts += _texts(piece)
            part += 1
        return texts if part else None

    def groups(self, skip: frozenset[str] = frozenset()) -> dict[str, h5py.Group]:
        """Every group of the file by path; hard links only, those in `skip` (and all below) left out.

        Raises:
            FormatError: nested too deeply, or too many.
        """
        found: dict[str, h5py.Group] = {}
        stack: list[tuple[str, h5py.Group]] = [("", self.root)]
        seen = 0
        while stack:
            path, node = stack.pop()
            found[path] = node
            if path.count("/") > MAX_DEPTH:
                raise FormatError("the HDF5 groups are nested too deeply")
            for name in node:
                seen += 1
                if seen > MAX_OBJECTS:
                    raise FormatError(f"the HDF5 file has more than {MAX_OBJECTS} objects")
                place = f"{path}/{name}" if path else name
                if place not in skip:
                    item = self.child(node, name)
                    if isinstance(item, h5py.Group):
                        stack.append((place, item))
        return found

    def stored_bytes(self, name: str) -> int:
        """Bytes stored in the datasets below the root's group `name`."""
        top = self.group(self.root, name)
        total = 0
        stack = [(top, 0)] if top is not None else []
        seen = 0
        while stack and seen <= MAX_OBJECTS:
            node, depth = stack.pop()
            for key in node if depth < MAX_DEPTH else ():
                seen += 1
                item = self.child(node, key)
                if isinstance(item, h5py.Dataset):
                    total += item.id.get_storage_size()
                elif isinstance(item, h5py.Group):
                    stack.append((item, depth + 1))
        return total


def _text(value: Any) -> str | None:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    if isinstance(value, (bytes, str)):
        value = [value]
    texts = [_text(item) for item in np.asarray(value, dtype=object).reshape(-1)]
    return [text for text in texts if text is not None]
