"""Whole-model .h5 files of Keras 1 to 3: the legacy layout with its config in an attribute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py

from kmin.errors import FormatError
from kmin.formats import hdf5
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.jsontext import parse_json
from kmin.formats.legacy import place_weights
from kmin.formats.spec import Array, FileFacts, ModelSpec


def read_h5(path: str) -> ModelSpec:
    """The model in a legacy .h5 file.

    Raises:
        FormatError: damaged, without a model config, or the weights do not fit it.
    """
    with hdf5.opened(path) as file:
        root = _root(file)
        text = hdf5.text_of(root.attrs["model_config"])
        if text is None:
            raise FormatError("the attribute model_config must be text")
        config = parse_json(text, "model_config")
        group = hdf5.group(root, "model_weights")
        version = _text(root, "keras_version")
        backend = _text(root, "backend")
        if group is not None:
            version = version if version is not None else _text(group, "keras_version")
            backend = backend if backend is not None else _text(group, "backend")
        dialect = dialect_of(version, config)
        model = read_model(config, dialect)
        weights = _weights(group) if group is not None else {}
        facts = FileFacts(
            container="h5",
            dialect=dialect,
            keras_version=version,
            backend=backend,
            size=Path(path).stat().st_size,
            optimizer_size=_stored(root),
            training_config="training_config" in root.attrs,
        )
    from dataclasses import replace

    return replace(place_weights(model, weights), file=facts)


def _root(file: h5py.File) -> h5py.Group:
    """The group with the model config: the root, or one group inside it (files wrapped by other tools)."""
    if "model_config" in file.attrs:
        return file
    wrapped = hdf5.group(file, "model/kerasmodel")
    if wrapped is not None and "model_config" in wrapped.attrs:
        return wrapped
    if "layer_names" in file.attrs or "layer_names0" in file.attrs or "nb_layers" in file.attrs:
        raise FormatError("this file holds weights only, without the model's architecture; save with model.save")
    if "layers" in file or "_layer_checkpoint_dependencies" in file:
        raise FormatError("this is a .weights.h5 file, without the model's architecture; save with model.save")
    raise FormatError("this HDF5 file is not a Keras model: it has no model_config")


def _text(node: h5py.Group, name: str) -> str | None:
    return hdf5.text_of(node.attrs[name]) if name in node.attrs else None


def _weights(group: h5py.Group) -> dict[str, list[tuple[str, Array]]]:
    """Top-level layer name -> its named arrays in file order.

    Raises:
        FormatError: a name has no dataset, or a dataset is not acceptable.
    """
    names = hdf5.names_of(group, "layer_names")
    if names is None:
        raise FormatError("the group model_weights must have the attribute layer_names")
    weights: dict[str, list[tuple[str, Array]]] = {}
    for name in names:
        layer = hdf5.group(group, name)
        if layer is None:
            raise FormatError(f"layer '{name}': listed in layer_names, but its weights are not in the file")
        arrays = []
        for weight in hdf5.names_of(layer, "weight_names") or ():
            found: Any = hdf5.child(layer, weight)
            if found is None:
                raise FormatError(f"layer '{name}': the weight '{weight}' is not in the file")
            arrays.append((weight, hdf5.array_of(found, f"{name}/{weight}")))
        weights[name] = arrays
    return weights


def _stored(root: h5py.Group) -> int:
    """Bytes of optimizer state."""
    group = hdf5.group(root, "optimizer_weights")
    if group is None:
        return 0
    sizes = [0]

    def add(_name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            sizes.append(item.id.get_storage_size())

    group.visititems(add)
    return sum(sizes)
