"""Opening, Session and Adapter: what an engine is given, and what every adapter offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Opening:
    """How to open a model.

    Attributes:
        path: the model file.
        way: see `Engine.way`.
        dialect: Keras generation of the file: 1, 2 or 3.
        container: `h5`, `keras`, `folder`, `json` or `bundle`: what the bytes are, whatever the name says.
        inputs: input names in the order in which arrays will come.
        rows: largest number of rows to compute in one piece, for engines that do not choose themselves.
        threads: how many threads to use; None leaves the choice to the runtime.
        batch_size: the number of rows that a stateful model takes at a time; None for any other model.
        backend: what trained the model, as far as the file tells; Theano's kernels are mirrored.
        weights: the weights file, when the model's own weights are not used.
        layout: see `FileFacts.weights`.
        by_name, skip_mismatch: see `Source`.
    """

    path: str
    way: str
    dialect: int
    container: str
    inputs: tuple[str, ...]
    rows: int
    threads: int | None = None
    batch_size: int | None = None
    backend: str | None = None
    weights: str | None = None
    layout: str | None = None
    by_name: bool = False
    skip_mismatch: bool = False


class Session(Protocol):
    """A model that is loaded and ready.

    Attributes:
        kernels: what computes, in a word or two, for tables.
    """

    kernels: str

    def prepare(self, arrays: Sequence[Any]) -> Any:
        """The arrays (in the opening's input order) in the form that `batch` and `single` take."""

    def batch(self, x: Any) -> Any:
        """Predictions for many rows, as a user of this runtime would ask for them."""

    def single(self, x: Any) -> Any:
        """Predictions for few rows, as a user of this runtime would ask for them."""

    def flatten(self, result: Any) -> dict[str, Any]:
        """Arrays by place in the result: `""` for a lone output, else `0`, `1`, a key, or `key/0`."""

    def reset(self) -> None:
        """Sets the states of a stateful model to zeros; asked only of engines that opened one."""

    def layers(self, x: Any) -> dict[str, list[Any]]:
        """What each layer returns for `x`, by the layer's path (`nested/dense_1`)."""


class Adapter(Protocol):
    """A module of this room that speaks for one runtime."""

    def start(self, opening: Opening) -> str:
        """Imports the runtime; returns its name and version.

        Raises:
            DependencyError: it is not installed.
        """

    def open_session(self, opening: Opening) -> Session:
        """Loads the model.

        Raises:
            EngineError: the runtime cannot open the file.
        """


def by_place(result: Any, place: str = "") -> dict[str, Any]:
    """The leaves of nested lists, tuples and dicts by their place, joined with `/`."""
    if isinstance(result, dict):
        items = [(str(key), value) for key, value in result.items()]
    elif isinstance(result, (list, tuple)):
        items = [(str(index), value) for index, value in enumerate(result)]
    else:
        return {place: result}
    leaves: dict[str, Any] = {}
    for key, value in items:
        leaves.update(by_place(value, f"{place}/{key}" if place else key))
    return leaves
