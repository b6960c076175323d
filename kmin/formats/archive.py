""".keras zip archives of Keras 2.12 to 3: config.json, metadata.json and model.weights.h5."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kmin.errors import FormatError
from kmin.formats import hdf5
from kmin.formats.config import read_model
from kmin.formats.dialect import dialect_of
from kmin.formats.inputs import settle_inputs
from kmin.formats.jsontext import MAX_TEXT, parse_json
from kmin.formats.spec import FileFacts, ModelSpec
from kmin.formats.store import Store, place_store

MAX_WEIGHTS = 64 << 30
MAX_RATIO = 1100  # deflate cannot do better than 1032:1


def read_archive(path: str) -> ModelSpec:
    """The model in a .keras archive.

    Raises:
        FormatError: damaged, a member is missing, duplicate or too large, or the weights do not fit the config.
    """
    size = Path(path).stat().st_size
    with _opened(path) as archive:
        members = _members(archive)
        if "config.json" not in members:
            raise FormatError(_not_keras(set(members)))
        config = parse_json(_read(archive, members["config.json"], MAX_TEXT).decode("utf-8", "replace"), "config.json")
        metadata: Any = {}
        if "metadata.json" in members:
            text = _read(archive, members["metadata.json"], MAX_TEXT).decode("utf-8", "replace")
            metadata = parse_json(text, "metadata.json")
        version = metadata.get("keras_version") if isinstance(metadata, dict) else None
        version = version if isinstance(version, str) else None
        dialect = 3 if version is not None and version.startswith("0.") else dialect_of(version, config)
        model = read_model(config, dialect)
        if "model.weights.h5" not in members:
            if any(name.endswith("weights.npz") for name in members):
                raise FormatError("its weights are a pickle (model.weights.npz), which kmin never opens; re-save it")
            raise FormatError("the archive has no model.weights.h5")
        with _source(archive, members["model.weights.h5"]) as source, hdf5.opened(source) as file:
            store = Store(file, dialect)
            model = place_store(model, store)
            optimizer = store.optimizer_size()
    facts = FileFacts(
        container="keras",
        dialect=dialect,
        keras_version=version,
        backend=None,
        size=size,
        optimizer_size=optimizer,
        training_config=isinstance(config, dict) and config.get("compile_config") is not None,
    )
    return replace(settle_inputs(model), file=facts)


@contextmanager
def _opened(path: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FormatError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, RecursionError):
            raise
        raise FormatError(f"the zip archive is damaged or truncated ({error})") from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members by name, with forward slashes.

    Raises:
        FormatError: a name comes twice.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        if name in members:
            raise FormatError(f"the archive has the member '{name}' twice")
        members[name] = info
    return members


def _checked(info: zipfile.ZipInfo, limit: int) -> None:
    if info.flag_bits & 1:
        raise FormatError(f"the member '{info.filename}' is encrypted")
    if info.file_size > limit:
        raise FormatError(f"the member '{info.filename}' must be at most {limit} bytes; it declares {info.file_size}")
    if info.file_size > MAX_RATIO * max(1, info.compress_size) + 4096:
        raise FormatError(
            f"the member '{info.filename}' declares {info.file_size} bytes from {info.compress_size} compressed ones"
        )


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    _checked(info, limit)
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise FormatError(f"the member '{info.filename}' is larger than it declares")
    return data


@contextmanager
def _source(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Any]:
    """The member as a seekable file; stored ones are read in place."""
    _checked(info, MAX_WEIGHTS)
    if info.compress_type == zipfile.ZIP_STORED:
        with archive.open(info) as member:
            yield member
    else:
        yield io.BytesIO(_read(archive, info, MAX_WEIGHTS))


def _not_keras(names: set[str]) -> str:
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
