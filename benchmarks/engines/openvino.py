"""OpenVINO on the CPU, tuned for latency, computing in float32."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.engines.fixed import FixedSession
from kmin.engines.session import Opening
from kmin.errors import EngineError


def start(opening: Opening) -> str:
    """Imports OpenVINO."""
    return f"openvino {importlib.import_module('openvino').__version__.split('-')[0]}"


def open_session(opening: Opening) -> FixedSession:
    """Compiles an .onnx file."""
    openvino = importlib.import_module("openvino")
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if opening.threads is not None:
        options["INFERENCE_NUM_THREADS"] = str(opening.threads)
    core = openvino.Core()
    try:
        model = core.read_model(opening.path)
        if model.inputs[0].partial_shape.is_dynamic:
            model.reshape([opening.rows, *list(model.inputs[0].partial_shape)[1:]])
        compiled = core.compile_model(model, "CPU", options)
    except RuntimeError as error:  # many lines; the last one that is not empty says most
        raise EngineError(
            f"cannot compile it: {[line for line in str(error).splitlines() if line.strip()][-1]}"
        ) from None
    request = compiled.create_infer_request()
    infer, output = request.infer, compiled.output(0)

    def predict(x: Any) -> Any:
        return infer(x, share_inputs=True)[output]

    return FixedSession(predict, tuple(compiled.input(0).shape), "oneDNN")
