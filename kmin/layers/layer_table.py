"""LayerTable: lowering functions by class, of which only those are imported that a model needs."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping

from kmin.layers.call import Lower

# Before the names of keras.ops.
OPERATION = "ops."


class LayerTable(Mapping[str, Lower]):
    """Rows `class name -> module.function`, and after them every function of keras.ops.

    The module of a row is imported when the row is first asked for.
    """

    def __init__(self, rows: Mapping[str, str]) -> None:
        self._rows = rows
        self._found: dict[str, Lower] = {}

    def __getitem__(self, name: str) -> Lower:
        if name not in self._found:
            if name not in self:
                raise KeyError(name)
            place = "operations.lower_operation" if name.startswith(OPERATION) else self._rows[name]
            module, function = place.split(".")
            self._found[name] = getattr(importlib.import_module(f"kmin.layers.{module}"), function)
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str) and name.startswith(OPERATION):
            return name.removeprefix(OPERATION) in _keras_functions()
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        yield from self._rows
        yield from (OPERATION + name for name in _keras_functions())

    def __len__(self) -> int:
        return len(self._rows) + len(_keras_functions())


def _keras_functions() -> Collection[str]:
    from kmin.layers.operations import KERAS_FUNCTIONS

    return KERAS_FUNCTIONS
