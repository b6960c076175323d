"""read(path) -> ModelSpec: what the bytes say, whatever the extension claims."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from kmin.errors import FormatError
from kmin.formats.config import read_model
from kmin.formats.legacy import place_weights
from kmin.formats.sniff import sniff
from kmin.formats.spec import Array, ModelSpec


def read(path: str | os.PathLike[str]) -> ModelSpec:
    """The model file at `path` as a ModelSpec.

    Raises:
        FormatError: not a Keras model, damaged, or a variant that is not readable.
    """
    place = os.fspath(path)
    container = sniff(place)
    try:
        if container == "h5":
            from kmin.formats.h5 import read_h5

            return read_h5(place)
        from kmin.formats.archive import read_archive

        return read_archive(place)
    except FormatError as error:
        raise FormatError(f"{place}: {error}") from None
    except RecursionError:
        raise FormatError(f"{place}: the model config is nested too deeply") from None


def build(config: Mapping[str, Any], dialect: int, weights: Mapping[str, Sequence[tuple[str, Array]]]) -> ModelSpec:
    """A ModelSpec from a model's JSON config and weights.

    Args:
        config: the object `{"class_name": ..., "config": ...}` as stored in the file.
        dialect: 1, 2 or 3.
        weights: top-level layer name -> (name in file, array) in the order of the legacy .h5 format.

    Raises:
        FormatError: the config is not a model's, or the weights do not fit it.
    """
    return place_weights(read_model(config, dialect), weights)
