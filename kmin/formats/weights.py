"""Weights files: put into a model whose architecture comes from another file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from kmin.errors import FormatError
from kmin.formats import members
from kmin.formats.archive import weights_name
from kmin.formats.folder import Folder
from kmin.formats.h5 import layer_arrays
from kmin.formats.hdf5 import Node, Reader, opened
from kmin.formats.inputs import settle_inputs
from kmin.formats.keras1 import MARK
from kmin.formats.legacy import place_weights
from kmin.formats.placing import place_store
from kmin.formats.shards import Files, opened_store
from kmin.formats.slots import model_with_weights
from kmin.formats.sniff import sniff
from kmin.formats.source import Source
from kmin.formats.spec import Array, ModelSpec
from kmin.formats.store import Store

# Layer classes whose arrays Keras 1 keeps in another form than Keras 2 (keras 2.15 hdf5_format.py).
_CHANGED = frozenset({"Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "ConvLSTM2D", "GRU", "LSTM", "SeparableConv2D"})
# Groups in which a whole-model file, or another tool, keeps the weights.
_PLACES = ("", "model_weights", "model/kerasmodel/model_weights", "model/model_weights")


def load_weights(model: ModelSpec, source: Source) -> ModelSpec:
    """The model with the weights of `source.weights` instead of its own; `loading` tells what became of each layer.

    Args:
        model: from `source.path`.
        source: which file, and how to match.

    Raises:
        FormatError: the file holds no weights, or they do not fit the model.
    """
    assert source.weights is not None
    path = os.fspath(source.weights)
    model = model_with_weights(model, {})
    kind = sniff(path)
    try:
        if kind == "h5":
            with opened(path) as reader:
                return _from_h5(model, source, reader)
        if source.by_name:
            raise FormatError("by_name needs a legacy .h5 file; this one names no layers")
        if kind == "json":
            name = Path(path).name
            return _stored(model, source, "weights.json", Folder(str(Path(path).parent), (name,)), name)
        if kind == "folder":
            folder = Folder(path)
            return _stored(model, source, "keras", folder, weights_name(folder))
        with members.opened(path) as archive:
            return _stored(model, source, "keras", archive, weights_name(archive))
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def _from_h5(model: ModelSpec, source: Source, reader: Reader) -> ModelSpec:
    """From a legacy file (weights alone or a whole model), of whatever age, or a .weights.h5 file."""
    group = next((node for place in _PLACES if (node := _listing(reader, place)) is not None), None)
    if group is None and any(name in reader.root for name in ("layers", "_layer_checkpoint_dependencies", "vars")):
        if source.by_name:
            raise FormatError("by_name needs a legacy .h5 file; this one names no layers")
        return _placed(model, source, "weights.h5", Store([reader]))
    if group is None:
        raise FormatError("this HDF5 file holds no Keras weights: it lists no layers")
    oldest = not _lists(reader, group)
    if oldest and source.by_name:
        raise FormatError("by_name needs layer names, which Keras did not save before 1.0")
    weights = _numbered(reader, group) if oldest else layer_arrays(reader, group)
    version, backend = (
        next((text for node in (group, reader.root) if (text := reader.text(node, name)) is not None), None)
        for name in ("keras_version", "backend")
    )
    _check_generation(model, version, oldest, [name for arrays in weights.values() for name, _ in arrays])
    top = reader.group(group, "top_level_model_weights")
    if top is not None and reader.names(top, "weight_names"):
        raise FormatError("the model itself has weights, beside its layers', which is not supported")
    if model.file is not None:
        backend = backend if backend is not None else model.file.backend
    if oldest and backend is None and any(layer.class_name in _CHANGED for layer in model.walk()):
        raise FormatError(
            "it is older than Keras 1.0 and does not say whether Theano or TensorFlow trained it, "
            "whose convolutions differ; load it in Keras 1 and save it again"
        )
    placed = place_weights(model, weights, backend, by_name=source.by_name, skip_mismatch=source.skip_mismatch)
    placed = _with_facts(placed, source, "h5")
    assert placed.file is not None
    return replace(placed, file=replace(placed.file, backend=backend))


def _listing(reader: Reader, place: str) -> Node | None:
    """The group at a place, if it lists layers with weights."""
    node = reader.group(reader.root, place) if place else reader.root
    return node if node is not None and (_lists(reader, node) or reader.has_attribute(node, "nb_layers")) else None


def _lists(reader: Reader, node: Node) -> bool:
    return any(reader.has_attribute(node, name) for name in ("layer_names", "layer_names0"))


def _numbered(reader: Reader, group: Node) -> dict[str, list[tuple[str, Array]]]:
    """The weights of a file from before Keras 1.0: `layer_0/param_0`, without any names."""
    weights: dict[str, list[tuple[str, Array]]] = {}
    while (layer := reader.group(group, name := f"layer_{len(weights)}")) is not None:
        count = 0
        while f"param_{count}" in layer:
            count += 1
        weights[name] = [(f"param_{i}", reader.array(layer, f"param_{i}", f"{name}/param_{i}")) for i in range(count)]
    return weights


def _check_generation(model: ModelSpec, version: str | None, oldest: bool, names: list[str]) -> None:
    """Architecture and weights must be of one generation where Keras 1 kept its arrays in another form."""
    changed = next((layer for layer in model.walk() if layer.class_name in _CHANGED), None)
    if changed is None:
        return
    first = oldest or (version is not None and version.startswith("1."))
    first = first or (version is None and any(name.split(":")[0].endswith("_W") for name in names))
    translated = bool(changed.config.get(MARK))
    if first != translated and (first or version is not None):
        theirs = f"Keras {version}" if version is not None else "Keras 1"
        raise FormatError(
            f"these weights are of {theirs} and the architecture is of Keras {model.dialect}, and layers such as "
            f"'{changed.name}' ({changed.class_name}) keep theirs in another form; both must be of one generation"
        )


def _stored(model: ModelSpec, source: Source, layout: str, files: Files, name: str) -> ModelSpec:
    with opened_store(files, name) as store:
        return _placed(model, source, layout, store)


def _placed(model: ModelSpec, source: Source, layout: str, store: Store) -> ModelSpec:
    placed = place_store(model, store, source.skip_mismatch)
    return _with_facts(settle_inputs(placed), source, layout)


def _with_facts(model: ModelSpec, source: Source, layout: str) -> ModelSpec:
    assert model.file is not None
    assert source.weights is not None
    size = model.file.size if model.file.container == "json" else 0
    path = Path(source.weights)
    size += path.stat().st_size if path.is_file() else 0
    return replace(model, file=replace(model.file, weights=layout, size=size))
