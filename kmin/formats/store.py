"""The weights file of a .keras archive: groups named by snake-case class and counter, arrays by number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kmin.errors import FormatError
from kmin.formats.hdf5 import Node, Reader
from kmin.formats.spec import Array

Parts = tuple[str, ...]

# Top-level groups that are not the model's.
_APART = frozenset({"optimizer", "_optimizer", "metrics", "_metrics", "compiled_metrics", "loss_tracker"})
# Keras 2.12 and 2.13 keep a model's layers here.
_OLD_LAYERS = "_layer_checkpoint_dependencies"


def snake_case(class_name: str) -> str:
    """Keras' to_snake_case: `Conv2DTranspose` becomes `conv2d_transpose`."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class Store:
    """Numbered arrays by path, whatever separator the saving system used, from one file or from its shards.

    Attributes:
        layers: name of the group with a model's layers.
        unread: places with arrays that nobody has asked for yet.
        optimizer_size: bytes of optimizer state beside the model's arrays.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._holders: dict[Parts, list[tuple[Reader, Node]]] = {}
        self._below: dict[Parts, list[str]] = {}
        for reader in readers:
            for path, node in reader.groups(_APART).items():
                parts = tuple(part for part in re.split(r"[/\\]", path) if part)
                if parts and parts[-1] == "vars" and parts[0] not in _APART:
                    self._holders.setdefault(parts[:-1], []).append((reader, node))
                    for i in range(len(parts) - 1):
                        below = self._below.setdefault(parts[:i], [])
                        if parts[i] not in below:
                            below.append(parts[i])
        self.layers = _OLD_LAYERS if _OLD_LAYERS in self._below.get((), []) else "layers"
        self.unread = {parts for parts, pieces in self._holders.items() if any(len(node) for _, node in pieces)}
        self.optimizer_size = sum(reader.stored_bytes("optimizer") for reader in readers)

    def arrays(self, at: Parts) -> list[Array]:
        """The arrays of one layer in order; none when the file has no such layer.

        Raises:
            FormatError: their numbers have gaps, or one comes twice.
        """
        pieces = self._holders.get(at, [])
        where = "/".join((*at, "vars"))
        arrays = []
        for i in range(sum(len(node) for _, node in pieces)):
            holding = [(reader, node) for reader, node in pieces if str(i) in node]
            if len(holding) != 1:
                raise FormatError(f"'{where}/{i}' is {'in several shards' if holding else 'not in the file'}")
            reader, node = holding[0]
            arrays.append(reader.array(node, str(i), f"{where}/{i}"))
        self.unread.discard(at)
        return arrays

    def named(self, at: Parts, name: str) -> Array | None:
        """An array that has a name instead of a number; None when there is none."""
        for reader, node in self._holders.get(at, []):
            if name in node:
                self.unread.discard(at)
                return reader.array(node, name, "/".join((*at, "vars", name)))
        return None

    def name(self, at: Parts) -> str | None:
        """The name of the layer saved at a place, which Keras 3 notes beside the arrays."""
        found = [reader.text(node, "name") for reader, node in self._holders.get(at, [])]
        return next((name for name in found if name is not None), None)

    def names(self, at: Parts) -> list[str]:
        """Names of the places directly below."""
        return self._below.get(at, [])

    def has_arrays(self, at: Parts) -> bool:
        """Whether there are arrays at the place or anywhere below it."""
        return any(parts[: len(at)] == at for parts in self.unread)

    def below(self, at: Parts) -> dict[str, Array]:
        """Every array at the place and below it, by path and number (for layers of unknown classes)."""
        found: dict[str, Array] = {}
        for place in sorted(parts for parts in self.unread if parts[: len(at)] == at):
            for i, array in enumerate(self.arrays(place)):
                found["/".join((*place[len(at) :], str(i)))] = array
        return found

    def check_all_read(self) -> None:
        """No layer's arrays may be left over but the seeds of random layers.

        Raises:
            FormatError: arrays that belong to no layer.
        """
        left = sorted(p for p in self.unread if p[:1] in ((), (self.layers,)) and "seed_generator" not in p[-1:])
        if left:
            raise FormatError(f"the weights at '{'/'.join(left[0])}' belong to no layer of the model")
