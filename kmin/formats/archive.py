""".keras archives of Keras 2.12 to 3, zipped or unpacked: config.json, metadata.json and model.weights.h5."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kmin.errors import FormatError
from kmin.formats import members
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.folder import Folder
from kmin.formats.inputs import settle_inputs
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.placing import place_store
from kmin.formats.shards import SHARDED, WHOLE, Files, opened_store
from kmin.formats.spec import FileFacts, ModelSpec
from kmin.formats.vocabularies import Assets


def read_archive(path: str) -> ModelSpec:
    """The model in a .keras archive.

    Raises:
        FormatError: damaged, a member is missing, duplicate or too large, or the weights do not fit the config.
    """
    with members.opened(path) as archive:
        if "config.json" not in archive.names:
            raise FormatError(_not_keras(archive.names))
        model, facts = _read(archive)
    return replace(model, file=replace(facts, size=Path(path).stat().st_size))


def read_folder(path: str) -> ModelSpec:
    """The model in an unpacked .keras archive.

    Raises:
        FormatError: as `read_archive`.
    """
    folder = Folder(path, assets=True)
    model, facts = _read(folder)
    size = sum(folder.size(name) for name in folder.names)
    return replace(model, file=replace(facts, container="folder", size=size))


def weights_name(files: Files) -> str:
    """The archive's weights file.

    Raises:
        FormatError: there is none, or it is a pickle.
    """
    for name in (WHOLE, SHARDED):
        if name in files.names:
            return name
    if any(name.endswith("weights.npz") for name in files.names):
        raise FormatError(
            "its weights are a pickle (model.weights.npz), which kmin never opens; "
            "load it with the Keras that wrote it, h5py installed, and save it again"
        )
    raise FormatError(f"the archive has no {WHOLE}")


def _read(files: Files) -> tuple[ModelSpec, FileFacts]:
    config = parse_json(files.read("config.json", MAX_TEXT).decode("utf-8", "replace"), "config.json")
    metadata: Any = {}
    if "metadata.json" in files.names:
        metadata = parse_json(files.read("metadata.json", MAX_TEXT).decode("utf-8", "replace"), "metadata.json")
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    version = version if isinstance(version, str) else None
    core = version is not None and version.startswith("0.")  # keras-core, the forerunner of Keras 3
    dialect = 3 if core else dialect_of(version, config)
    model = read_model(config, dialect)
    with opened_store(files, weights_name(files)) as store:
        model = settle_inputs(place_store(model, store, assets=Assets(files)))
    facts = FileFacts(
        container="keras",
        dialect=dialect,
        keras_version=version,
        optimizer_size=store.optimizer_size,
        training_config=isinstance(config, dict) and bool(config.get("compile_config")),
    )
    return model, facts


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
