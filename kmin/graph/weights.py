"""Weights: the constants of a graph, each in memory only as long as nothing else can give it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kmin.graph.mapped import copied, forget, mapped_file
from kmin.ops.tensor import Array


class Weights(Mapping[str, Array]):
    """Arrays by tensor name.

    What is made from Weights shares their arrays: one that is released or copied here is released or copied there.

    Attributes:
        mapped: whether arrays may stay in mapped files.
    """

    def __init__(self, arrays: Mapping[str, Array] | None = None) -> None:
        self._cells: dict[str, _Cell] = {}
        self.mapped = True
        if isinstance(arrays, Weights):
            self._cells.update(arrays._cells)
            self.mapped = arrays.mapped
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
        found.mapped = self.mapped
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

    def released(self, name: str) -> bool:
        """Whether an array is made anew whenever it is asked for."""
        return self._cells[name].array is None

    def release_late(self, name: str, ask: Callable[[Array], Callable[[], Array] | None]) -> None:
        """`own` will ask what makes the array, and release it instead of copying it, unless that is None."""
        self._cells[name].ask = ask

    def own(self, name: str) -> None:
        """Copies an array that lies in a mapped file, or releases it."""
        cell = self._cells[name]
        given, ask = cell.array, cell.ask
        cell.ask = None
        if given is not None and mapped_file(given) is not None:
            make = ask(given) if ask is not None else None
            if make is not None:
                self.release(name, make)
            else:
                cell.array = copied(given)


class _Cell:
    """One array, or how to make it."""

    __slots__ = ("array", "ask", "make")

    def __init__(self, array: Array) -> None:
        self.array: Array | None = array
        self.make: Callable[[], Array] | None = None
        self.ask: Callable[[Array], Callable[[], Array] | None] | None = None

    def get(self) -> Array:
        array = self.array
        if array is None:
            assert self.make is not None
            array = self.make()
        return array
