"""ENGINES: the runtimes that are compared, those of `kmin bench` and more, and what file each of them opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kmin.engines import ENGINES as OWN
from kmin.engines import Engine
from kmin.errors import EngineError


@dataclass(frozen=True)
class Runtime:
    """An engine of the comparison.

    Attributes:
        engine: how it is started (see `kmin.engines.Engine`).
        family: whose Python (`--python FAMILY=PATH`) runs it.
        files: what it can open, best first: the conversion it comes from (None for Keras' own files) and its name, in
            which `{batch}` is the number of rows.
        peer: whether it is one of those that kmin's ratio is taken against.
    """

    engine: Engine
    family: str
    files: tuple[tuple[str | None, str], ...]
    peer: bool = True


KERAS: tuple[tuple[str | None, str], ...] = ((None, "model.keras"),)
H5: tuple[tuple[str | None, str], ...] = ((None, "model.h5"),)
BUNDLE: tuple[tuple[str | None, str], ...] = ((None, "model.npz"),)
ONNX = ("onnx", "model.onnx")
TFLITE = ("litert", "model_{batch}.tflite")
ENGINES: dict[str, Runtime] = {
    "keras-call": Runtime(OWN["keras-call"], "keras", KERAS),
    "keras-function": Runtime(Engine("benchmarks.engines.keras_function", "function"), "keras", KERAS),
    "keras-predict": Runtime(OWN["keras-predict"], "keras", KERAS),
    "kmin-bundle": Runtime(OWN["kmin-native"], "kmin", BUNDLE, peer=False),
    "kmin-native": Runtime(OWN["kmin-native"], "kmin", H5, peer=False),
    "kmin-numpy": Runtime(OWN["kmin-numpy"], "kmin", H5, peer=False),
    "litert": Runtime(Engine("benchmarks.engines.litert", ""), "litert", (TFLITE,)),
    "onnxruntime": Runtime(Engine("benchmarks.engines.onnxruntime", ""), "onnxruntime", (ONNX,)),
    "openvino": Runtime(Engine("benchmarks.engines.openvino", ""), "openvino", (ONNX, TFLITE)),
}
PEERS = tuple(name for name, runtime in ENGINES.items() if runtime.peer)


def file_of(name: str, place: Path, batch: int, failed: Mapping[str, str]) -> Path:
    """The file in `place` that an engine opens for so many rows.

    Args:
        name: key of ENGINES.
        place: the folder of the model.
        batch: rows of a call.
        failed: conversion -> why it failed.

    Raises:
        EngineError: every conversion that it could open failed.
    """
    files = ENGINES[name].files
    for conversion, file in files:
        if conversion not in failed:
            return place / file.format(batch=batch)
    raise EngineError(failed[files[0][0] or ""])
