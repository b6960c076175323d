""".keras zip archives of Keras 2.12 to 3: config.json, metadata.json and model.weights.h5."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kmin.errors import FormatError
from kmin.formats import members
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.hdf5 import opened
from kmin.formats.inputs import settle_inputs
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.placing import place_store
from kmin.formats.spec import FileFacts, ModelSpec
from kmin.formats.store import Store

_WEIGHTS = "model.weights.h5"


def read_archive(path: str) -> ModelSpec:
    """The model in a .keras archive.

    Raises:
        FormatError: damaged, a member is missing, duplicate or too large, or the weights do not fit the config.
    """
    with members.opened(path) as archive:
        if "config.json" not in archive.names:
            raise FormatError(_not_keras(archive.names))
        config = parse_json(archive.read("config.json", MAX_TEXT).decode("utf-8", "replace"), "config.json")
        metadata: Any = {}
        if "metadata.json" in archive.names:
            metadata = parse_json(archive.read("metadata.json", MAX_TEXT).decode("utf-8", "replace"), "metadata.json")
        version = metadata.get("keras_version") if isinstance(metadata, dict) else None
        version = version if isinstance(version, str) else None
        core = version is not None and version.startswith("0.")  # keras-core, the forerunner of Keras 3
        dialect = 3 if core else dialect_of(version, config)
        model = read_model(config, dialect)
        if _WEIGHTS not in archive.names:
            if any(name.endswith("weights.npz") for name in archive.names):
                raise FormatError("its weights are a pickle (model.weights.npz), which kmin never opens; re-save it")
            raise FormatError(f"the archive has no {_WEIGHTS}")
        with opened(archive.content(_WEIGHTS)) as reader:
            model = settle_inputs(place_store(model, Store(reader)))
            optimizer = reader.stored_bytes("optimizer")
    facts = FileFacts(
        container="keras",
        dialect=dialect,
        keras_version=version,
        size=Path(path).stat().st_size,
        optimizer_size=optimizer,
        training_config=isinstance(config, dict) and bool(config.get("compile_config")),
    )
    return replace(model, file=facts)


def _not_keras(names: frozenset[str]) -> str:
    if any(name.endswith("data.pkl") for name in names):
        return "this is a PyTorch file, not a Keras model"
    if names and all(name.endswith(".npy") for name in names):
        return "this is a NumPy .npz file, not a Keras model"
    if any(name.endswith("saved_model.pb") for name in names):
        return "this is a zipped TensorFlow SavedModel, not a .keras file"
    nested = next((name for name in sorted(names) if name.endswith((".h5", ".hdf5", ".keras"))), None)
    if nested is not None:
        return f"this is a zip archive around '{nested}', not a .keras file; unpack it first"
    return "this is a zip archive, but not a Keras model: it has no config.json"
