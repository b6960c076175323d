"""OpenVINO on the CPU, tuned for latency, computing in float32."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.engines.fixed import FixedSession
from kmin.engines.session import Opening


def start(opening: Opening) -> str:
    """Imports OpenVINO."""
    return f"openvino {importlib.import_module('openvino').__version__.split('-')[0]}"


def open_session(opening: Opening) -> FixedSession:
    """Compiles an .onnx file."""
    openvino = importlib.import_module("openvino")
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if opening.threads is not None:
        options["INFERENCE_NUM_THREADS"] = str(opening.threads)
    compiled = openvino.Core().compile_model(opening.path, "CPU", options)
    request = compiled.create_infer_request()
    infer, output = request.infer, compiled.output(0)

    def predict(x: Any) -> Any:
        return infer(x, share_inputs=True)[output]

    return FixedSession(predict, tuple(compiled.input(0).shape), "oneDNN")
