"""Writes real_models.keras1.npz: what Keras 1.2.2 predicts for the published Keras 1 files, in float32 and in float64.

    python -m venv .venv-keras1    # of Python 3.6, which Keras 1.2.2 needs
    .venv-keras1/bin/pip install keras==1.2.2 theano==1.0.5 tensorflow==1.15.5 'protobuf<3.20' 'numpy==1.16.*' \
        'h5py==2.10.*' 'scipy<1.5' 'pyyaml<6'
    .venv-keras1/bin/python tests/make_keras1_outputs.py

The files are those of the folder KMIN_REAL_MODELS. Each runs on the backend that trained it, in a process of its own.
"""

# ruff: noqa

import csv
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.environ.get(
    "KMIN_REAL_MODELS", os.path.join(os.path.dirname(os.path.dirname(HERE)), "shared", "real_models")
)


def backend_of(path):
    """TensorFlow's weight names end in `:0`; Theano's do not."""
    import h5py

    names = []
    with h5py.File(path, "r") as file:
        for group in file.get("model_weights", file).values():
            names += [str(name).rstrip("'") for name in group.attrs.get("weight_names", ())]
    return "tensorflow" if any(name.endswith(":0") for name in names) else "theano"


def jobs():
    """(file, architecture or None) of every published Keras 1 model that has its weights."""
    with open(os.path.join(FOLDER, "INDEX.csv")) as file:
        for row in csv.DictReader(file):
            place = os.path.join(FOLDER, "files", row["arch"]) if row["arch"] else None
            if place is not None and os.path.exists(place):
                with open(place) as text:
                    version = json.load(text).get("keras_version", "1")
                if str(version).startswith("1"):
                    yield row["file"], place
            elif row["kind"] == "model" and row["keras_version"].startswith("1") and "Lambda" not in row["layers"]:
                yield row["file"], None


def predict(name, architecture, precision, target):
    """In a process of its own, as Keras 1 keeps its backend and its precision for life."""
    os.environ["THEANO_FLAGS"] = "device=cpu,floatX=" + precision
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    path = os.path.join(FOLDER, "files", name)
    os.environ["KERAS_BACKEND"] = backend_of(path)
    if os.environ["KERAS_BACKEND"] == "theano":
        import theano.ifelse  # Keras 1.2.2 uses it without importing it
    import h5py
    import keras
    import numpy as np

    keras.backend.set_floatx(precision)
    keras.backend.set_image_dim_ordering("tf")
    sys.path.insert(0, HERE)
    from keras1_inputs import inputs_for

    if architecture:
        with open(architecture) as file:
            config = file.read()
    else:
        with h5py.File(path, "r") as file:
            config = file.attrs["model_config"]
            config = config.decode() if isinstance(config, bytes) else config
    model = keras.models.model_from_json(config.replace('"float32"', '"%s"' % precision))
    if architecture:
        model.load_weights(path)
    else:
        with h5py.File(path, "r") as file:
            model.load_weights_from_hdf5_group(file["model_weights"])
    words = [layer.input_dim for layer in model.layers if type(layer).__name__ == "Embedding"]
    arrays = inputs_for(
        name, [tuple(tensor._keras_shape) for tensor in model.inputs], min(words + [10**9]) if words else 0
    )
    outputs = model.predict(arrays)
    np.savez(target, *(outputs if isinstance(outputs, list) else [outputs]))


def main():
    import numpy as np

    kept = {}
    for name, architecture in jobs():
        for precision in ("float32", "float64"):
            with tempfile.TemporaryDirectory() as folder:
                target = os.path.join(folder, "outputs.npz")
                command = [sys.executable, "-W", "ignore", __file__, name, architecture or "", precision, target]
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                if done.returncode:
                    print(name, precision, done.stderr.decode().strip().splitlines()[-1])
                    continue
                with np.load(target) as arrays:
                    for key in arrays.files:
                        kept["%s|%s|%s" % (name, precision, key)] = arrays[key]
                        print(name, precision, arrays[key].shape, arrays[key].dtype, abs(arrays[key]).max())
    np.savez_compressed(os.path.join(HERE, "real_models.keras1.npz"), **kept)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        predict(*sys.argv[1:])
    else:
        main()
