"""Whole-model .h5 files of Keras 1 to 3: the legacy layout with its config in an attribute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kmin.errors import FormatError
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.hdf5 import Node, Reader, opened
from kmin.formats.jsontext import parse_json
from kmin.formats.legacy import place_weights
from kmin.formats.spec import Array, FileFacts, ModelSpec

# Groups in which other tools wrap a Keras file.
_WRAPPINGS = ("", "model/kerasmodel", "model")

# What to do with a file of weights alone.
ARCHITECTURE = "give the architecture (model.to_json() in Keras) as the model and this file as its weights (--weights)"


def read_h5(path: str) -> ModelSpec:
    """The model in a legacy .h5 file.

    Raises:
        FormatError: damaged, without a model config, or the weights do not fit it.
    """
    size = Path(path).stat().st_size
    with opened(path) as reader:
        root = _root(reader)
        text = reader.text(root, "model_config")
        if text is None:
            raise FormatError("the attribute model_config must be text")
        config = parse_json(text, "model_config")
        group = reader.group(root, "model_weights")
        nodes = [root] if group is None else [root, group]
        version, backend = (
            next((found for node in nodes if (found := reader.text(node, name)) is not None), None)
            for name in ("keras_version", "backend")
        )
        dialect = dialect_of(version, config)
        model = read_model(config, dialect)
        facts = FileFacts(
            container="h5",
            dialect=dialect,
            keras_version=version,
            backend=backend,
            size=size,
            optimizer_size=reader.stored_bytes("optimizer_weights"),
            training_config=reader.has_attribute(root, "training_config"),
        )
        model = place_weights(model, layer_arrays(reader, group) if group is not None else {}, backend)
    return replace(model, file=facts)


def _root(reader: Reader) -> Node:
    """The group with the model config: the root, or one group inside it."""
    for place in _WRAPPINGS:
        node = reader.group(reader.root, place) if place else reader.root
        if node is not None and reader.has_attribute(node, "model_config"):
            return node
    root = reader.root
    if any(reader.has_attribute(root, name) for name in ("layer_names", "layer_names0", "nb_layers")):
        raise FormatError(f"this file holds weights only; {ARCHITECTURE}")
    if "layers" in root or "_layer_checkpoint_dependencies" in root or "vars" in root:
        raise FormatError(f"this is a .weights.h5 file, which holds weights only; {ARCHITECTURE}")
    raise FormatError("this HDF5 file is not a Keras model: it has no model_config")


def layer_arrays(reader: Reader, group: Node) -> dict[str, list[tuple[str, Array]]]:
    """Top-level layer name -> its named arrays in file order.

    Raises:
        FormatError: a name has no dataset, or a dataset is not acceptable.
    """
    names = reader.names(group, "layer_names")
    if names is None:
        raise FormatError("the weights must be listed in an attribute layer_names")
    weights: dict[str, list[tuple[str, Array]]] = {}
    for name in names:
        if name in weights:
            raise FormatError(f"layer '{name}': listed twice in layer_names")
        layer = reader.group(group, name)
        if layer is None:
            raise FormatError(f"layer '{name}': listed in layer_names, but its weights are not in the file")
        listed = reader.names(layer, "weight_names")
        weights[name] = [(weight, reader.array(layer, weight, f"{name}/{weight}")) for weight in listed or ()]
    return weights
