"""ENGINES: the runtimes that are compared, those of `kmin bench` and more, and what file each of them opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kmin.engines import ENGINES as OWN
from kmin.engines import Engine


@dataclass(frozen=True)
class Runtime:
    """An engine of the comparison.

    Attributes:
        engine: how it is started (see `kmin.engines.Engine`).
        file: which of the prepared files it opens; `{batch}` is the number of rows.
        needs: the conversion that this file comes from, None for Keras' own files.
        peer: whether it is one of those that kmin's ratio is taken against.
        family: whose Python (`--python FAMILY=PATH`) runs it.
    """

    engine: Engine
    file: str
    family: str
    needs: str | None = None
    peer: bool = True


ENGINES: dict[str, Runtime] = {
    "keras-call": Runtime(OWN["keras-call"], "model.keras", "keras"),
    "keras-function": Runtime(Engine("benchmarks.engines.keras_function", "function"), "model.keras", "keras"),
    "keras-predict": Runtime(OWN["keras-predict"], "model.keras", "keras"),
    "kmin-native": Runtime(OWN["kmin-native"], "model.h5", "kmin", peer=False),
    "kmin-numpy": Runtime(OWN["kmin-numpy"], "model.h5", "kmin", peer=False),
    "litert": Runtime(Engine("benchmarks.engines.litert", ""), "model_{batch}.tflite", "litert", "litert"),
    "onnxruntime": Runtime(Engine("benchmarks.engines.onnxruntime", ""), "model_{batch}.onnx", "onnxruntime", "onnx"),
    "openvino": Runtime(Engine("benchmarks.engines.openvino", ""), "model_{batch}.onnx", "openvino", "onnx"),
}
PEERS = tuple(name for name, runtime in ENGINES.items() if runtime.peer)


def file_of(name: str, place: Path, batch: int) -> Path:
    """The file in `place` that an engine opens for so many rows."""
    return place / ENGINES[name].file.format(batch=batch)
