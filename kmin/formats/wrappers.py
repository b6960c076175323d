"""The layers that a wrapper's config holds: TimeDistributed, Bidirectional, RNN cells, Pipeline and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kmin.errors import FormatError
from kmin.formats.entry import Entry, read_entry
from kmin.formats.spec import LayerSpec

# Builds the LayerSpec of a serialised layer found at a path.
ReadLayer = Callable[[Any, str], LayerSpec]


MAX_BIDIRECTIONAL = 3


def read_children(entry: Entry, path: str, read_layer: ReadLayer, dialect: int) -> dict[str, LayerSpec]:
    """Wrapped layers by key, in the order in which Keras lists their weights.

    Keys are those of the config; the cells of StackedRNNCells are `cells/0`, `cells/1`, ...,
    the layers of a Pipeline `layers/0`, `layers/1`, ...
    """
    config = entry.config
    if entry.class_name == "Bidirectional":
        return _bidirectional(config, path, read_layer, dialect)
    children: dict[str, LayerSpec] = {}
    for key in ("layer", "cell"):
        if _is_layer(config.get(key)):
            children[key] = read_layer(config[key], f"{path}/{key}")
    for key in ("cells", "layers") if entry.class_name == "Pipeline" else ("cells",):
        listed = config.get(key)
        for i, item in enumerate(listed if isinstance(listed, list) else ()):
            if _is_layer(item):
                children[f"{key}/{i}"] = read_layer(item, f"{path}/{key}/{i}")
    return children


def _is_layer(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("class_name"), str) and "config" in value


def _bidirectional(config: Mapping[str, Any], path: str, read_layer: ReadLayer, dialect: int) -> dict[str, LayerSpec]:
    """Forward and backward layers as Bidirectional.__init__ makes them (Keras 2.15, 3.15)."""
    # Each reads its layer twice, so that nesting them doubles the work every time; Keras itself cannot nest them.
    if sum(path.count(f"/{key}_layer") for key in ("forward", "backward")) > MAX_BIDIRECTIONAL:
        raise FormatError(f"layer '{path}': Bidirectional layers are nested too deeply")
    wrapped = config.get("layer")
    if not _is_layer(wrapped):
        raise FormatError(f"layer '{path}' (Bidirectional): needs a layer in its config; received {wrapped!r:.80}")
    name = read_entry(wrapped, path, dialect).name
    given = config.get("backward_layer")
    if dialect >= 3:
        forward_name = f"forward_{name.removeprefix('forward_')}"
        backward_name = f"backward_{name.removeprefix('backward_')}"
    else:
        forward_name, backward_name = f"forward_{name}", f"backward_{name}"
    forward = read_layer(_changed(wrapped, forward_name, None), f"{path}/forward_layer")
    if _is_layer(given):
        own = read_entry(given, path, dialect).name
        backward_name = own if dialect >= 3 else f"backward_{own}"
        backward = read_layer(_changed(given, backward_name, None), f"{path}/backward_layer")
    else:
        backwards = True if dialect >= 3 else not forward.config.get("go_backwards", False)
        backward = read_layer(_changed(wrapped, backward_name, backwards), f"{path}/backward_layer")
    return {"forward_layer": forward, "backward_layer": backward}


def _changed(layer: Any, name: str, go_backwards: bool | None) -> dict[str, Any]:
    config = layer["config"]
    if not isinstance(config, Mapping):
        raise FormatError(f"layer '{name}': config must be an object; received {type(config).__name__}")
    changed = {**config, "name": name}
    if go_backwards is not None:
        changed["go_backwards"] = go_backwards
    return {**layer, "name": name, "config": changed}
