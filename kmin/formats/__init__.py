"""read(path) -> ModelSpec: what the bytes say, whatever the extension claims."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from kmin.errors import FormatError
from kmin.formats.sniff import sniff
from kmin.formats.source import source_of
from kmin.formats.spec import Array, ModelSpec


def read(path: str | os.PathLike[str]) -> ModelSpec:
    """The model file at `path` as a ModelSpec.

    Args:
        path: a file, an unpacked .keras archive, or a Source, which may name a weights file.

    Raises:
        FormatError: not a Keras model, damaged, a variant that is not readable, or weights that do not fit.
    """
    source = source_of(path)
    place = os.fspath(source)
    if source.is_lenient and source.weights is None:
        raise FormatError(f"{place}: by_name and skip_mismatch are about a weights file, and there is none")
    container = sniff(place)
    try:
        model = _read(place, container)
        if container == "json" and source.weights is None:
            raise FormatError(
                "this is a model's architecture as JSON, without weights; give its weights file, too (--weights)"
            )
    except FormatError as error:
        raise FormatError(f"{place}: {error}") from None
    except RecursionError:
        raise FormatError(f"{place}: the model config is nested too deeply") from None
    if source.weights is None:
        return model
    from kmin.formats.weights import load_weights

    try:
        return load_weights(model, source)
    except RecursionError:
        raise FormatError(f"{place}: the model config is nested too deeply") from None


def _read(place: str, container: str) -> ModelSpec:
    if container == "h5":
        from kmin.formats.h5 import read_h5

        return read_h5(place)
    if container == "json":
        from kmin.formats.architecture import read_architecture

        return read_architecture(place)
    from kmin.formats.archive import read_archive, read_folder

    return read_folder(place) if container == "folder" else read_archive(place)


def build(config: Mapping[str, Any], dialect: int, weights: Mapping[str, Sequence[tuple[str, Array]]]) -> ModelSpec:
    """A ModelSpec from a model's JSON config and weights.

    Args:
        config: the object `{"class_name": ..., "config": ...}` as stored in the file.
        dialect: 1, 2 or 3.
        weights: top-level layer name -> (name in file, array) in the order of the legacy .h5 format.

    Raises:
        FormatError: the config is not a model's, or the weights do not fit it.
    """
    from kmin.formats.config import read_model
    from kmin.formats.legacy import place_weights

    return place_weights(read_model(config, dialect), weights)
