"""ONNX Runtime on the CPU, every graph optimisation on."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.engines.fixed import FixedSession
from kmin.engines.session import Opening


def start(opening: Opening) -> str:
    """Imports ONNX Runtime."""
    return f"onnxruntime {importlib.import_module('onnxruntime').__version__}"


def open_session(opening: Opening) -> FixedSession:
    """Loads an .onnx file."""
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = opening.threads if opening.threads is not None else 0
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(opening.path, options, providers=["CPUExecutionProvider"])
    (source,), (target,) = session.get_inputs(), session.get_outputs()
    name, outputs, run = source.name, [target.name], session.run

    def predict(x: Any) -> Any:
        return run(outputs, {name: x})[0]

    return FixedSession(predict, (opening.rows, *source.shape[1:]), "MLAS")
