"""Writes goldens/keras<2|3>.zip: every case as .h5 and .keras, with inputs, outputs and each layer's weights.

Run once under Keras 2.15 and once under Keras 3.15:

    python tests/formats/make_goldens.py
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import keras  # noqa: E402
import numpy as np  # noqa: E402

from cases import CASES  # noqa: E402

DIALECT = int(keras.__version__.split(".")[0])


def randomise(model, rng: np.random.Generator) -> None:
    for weight in model.weights:
        if np.issubdtype(np.asarray(weight).dtype, np.floating):
            low = 0.3 if "variance" in weight.name else -0.8
            weight.assign(rng.uniform(low, 0.9, size=tuple(weight.shape)).astype("float32"))


def inside(layer) -> list[tuple[str, object]]:
    """Sub-layers by the step that leads to them in a kmin spec."""
    if isinstance(layer, keras.Model):
        return [(f"/{item.name}", item) for item in layer.layers]
    if isinstance(layer, keras.layers.Bidirectional):
        return [(".forward_layer", layer.forward_layer), (".backward_layer", layer.backward_layer)]
    if isinstance(layer, (keras.layers.TimeDistributed, keras.layers.SpectralNormalization)):
        return [(".layer", layer.layer)]
    if type(layer).__name__ == "RNN":
        return [(".cell", layer.cell)]
    if isinstance(layer, keras.layers.StackedRNNCells):
        return [(f".cells/{i}", cell) for i, cell in enumerate(layer.cells)]
    return []


def collect(layer, path: str, found: dict[str, np.ndarray]) -> None:
    """The weights that each layer owns, children apart."""
    children = inside(layer)
    for step, child in children:
        collect(child, path + step, found)
    below = {id(w) for _, child in children for w in child.weights}
    for weight in layer.weights:
        if id(weight) not in below:
            name = getattr(weight, "path", weight.name).split(":")[0]
            parts = name.split("/")
            short = parts[-1]
            if type(layer).__name__ == "MultiHeadAttention":
                short = "/".join(parts[-2:])
            if "Depthwise" in type(layer).__name__:
                short = short.replace("depthwise_kernel", "kernel")
            found[f"{path}|{short}"] = np.asarray(weight)


def flat(structure) -> list[np.ndarray]:
    if isinstance(structure, (list, tuple)):
        return [array for item in structure for array in flat(item)]
    if isinstance(structure, dict):
        return [array for key in structure for array in flat(structure[key])]
    return [np.asarray(structure)]


def make(name: str, folder: Path) -> dict[str, bytes]:
    """Archive members of one case."""
    keras.backend.clear_session()
    seed = zlib.crc32(name.encode())
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = CASES[name](keras)
    randomise(model, rng)
    inputs = []
    for tensor in model.inputs:
        shape = (3, *tensor.shape[1:])
        integers = name == "masked"
        inputs.append((rng.integers(0, 7, shape) if integers else rng.normal(size=shape)).astype("float32"))
    if name == "normalization":
        for weight in model.layers[0].weights:
            if not weight.shape:
                weight.assign(12)
        model.layers[0].finalize_state()
    fed = dict(zip(("a", "b"), inputs[:2], strict=False)) if name == "dict_ends" else inputs
    outputs = model(inputs[0] if len(inputs) == 1 else fed, training=False)
    parts: dict[str, np.ndarray] = {}
    collect(model, "", parts)
    arrays = {f"w|{key}": value for key, value in parts.items()}
    arrays |= {f"x|{i}": array for i, array in enumerate(inputs)}
    if isinstance(outputs, dict):
        arrays |= {f"y|{key}": np.asarray(outputs[key]) for key in outputs}
    else:
        arrays |= {f"y|{i}": array for i, array in enumerate(flat(outputs))}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    members = {f"{name}.npz": buffer.getvalue()}
    for extension in ("h5", "keras"):
        path = folder / f"{name}.{extension}"
        model.save(path)
        members[path.name] = path.read_bytes()
    return members


def main() -> None:
    target = HERE / "goldens" / f"keras{DIALECT}.zip"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        for name in sorted(CASES):
            for member, data in make(name, Path(folder)).items():
                archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_LZMA)
            print(name)
    print(f"{target.name}: {target.stat().st_size / 1024:.0f} KiB, Keras {keras.__version__}")


if __name__ == "__main__":
    main()
