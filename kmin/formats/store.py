"""Weights in the layout of .keras archives: groups named by snake-case class and counter, arrays by number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import h5py

from kmin.errors import FormatError
from kmin.formats import hdf5
from kmin.formats.entry import bare_class
from kmin.formats.slots import Path, model_with_weights
from kmin.formats.spec import Array, LayerSpec, ModelSpec
from kmin.formats.variables import own_variables

# Classes whose variables sit in a cell of their own.
_CELLED = frozenset({"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "SimpleRNN"})
# Part of a canonical name before the slash -> the attribute that holds the sub-layer.
_PARTS = {
    "attention_output": "output_dense",
    "gate": "gate_dense",
    "key": "key_dense",
    "query": "query_dense",
    "value": "value_dense",
}


def snake_case(class_name: str) -> str:
    """Keras' to_snake_case: `Conv2DTranspose` becomes `conv2d_transpose`."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


class Store:
    """The weights file of an archive.

    Attributes:
        root: the open HDF5 file.
        dialect: 2 or 3.
        layers: name of the group with a model's layers.
    """

    def __init__(self, root: h5py.File, dialect: int) -> None:
        self.root = root
        self.dialect = dialect
        self.layers = "layers"
        self.separator = "/"
        names = list(root)
        if "layers" not in names:
            if "_layer_checkpoint_dependencies" in names:
                self.layers = "_layer_checkpoint_dependencies"
            elif any(name.startswith("layers\\") for name in names):
                self.separator = "\\"

    def group(self, parts: Sequence[str]) -> h5py.Group | None:
        """The group at a path, or None."""
        if self.separator == "\\" and parts:
            return hdf5.group(self.root, self.separator.join(parts))
        return hdf5.group(self.root, "/".join(parts))

    def arrays(self, parts: Sequence[str]) -> list[Array] | None:
        """The numbered arrays of one layer, or None when the file has no such layer."""
        found = self.group(parts)
        holder = hdf5.group(found, "vars") if found is not None else None
        if holder is None:
            return None
        keys = list(holder)
        where = "/".join(parts)
        if sorted(keys) != sorted(str(i) for i in range(len(keys))):
            raise FormatError(f"'{where}/vars' must number its arrays 0, 1, ...; received {', '.join(keys)[:80]}")
        return [hdf5.array_of(hdf5.child(holder, str(i)), f"{where}/vars/{i}") for i in range(len(keys))]

    def optimizer_size(self) -> int:
        """Bytes of optimizer state."""
        found = hdf5.group(self.root, "optimizer")
        sizes = [0]

        def add(_name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                sizes.append(item.id.get_storage_size())

        if found is not None:
            found.visititems(add)
        return sum(sizes)


def place_store(model: ModelSpec, store: Store) -> ModelSpec:
    """The model with its weights.

    Raises:
        FormatError: a layer's arrays are missing or their number does not fit the class.
    """
    placed: dict[Path, dict[str, Array]] = {}
    _place_model(model, store, (), (), placed)
    return model_with_weights(model, placed)


def _place_model(model: ModelSpec, store: Store, at: tuple[str, ...], path: Path, placed: dict[Path, Any]) -> None:
    counts: dict[str, int] = {}
    for layer in model.layers:
        if layer.class_name.startswith("ops."):
            continue
        name = snake_case(bare_class(layer.class_name))
        count = counts.get(name, 0)
        counts[name] = count + 1
        here = (*at, store.layers, name if count == 0 else f"{name}_{count}")
        _place_layer(layer, store, here, (*path, f"/{layer.name}"), placed)


def _place_layer(layer: LayerSpec, store: Store, at: tuple[str, ...], path: Path, placed: dict[Path, Any]) -> None:
    if layer.model is not None:
        _place_model(layer.model, store, at, path, placed)
        return
    for key, child in layer.children.items():
        parts = key.split("/")
        where = (*at, *parts) if len(parts) == 1 else (*at, parts[0], _cell_name(layer, key))
        _place_layer(child, store, where, (*path, f".{key}"), placed)
    rows = own_variables(layer)
    if rows is None:
        arrays = store.arrays(at)
        if arrays:
            placed[path] = {str(i): array for i, array in enumerate(arrays)}
        return
    if rows:
        placed[path] = _named(layer, [row.name for row in rows], store, at)


def _cell_name(layer: LayerSpec, key: str) -> str:
    """Cells of StackedRNNCells are a list like a model's layers: class name and counter."""
    names: dict[str, int] = {}
    for other, child in layer.children.items():
        name = snake_case(bare_class(child.class_name))
        count = names.get(name, 0)
        names[name] = count + 1
        if other == key:
            return name if count == 0 else f"{name}_{count}"
    raise AssertionError(key)


def _named(layer: LayerSpec, names: list[str], store: Store, at: tuple[str, ...]) -> dict[str, Array]:
    if any("/" in name for name in names):
        return _parts(layer, names, store, at)
    places: Iterable[tuple[str, ...]] = [(*at, "cell"), at] if layer.class_name in _CELLED else [at]
    found = next((arrays for arrays in map(store.arrays, places) if arrays), None)
    return _zipped(layer, names, found if found is not None else [], at)


def _parts(layer: LayerSpec, names: list[str], store: Store, at: tuple[str, ...]) -> dict[str, Array]:
    weights: dict[str, Array] = {}
    for part in dict.fromkeys(name.split("/")[0] for name in names):
        wanted = [name for name in names if name.split("/")[0] == part]
        attribute = _PARTS[part]
        found = store.arrays((*at, attribute))
        if found is None:
            found = store.arrays((*at, f"_{attribute}"))
        weights.update(_zipped(layer, wanted, found if found is not None else [], (*at, attribute)))
    return weights


def _zipped(layer: LayerSpec, names: list[str], arrays: list[Array], at: tuple[str, ...]) -> dict[str, Array]:
    if len(names) != len(arrays):
        raise FormatError(
            f"layer '{layer.name}' ({layer.class_name}): needs {len(names)} weights ({', '.join(names)}); "
            f"the file has {len(arrays)} at '{'/'.join(at)}'"
        )
    return dict(zip(names, arrays, strict=True))
