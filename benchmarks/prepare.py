"""prepare: makes what every engine opens, once: model.keras, model.h5, ONNX and tflite files, inputs, Keras' outputs.

Runs in the Python that has Keras: `python -m benchmarks.prepare FOLDER MODEL BATCH`. The .tflite files have a
fixed batch size; the .onnx file leaves it open, because tf2onnx knows an LSTM only then.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.models import MODELS, SEED, Case
from kmin.export.bundle import write_bundle
from kmin.graph.passes import simplify
from kmin.model import read_graph

CHECK_ROWS = 32
FORMATS = {"onnx": "model.onnx", "litert": "model_{batch}.tflite"}


def is_ready(folder: Path, name: str, batch: int) -> bool:
    """Whether everything for this model and batch size has been made."""
    return (folder / name / f"ready_{batch}.json").exists()


def read_facts(folder: Path, name: str, batch: int) -> dict[str, Any]:
    """What `prepare` wrote down: input names, versions, and per format that failed the reason."""
    facts: dict[str, Any] = json.loads((folder / name / f"ready_{batch}.json").read_text())
    return facts


def bundle_of(path: Path) -> Path:
    """What `kmin extract` makes of the file, beside it."""
    bundle = path.with_suffix(".npz")
    if not bundle.exists():
        graph, _ = read_graph(path)
        write_bundle(simplify(graph), bundle)
    return bundle


def prepare(folder: Path, name: str, batch: int) -> None:
    """Makes the files of one model for one batch size."""
    import keras
    import tensorflow

    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    path = place / "model.keras"
    if path.exists():
        model = keras.models.load_model(path, compile=False)
    else:
        model = MODELS[name].model()
        model.save(place / "new.keras")
        model.save(place / "model.h5")
        (place / "new.keras").rename(path)
    x = inputs_of(MODELS[name], model, batch)
    np.savez(place / f"reference_{batch}.npz", x=x, y=np.asarray(model(x[:CHECK_ROWS], training=False)))
    fix_normalizations(model)
    failed = {}
    for kind, pattern in FORMATS.items():
        target = place / pattern.format(batch=batch)
        if target.exists():
            continue
        mark = place / f"converting_{target.name}"  # stays behind when the converter takes the process with it
        if mark.exists():
            failed[kind] = "conversion was killed, probably for want of memory"
            continue
        mark.touch()
        try:
            convert(model, target, kind, batch)
        except Exception as error:
            failed[kind] = f"conversion failed: {(str(error) or type(error).__name__).splitlines()[0][:200]}"
        mark.unlink()
    facts = {
        "inputs": [tensor.name for tensor in model.inputs],
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "failed": failed,
    }
    (place / f"ready_{batch}.json").write_text(json.dumps(facts, indent=1))


def inputs_of(case: Case, model: Any, batch: int) -> np.ndarray[Any, Any]:
    """Seeded inputs of `batch` rows."""
    shape = (batch, *model.inputs[0].shape[1:])
    rng = np.random.default_rng(SEED)
    if case.vocabulary is not None:
        return rng.integers(0, case.vocabulary, shape).astype("int32")
    return rng.standard_normal(shape).astype("float32")


def fix_normalizations(model: Any) -> None:
    """Makes what Normalization layers know plain constants: tf2onnx turns their tensors into inputs of the model."""
    for layer in model._flatten_layers(include_self=False):
        if type(layer).__name__ == "Normalization":
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)


def convert(model: Any, path: Path, kind: str, batch: int) -> None:
    """Writes the model in another format, through Keras' own exporters."""
    import keras

    (tensor,) = model.inputs
    rows = None if kind == "onnx" else batch
    signature = [keras.InputSpec(dtype=tensor.dtype, shape=(rows, *tensor.shape[1:]), name=tensor.name)]
    part = path.with_name(f"new_{path.name}")
    model.export(str(part), format=kind, input_signature=signature, verbose=False)
    if kind == "onnx":
        spell_erfc(part)
    part.rename(path)


def spell_erfc(path: Path) -> None:
    """Replaces Erfc, which tf2onnx passes on from TensorFlow's GELU and ONNX does not have, by 1 - Erf."""
    import onnx

    model = onnx.load(path)
    nodes, found = [], 0
    for node in model.graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        found += 1
        middle = f"{node.output[0]}/erf"
        nodes.append(onnx.helper.make_node("Erf", [node.input[0]], [middle]))
        nodes.append(onnx.helper.make_node("Sub", ["one_of_erfc", middle], [node.output[0]]))
    if found:
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(1), "one_of_erfc"))
        onnx.save(model, path)


def main() -> None:
    """Entry point."""
    folder, name, batch = sys.argv[1:]
    warnings.simplefilter("ignore")
    prepare(Path(folder), name, int(batch))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    main()
