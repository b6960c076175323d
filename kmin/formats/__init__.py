"""read(path) -> ModelSpec: what the bytes say, whatever the extension claims."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from kmin.formats.spec import Array, ModelSpec


def read(path: str | os.PathLike[str]) -> ModelSpec:
    """The model file at `path` as a ModelSpec.

    Raises:
        FormatError: not a Keras model, damaged, or a variant that is not readable.
    """
    raise AssertionError(path)


def build(config: Mapping[str, Any], dialect: int, weights: Mapping[str, Sequence[tuple[str, Array]]]) -> ModelSpec:
    """A ModelSpec from a model's JSON config and weights.

    Args:
        config: the object `{"class_name": ..., "config": ...}` as stored in the file.
        dialect: 1, 2 or 3.
        weights: top-level layer name -> (name in file, array) in the order of the legacy .h5 format.
    """
    raise AssertionError(config)
