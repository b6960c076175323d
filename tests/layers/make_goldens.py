"""Writes goldens/<family>.keras<2|3>.npz with the Keras that is installed.

Run once under Keras 2.15 and once under Keras 3.15:

    python tests/layers/make_goldens.py [--only NAME_PART] [family ...]

Each case stores `<case>/config` (the model's JSON), `<case>/w/<layer>/<i>/<weight name>`, `<case>/x/<i>` and
`<case>/y/<i>`. Data and weights are seeded by the case's name, so an unchanged row makes an unchanged golden.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import zipfile
import zlib
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import keras  # noqa: E402
import numpy as np  # noqa: E402

from layers.cases import Case, cases_of, families  # noqa: E402

DIALECT = int(keras.__version__.split(".")[0])


def data(case: Case, rng: np.random.Generator) -> list[np.ndarray]:
    """Seeded inputs for a case."""
    arrays = []
    for shape in case.shapes:
        if case.dtype == "string":
            arrays.append(
                np.array([text.encode() for text in case.texts])[rng.integers(0, len(case.texts), size=shape)]
            )
            continue
        if case.vocab is None:
            array = rng.normal(size=shape) * case.scale
            if case.dtype.startswith("complex"):
                array = array + 1j * rng.normal(size=shape)
        else:
            array = rng.integers(case.low, case.vocab, size=shape)
        if case.pad and len(shape) > 1:
            for row in range(shape[0]):
                count = round(case.pad * row / max(1, shape[0] - 1) * shape[1])
                array[row, slice(count) if case.left else slice(shape[1] - count, None)] = 0
        arrays.append(array.astype(case.dtype))
    return arrays


def randomise(model, rng: np.random.Generator) -> None:
    """Weights that hide nothing: random biases, scales and statistics."""
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.name
        if None in shape:  # the weights of words, which are as the case gives them
            continue
        if not np.issubdtype(stored(weight).dtype, np.floating):
            continue
        if "variance" in name:
            value = rng.uniform(0.3, 2.0, size=shape)
        elif "gamma" in name:
            value = rng.uniform(0.5, 1.5, size=shape)
        else:
            fan = max(1, int(np.prod(shape[:-1]))) if len(shape) > 1 else 4
            value = rng.normal(size=shape) / np.sqrt(fan) * 1.5
        weight.assign(value.astype(np.asarray(weight).dtype))
    for layer in model.layers:
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()  # as loading weights does


def build(case: Case, arrays: list[np.ndarray]):
    """The case's model: its own, or its layer applied to Inputs of the data's shapes."""
    made = case.make(keras)
    if isinstance(made, keras.Model):
        return made
    inputs = [keras.Input(shape=a.shape[1:], dtype=case.dtype, name=f"in{i}") for i, a in enumerate(arrays)]
    return keras.Model(inputs, made(inputs[0] if len(inputs) == 1 else inputs))


def flat(structure) -> list[np.ndarray]:
    """Outputs in Keras' flattening order (dicts by sorted key)."""
    if isinstance(structure, (list, tuple)):
        return [array for item in structure for array in flat(item)]
    if isinstance(structure, dict):
        return [array for key in sorted(structure) for array in flat(structure[key])]
    return [stored(structure)]


def stored(tensor) -> np.ndarray:
    """The array; bfloat16, which NumPy does not have, as float32, words as bytes, and sparse tensors dense."""
    if hasattr(tensor, "dense_shape"):
        import tensorflow as tf

        tensor = tf.sparse.to_dense(tf.sparse.reorder(tensor))
    array = np.asarray(tensor)
    array = array.astype("S") if array.dtype == object else array
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def golden(case: Case) -> dict[str, np.ndarray]:
    """Everything stored for one case."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(zlib.crc32(case.name.encode()))
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    arrays = data(case, rng)
    model = build(case, arrays)
    randomise(model, rng)
    if case.after is not None:
        case.after(keras, model)
    parts = {"config": np.frombuffer(model.to_json().encode(), np.uint8)}
    for layer in model.layers:
        for i, weight in enumerate([*layer.trainable_weights, *layer.non_trainable_weights]):
            name = getattr(weight, "path", weight.name).replace("/", "|")
            parts[f"w/{layer.name}/{i}/{name}"] = stored(weight).copy()  # the call may change it
    given = arrays[0] if len(arrays) == 1 else arrays
    outputs = model.predict_on_batch(given) if case.traced else model(given, training=False)
    parts.update({f"x/{i}": array for i, array in enumerate(arrays)})
    parts.update({f"y/{i}": array for i, array in enumerate(flat(outputs))})
    return parts


def write(path: Path, parts: dict[str, np.ndarray]) -> None:
    """An .npz with fixed dates, so that the same content gives the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in parts.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*")
    parser.add_argument("--only", default="", help="print the outcome of cases with this in their name; write nothing")
    options = parser.parse_args()
    for family in options.families if options.families else families():
        stored: dict[str, np.ndarray] = {}
        count = 0
        for case in cases_of(family):
            if DIALECT not in case.dialects or options.only not in case.name:
                continue
            try:
                parts = golden(case)
            except Exception as error:
                raise SystemExit(f"{family}/{case.name} under Keras {keras.__version__}: {error!r}") from error
            stored.update({f"{case.name}/{key}": array for key, array in parts.items()})
            count += 1
            if options.only:
                print(
                    case.name, json.loads(parts["config"].tobytes()), *(parts[k].shape for k in parts if k[:2] == "y/")
                )
        if options.only or not count:
            continue
        stored["keras_version"] = np.frombuffer(keras.__version__.encode(), np.uint8)
        path = HERE / "goldens" / f"{family}.keras{DIALECT}.npz"
        path.parent.mkdir(exist_ok=True)
        write(path, stored)
        print(f"{path.name}: {count} cases, {path.stat().st_size / 1024:.0f} KiB, Keras {keras.__version__}")


if __name__ == "__main__":
    main()
