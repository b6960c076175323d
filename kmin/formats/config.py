"""A model's JSON config turned into a ModelSpec without weights: Sequential, Functional, nested and wrapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from kmin.errors import FormatError
from kmin.formats.branches import MERGE, merged_model
from kmin.formats.entry import Entry, bare_class, read_entry
from kmin.formats.nodes import read_node, read_structure
from kmin.formats.policy import settled
from kmin.formats.recurrent import settle_state
from kmin.formats.renumber import renumber
from kmin.formats.spec import Call, LayerSpec, ModelSpec, TensorRef, leaves
from kmin.formats.variables import LOOKUPS
from kmin.formats.wrappers import read_children

MAX_LAYERS = 30_000


def read_model(config: Any, dialect: int) -> ModelSpec:
    """The model described by `{"class_name": ..., "config": ...}`, weights empty.

    Raises:
        FormatError: the object does not describe a model.
    """
    if _count_layers(config) > MAX_LAYERS:
        raise FormatError(f"a model must have at most {MAX_LAYERS} layers; this one has more")
    entry = read_entry(config, "model config", dialect)
    return _model(entry, "", dialect)


def _count_layers(config: Any) -> int:
    """Entries of all lists of layers, at any depth."""
    count = 0
    stack = [config]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            layers = item.get("layers")
            count += len(layers) if isinstance(layers, list) else 0
            stack += [value for value in item.values() if isinstance(value, (Mapping, list))]
        elif isinstance(item, list):
            stack += [value for value in item if isinstance(value, (Mapping, list))]
    return count


def _model(entry: Entry, path: str, dialect: int) -> ModelSpec:
    layers = entry.config.get("layers")
    if entry.class_name == "Sequential" or entry.items is not None:
        return _sequential(entry, path, dialect)
    if isinstance(layers, list) and "output_layers" in entry.config:
        return _functional(entry, path, dialect)
    return _opaque(entry, path, dialect)


def _layer(data: Any, path: str, dialect: int) -> LayerSpec:
    """The LayerSpec of a serialised layer, without calls."""
    entry = read_entry(data, f"layer '{path}'", dialect)
    return _spec(entry, path, dialect)


def _spec(entry: Entry, path: str, dialect: int) -> LayerSpec:
    model = _model(entry, path, dialect) if entry.is_model else None
    if model is not None and not model.layers:
        raise FormatError(f"layer '{path}' ({entry.class_name}): a nested model must list its layers")
    children = {} if model else read_children(entry, path, lambda d, p: _layer(d, p, dialect), dialect)
    return LayerSpec(
        name=entry.name,
        class_name=entry.class_name,
        config=settled(entry.config, entry.class_name, {path, entry.name}),
        module=entry.module,
        registered_name=entry.registered_name,
        model=model,
        children=children,
    )


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _entries(layers: Any, path: str, dialect: int) -> list[Entry]:
    if not isinstance(layers, list):
        raise FormatError(f"model '{path}': its layers must be a list; received {type(layers).__name__}")
    entries = [read_entry(data, f"layer {i} of model '{path}'", dialect) for i, data in enumerate(layers)]
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise FormatError(f"model '{path}': layer names must be unique; '{entry.name}' comes twice")
        seen.add(entry.name)
    return entries


def _functional(entry: Entry, path: str, dialect: int) -> ModelSpec:
    entries = _entries(entry.config["layers"], path or entry.name, dialect)
    names = {item.name for item in entries}
    layers = []
    for item in entries:
        where = _join(path, item.name)
        spec = _spec(item, where, dialect)
        if item.class_name == "InputLayer":
            layers.append(spec)
            continue
        calls = [read_node(node, item.class_name, names, where) for node in item.nodes]
        layers.append(replace(spec, calls=tuple(settle_state(spec, call) for call in calls)))
    what = f"model '{path or entry.name}': {{}}"
    inputs = read_structure(entry.config.get("input_layers"), names, what.format("input_layers"))
    outputs = read_structure(entry.config["output_layers"], names, what.format("output_layers"))
    model = ModelSpec(entry.name, entry.class_name, tuple(layers), _unwrapped(inputs), _unwrapped(outputs), dialect)
    return _checked(renumber(model), path or entry.name)


def _unwrapped(structure: Any) -> Any:
    """A list of one input or output means the tensor itself, in every Keras (`Functional.call`)."""
    return structure[0] if isinstance(structure, list) and len(structure) == 1 else structure


def _checked(model: ModelSpec, path: str) -> ModelSpec:
    """The model, after checking that every tensor it mentions belongs to a layer it has."""
    names = {layer.name: layer for layer in model.layers}
    for ref in leaves(model.inputs):
        if not isinstance(ref, TensorRef) or ref.layer not in names:
            raise FormatError(f"model '{path}': input {ref!r} is not a layer of the model")
    for layer in model.layers:
        for ref in leaves([[call.args, call.kwargs] for call in layer.calls]):
            if isinstance(ref, TensorRef) and ref.layer not in names:
                raise FormatError(f"layer '{layer.name}' of model '{path}': reads the unknown layer '{ref.layer}'")
    return model


def _sequential(entry: Entry, path: str, dialect: int) -> ModelSpec:
    """A Sequential as an InputLayer and a chain of calls; the input's shape may still be unknown (None)."""
    name = path or entry.name
    entries = _entries(entry.items if entry.items is not None else entry.config.get("layers"), name, dialect)
    specs = [_spec(item, _join(path, item.name), dialect) for item in entries]
    if not specs:
        raise FormatError(f"model '{name}': a Sequential must have layers; received none")
    if specs[0].class_name == MERGE and isinstance(specs[0].config.get("layers"), list):
        return merged_model(entry.name, "Functional", specs, lambda data: _branch(data, name, dialect))
    if specs[0].class_name != "InputLayer":
        shape = entry.config.get("build_input_shape")
        specs.insert(0, _input_for(specs, shape if shape is not None else entries[0].build_shape))
    layers = [specs[0]]
    for before, layer in pairwise(specs):
        if _outputs(before) != 1:
            raise FormatError(
                f"layer '{_join(path, before.name)}': a layer in a Sequential must have one output; "
                f"received {_outputs(before)}"
            )
        layers.append(replace(layer, calls=(Call((TensorRef(before.name),)),)))
    inputs, outputs = TensorRef(layers[0].name), TensorRef(layers[-1].name)
    return ModelSpec(entry.name, entry.class_name, tuple(layers), inputs, outputs, dialect)


def _branch(data: Any, path: str, dialect: int) -> ModelSpec:
    """One branch of a Keras 1 Merge: a model, or a layer that is one by itself."""
    entry = read_entry(data, f"a branch of model '{path}'", dialect)
    if entry.is_model or entry.items is not None:
        return _model(entry, "", dialect)
    return _sequential(replace(entry, items=[data]), "", dialect)


def _outputs(layer: LayerSpec) -> int:
    """How many tensors a layer in a Sequential returns, as far as its config tells."""
    if layer.model is not None:
        return len(leaves(layer.model.outputs))
    states = [child.config.get("return_state") for child in (layer, *layer.children.values())]
    return 2 if any(states) else 1


def _input_for(specs: list[LayerSpec], build_shape: Any) -> LayerSpec:
    """The InputLayer that Keras makes from the first layer's shape arguments."""
    first = specs[0]
    taken = {spec.name for spec in specs}
    name = f"{first.name}_input"
    while name in taken:
        name += "_"
    if first.model is not None:
        refs = leaves(first.model.inputs)
        source = next((item for item in first.model.layers if refs and item.name == refs[0].layer), None)
        if source is not None and len(refs) == 1:
            return replace(source, name=name, config={**source.config, "name": name}, calls=())
    config = first.config
    shape = config.get("batch_input_shape", config.get("batch_shape"))
    if shape is None and isinstance(config.get("input_shape"), list):
        shape = [None, *config["input_shape"]]
    if shape is None and isinstance(config.get("input_dim"), int) and bare_class(first.class_name) != "Embedding":
        length = config.get("input_length")
        recurrent = first.class_name in {"LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Conv1D"}
        shape = [None, length, config["input_dim"]] if recurrent else [None, config["input_dim"]]
    if shape is None and isinstance(build_shape, list):
        shape = build_shape
    settings: dict[str, Any] = {"name": name, "batch_shape": shape}
    dtype = config.get("input_dtype", config.get("dtype"))
    if first.class_name in LOOKUPS:  # their dtype is that of what they give
        dtype = "int64" if first.class_name == "IntegerLookup" or config.get("invert") else "string"
    if isinstance(dtype, (str, Mapping)):
        settings["dtype"] = dtype
    return LayerSpec(name, "InputLayer", settings)


def _opaque(entry: Entry, path: str, dialect: int) -> ModelSpec:
    """A subclassed model: its config says nothing of layers, so it is one layer of an unknown class."""
    layer = LayerSpec(
        name=entry.name,
        class_name=entry.class_name if entry.class_name != "Model" else "custom>Model",
        config=entry.config,
        calls=(Call(((),)),),
        module=entry.module,
        registered_name=entry.registered_name,
    )
    return ModelSpec(entry.name, entry.class_name, (layer,), [], TensorRef(entry.name), dialect)
