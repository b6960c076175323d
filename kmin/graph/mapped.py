"""Arrays that lie in mapped files: finding the file, giving back its memory, copying out of it."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from kmin.ops.tensor import Array

# Tells the system that pages of a mapped file may go; they are read again when they are asked for.
_MAY_GO: int | None = getattr(mmap, "MADV_DONTNEED", None)
# What is copied from a mapped file before its pages are given back.
PIECE_BYTES = 1 << 20
# Memory that nobody else sees.
_PRIVATE: int | None = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS if hasattr(mmap, "MAP_PRIVATE") else None


def mapped_file(array: Array) -> mmap.mmap | None:
    """The mapped file that an array lies in; None when it lies in memory of its own."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    base = base.obj if isinstance(base, memoryview) else base
    return base if isinstance(base, mmap.mmap) else None


def forget(array: Array) -> None:
    """Gives back the physical memory under an array that lies in a mapped file; its values stay what they are."""
    mapped = mapped_file(array)
    if mapped is None or _MAY_GO is None or not (array.flags.c_contiguous or array.flags.f_contiguous):
        return
    begin = _address(array) - _address(np.frombuffer(mapped, np.uint8))
    first, end = -(-begin // mmap.PAGESIZE) * mmap.PAGESIZE, (begin + array.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
    if first < end:
        mapped.madvise(_MAY_GO, first, end - first)


def copied(array: Array) -> Array:
    """A copy of an array that lies in a mapped file, of which hardly more than a piece is in memory at a time."""
    copy = _room(array)
    for own, there in zip(_pieces(copy), _pieces(array), strict=True):
        own[...] = there
        forget(there)
    return copy


def _room(array: Array) -> Array:
    """New memory for an array's values: where it is large, pages of its own."""
    if array.nbytes < PIECE_BYTES or not array.flags.c_contiguous or _PRIVATE is None:
        return np.empty_like(array)
    return np.asarray(_Pages(array.nbytes)).view(array.dtype).reshape(array.shape)


class _Pages:
    """Memory in pages of the usual size: larger ones, which NumPy asks for, may take longer to get than to fill."""

    def __init__(self, size: int) -> None:
        assert _PRIVATE is not None
        self._bytes = np.frombuffer(mmap.mmap(-1, size, flags=_PRIVATE), np.uint8)
        self.__array_interface__ = self._bytes.__array_interface__


def _pieces(array: Array) -> list[Array]:
    """Consecutive parts, none much larger than PIECE_BYTES unless rows are."""
    count = min(array.nbytes // PIECE_BYTES, len(array)) if array.ndim else 0
    return np.array_split(array, count) if count > 1 else [array]


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
