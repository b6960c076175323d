"""LiteRT on the CPU with its default delegate, XNNPACK."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

from benchmarks.engines.fixed import FixedSession
from kmin.engines.session import Opening


def start(opening: Opening) -> str:
    """Imports LiteRT."""
    importlib.import_module("ai_edge_litert.interpreter")
    return f"ai-edge-litert {version('ai-edge-litert')}"


def open_session(opening: Opening) -> FixedSession:
    """Loads a .tflite file."""
    interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter(
        model_path=opening.path, num_threads=opening.threads
    )
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    first, last = source["index"], target["index"]
    set_tensor, invoke, get_tensor = interpreter.set_tensor, interpreter.invoke, interpreter.get_tensor

    def predict(x: Any) -> Any:
        set_tensor(first, x)
        invoke()
        return get_tensor(last)

    return FixedSession(predict, source["shape"], "XNNPACK")
