"""Weights: the constants of a graph, each in memory only as long as nothing else can give it back."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from kmin.ops.tensor import Array

# Tells the system that pages of a mapped file may go; they are read again when they are asked for.
_MAY_GO: int | None = getattr(mmap, "MADV_DONTNEED", None)
# What is copied from a mapped file before its pages are given back.
PIECE_BYTES = 1 << 20


class Weights(Mapping[str, Array]):
    """Arrays by tensor name.

    What is made from Weights shares their arrays: one that is released or copied here is released or copied there.
    """

    def __init__(self, arrays: Mapping[str, Array] | None = None) -> None:
        self._cells: dict[str, _Cell] = {}
        if isinstance(arrays, Weights):
            self._cells.update(arrays._cells)
        elif arrays is not None:
            self._cells.update((name, _Cell(array)) for name, array in arrays.items())

    def __getitem__(self, name: str) -> Array:
        return self._cells[name].get()

    def __setitem__(self, name: str, array: Array) -> None:
        self._cells[name] = _Cell(array)

    def __contains__(self, name: object) -> bool:
        return name in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __reduce__(self) -> tuple[type[Weights], tuple[dict[str, Array]]]:
        return Weights, (dict(self),)

    def only(self, names: Iterable[str]) -> Weights:
        """Those of the given names."""
        found, wanted = Weights(), set(names)
        found._cells.update((name, cell) for name, cell in self._cells.items() if name in wanted)
        return found

    def release(self, name: str, make: Callable[[], Array]) -> None:
        """Lets go of an array; whoever asks for it gets what `make` makes, which must be the same."""
        self.forget(name)
        cell = self._cells[name]
        cell.make, cell.array = make, None

    def forget(self, name: str) -> None:
        """Gives back the physical memory of an array that lies in a mapped file."""
        given = self._cells[name].array
        if given is not None:
            forget(given)

    def own(self, name: str) -> None:
        """Copies an array that lies in a mapped file."""
        cell = self._cells[name]
        given = cell.array
        if given is not None and mapped_file(given) is not None:
            cell.array = np.empty_like(given)
            for own, there in zip(_pieces(cell.array), _pieces(given), strict=True):
                own[...] = there
                forget(there)


class _Cell:
    """One array, or how to make it."""

    __slots__ = ("array", "make")

    def __init__(self, array: Array) -> None:
        self.array: Array | None = array
        self.make: Callable[[], Array] | None = None

    def get(self) -> Array:
        array = self.array
        if array is None:
            assert self.make is not None
            array = self.make()
        return array


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


def _pieces(array: Array) -> list[Array]:
    """Consecutive parts, none much larger than PIECE_BYTES unless rows are."""
    count = min(array.nbytes // PIECE_BYTES, len(array)) if array.ndim else 0
    return np.array_split(array, count) if count > 1 else [array]


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
