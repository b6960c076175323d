"""A model's architecture as JSON (`model.to_json()`), which has no weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kmin.errors import FormatError
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.spec import FileFacts, ModelSpec


def read_architecture(path: str) -> ModelSpec:
    """The model in a JSON file, weights empty.

    Raises:
        FormatError: not JSON, or not the config of a model.
    """
    with Path(path).open("rb") as file:
        data = file.read(MAX_TEXT + 1)
    config = parse_json(data.decode("utf-8-sig", "replace"), "the file")
    if isinstance(config, str):  # json.dump(model.to_json()): JSON inside a JSON string
        config = parse_json(config, "the file")
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise FormatError(_stranger(config))
    version, backend = (_text(config.get(key)) for key in ("keras_version", "backend"))
    dialect = dialect_of(version, config)
    facts = FileFacts(
        container="json", dialect=dialect, keras_version=version, backend=backend, size=Path(path).stat().st_size
    )
    return replace(read_model(config, dialect), file=facts)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _stranger(config: Any) -> str:
    keys = config if isinstance(config, dict) else {}
    if "modelTopology" in keys or "weightsManifest" in keys:
        return "this is a TensorFlow.js model, not a Keras file; convert it back with tensorflowjs_converter"
    if "weight_map" in keys:
        return "this is the map of a sharded weights file; give the architecture as the model and this as its weights"
    if "keras_version" in keys and "config" not in keys:
        return "this is the metadata of a .keras archive, not a model"
    if isinstance(keys.get("layers"), list):
        return "this architecture has no class_name, which Keras has written since 1.0; save it with model.to_json()"
    return "this is a JSON file, but not a model's architecture: it has no class_name and config"
