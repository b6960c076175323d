"""Small model files made by hand with h5py, zipfile and json, as Keras lays them out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

KERNEL = np.arange(6, dtype=np.float32).reshape(3, 2)
BIAS = np.array([0.5, -1.0], dtype=np.float32)


def dense(name: str = "dense", **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "trainable": True, "units": 2, "use_bias": True, **config}}


def sequential(*layers: dict[str, Any], name: str = "model", **config: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers), **config}}


def input_layer(name: str = "x", shape: tuple[Any, ...] = (None, 3)) -> dict[str, Any]:
    return {"class_name": "InputLayer", "config": {"name": name, "batch_shape": list(shape), "dtype": "float32"}}


MODEL = sequential(input_layer(), dense())


def write_h5(
    path: Path,
    config: Any = MODEL,
    weights: dict[str, list[tuple[str, np.ndarray]]] | None = None,
    version: Any = "3.15.1",
    as_bytes: bool = False,
    chunks: int = 1,
) -> Path:
    """A whole-model .h5 file; `chunks` splits the name lists as Keras does with long ones."""
    if weights is None:
        weights = {"x": [], "dense": [("dense/kernel", KERNEL), ("dense/bias", BIAS)]}
    text = config if isinstance(config, str) else json.dumps(config)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = text.encode() if as_bytes else text
        if version is not None:
            file.attrs["keras_version"] = version
        group = file.create_group("model_weights")
        write_names(group, "layer_names", list(weights), chunks)
        for layer, arrays in weights.items():
            inner = group.require_group(layer)
            write_names(inner, "weight_names", [name for name, _ in arrays], 1)
            for name, array in arrays:
                inner[name] = array
    return path


def write_names(group: h5py.Group, attribute: str, names: list[str], chunks: int) -> None:
    values = np.array([name.encode() for name in names], dtype="S40")
    if chunks == 1:
        group.attrs[attribute] = values
        return
    for i, part in enumerate(np.array_split(values, chunks)):
        group.attrs[f"{attribute}{i}"] = part


def weights_h5(arrays: dict[str, np.ndarray], names: dict[str, str] | None = None) -> bytes:
    """The bytes of a model.weights.h5: path -> array, and path of a vars group -> layer name."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in arrays.items():
            file[path] = array
        for path, name in (names if names is not None else {}).items():
            file.require_group(path).attrs["name"] = name
    return buffer.getvalue()


ARRAYS = {"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": BIAS}


def write_keras(
    path: Path,
    config: Any = MODEL,
    weights: bytes | None = None,
    version: str | None = "3.15.1",
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """A .keras archive."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("metadata.json", json.dumps({} if version is None else {"keras_version": version}))
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("model.weights.h5", weights if weights is not None else weights_h5(ARRAYS))
    return path
