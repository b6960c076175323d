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

# A dataset may decompress to at most this many times its stored bytes once it is larger than the floor.
BOMB_FLOOR = 64 << 20
BOMB_RATIO = 1000


@contextmanager
def opened(source: Any) -> Iterator[h5py.File]:
    """An open HDF5 file; every error of h5py inside the block becomes a FormatError.

    Args:
        source: a path or a binary file object.
    """
    try:
        with h5py.File(source, "r") as file:
            yield file
    except FormatError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise FormatError(f"the HDF5 data is damaged or truncated ({_first_line(error)})") from None


def _first_line(error: Exception) -> str:
    text = str(error).strip().strip("'\"")
    return text.splitlines()[0][:160] if text else type(error).__name__


def child(parent: h5py.Group, name: str) -> Any:
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
        link = current.get(part, getlink=True) if part in current else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            kind = "external" if isinstance(link, h5py.ExternalLink) else "soft"
            raise FormatError(f"'{name}' is an {kind} link" if kind == "external" else f"'{name}' is a soft link")
        current = current[part]
    return current


def group(parent: h5py.Group, name: str) -> h5py.Group | None:
    """The group at `name`, or None when there is none (or something else)."""
    found = child(parent, name)
    return found if isinstance(found, h5py.Group) else None


def array_of(dataset: Any, name: str) -> Array:
    """The dataset's values, read once into their final array; bfloat16 becomes float32.

    Raises:
        FormatError: not a numeric dataset, stored outside the file, or larger than its bytes allow.
    """
    if not isinstance(dataset, h5py.Dataset):
        raise FormatError(f"'{name}' must be a dataset; received {type(dataset).__name__}")
    shape, dtype = dataset.shape, dataset.dtype
    if shape is None:
        raise FormatError(f"'{name}' must have values; received an empty dataset")
    plist = dataset.id.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL or plist.get_external_count() > 0:
        raise FormatError(f"'{name}' is stored in another file")
    if dtype.kind not in "biufV":
        raise FormatError(f"'{name}' must hold numbers; received dtype {dtype}")
    size = math.prod(shape) * dtype.itemsize
    stored = dataset.id.get_storage_size()
    contiguous = plist.get_layout() != h5py.h5d.CHUNKED
    if (contiguous and stored < size) or (size > BOMB_FLOOR and size > BOMB_RATIO * stored):
        raise FormatError(f"'{name}' declares {size} bytes of shape {shape}, but only {stored} are stored")
    short = dtype.itemsize == 2 and (dtype.kind == "V" or text_of(dataset.attrs.get("dtype")) == "bfloat16")
    if dtype.kind == "V" and not short:
        raise FormatError(f"'{name}' must hold numbers; received dtype {dtype}")
    values = np.empty(shape, dtype)
    if size:
        dataset.read_direct(values)
    if short and dtype.kind != "f":
        wide: Array = values.view(np.uint16).astype(np.uint32) << np.uint32(16)
        return wide.view(np.float32)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def text_of(value: Any) -> str | None:
    """An attribute as text, whatever flavour of string it is; None when it is none."""
    if isinstance(value, np.ndarray) and value.shape in ((), (1,)):
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else None


def names_of(node: h5py.Group, attribute: str) -> list[str] | None:
    """A list of names in an attribute, which may be split into `<attribute>0`, `<attribute>1`, ...; None if absent."""
    attrs = node.attrs
    if attribute in attrs:
        return _texts(attrs[attribute])
    names: list[str] = []
    part = 0
    while f"{attribute}{part}" in attrs:
        names += _texts(attrs[f"{attribute}{part}"])
        part += 1
    return names if part else None


def _texts(value: Any) -> list[str]:
    if isinstance(value, (bytes, str)):
        value = [value]
    texts = [text_of(item) for item in np.asarray(value, dtype=object).reshape(-1)] if np.size(value) else []
    return [text for text in texts if text is not None]
